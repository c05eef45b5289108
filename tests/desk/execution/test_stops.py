"""Where a stop belongs, and what the stops at a venue cover: the same for a long position and for a short one."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.execution.stops import Decided, cover_of, covered, is_reached, left_of, level_for
from desk.model.books import Quote
from desk.model.instrument import Side
from desk.model.orders import Barriers, Order, OrderState, OrderType
from tests.builders import CLOSE, EUR_USD
from tests.desk.execution.looks import ENTRY, NAME, STOP, TARGET, decided, order, position

TICK = EUR_USD.tick
TRAILING = Barriers(trailing_distance=Decimal("0.01"))


def level(known: Decided, best: str, break_even_at: str | None = None) -> Decimal | None:
    held, multiple = position(str(known.quantity)), Decimal(break_even_at) if break_even_at else None
    return level_for(held, known, Decimal(best), multiple, EUR_USD)


def cover(*orders: Order, quantity: str = "1000", barriers: Barriers = decided().barriers, **changes):
    return cover_of(position(quantity, **changes), barriers, orders, EUR_USD)


prices = st.decimals(min_value="1.05", max_value="1.20", places=5)


@given(st.lists(prices, min_size=1, max_size=12), st.sampled_from(["1000", "-1000"]))
def test_a_stop_never_moves_against_its_position(path, quantity):
    sign = Side.BUY.sign if quantity == "1000" else Side.SELL.sign
    trailing = Barriers(stop=ENTRY - sign * Decimal("0.02"), trailing_distance=Decimal("0.01"))
    known, levels = decided(quantity, barriers=trailing), []
    for best in path:
        found = level_for(position(quantity), known, best, Decimal(1), EUR_USD)
        known = replace(known, orders=(*known.orders, order(f"sd-{len(levels)}", price=found)))
        levels.append(found * sign)
    assert levels == sorted(levels)
    assert levels[0] >= trailing.stop * sign


@pytest.mark.parametrize(
    ("quantity", "stop", "best", "expected"),
    [
        ("1000", "1.09", "1.11999", "1.09"),
        ("1000", "1.09", "1.12", "1.10"),
        ("-1000", "1.11", "1.08001", "1.11"),
        ("-1000", "1.11", "1.08", "1.10"),
    ],
)
def test_a_stop_moves_to_the_entry_once_the_profit_is_the_multiple_of_what_was_risked(quantity, stop, best, expected):
    known = decided(quantity, barriers=Barriers(stop=Decimal(stop)))
    assert level(known, best, "2") == Decimal(expected)
    assert level(known, best) == Decimal(stop)


@pytest.mark.parametrize(("quantity", "best", "expected"), [("1000", "1.12", "1.11"), ("-1000", "1.08", "1.09")])
def test_a_trailing_stop_without_a_fixed_one_stands_at_its_distance_behind_the_best_price(quantity, best, expected):
    assert level(decided(quantity, barriers=TRAILING), best) == Decimal(expected)


@pytest.mark.parametrize(
    ("quantity", "fixed", "moved_to", "little", "enough", "expected"),
    [
        ("1000", "1.09", "1.095", "1.10599", "1.106", "1.096"),
        ("-1000", "1.11", "1.105", "1.09401", "1.094", "1.104"),
    ],
)
def test_a_trailing_stop_that_was_moved_is_not_moved_again_for_little(
    quantity, fixed, moved_to, little, enough, expected
):
    moved = order("sd-moved", price=Decimal(moved_to))
    closing = order("sd-part", type=OrderType.MARKET, price=None)
    known = decided(quantity, barriers=replace(TRAILING, stop=Decimal(fixed)), orders=(moved, closing))
    assert level(known, little) == Decimal(moved_to)
    assert level(known, enough) == Decimal(expected)


def test_a_trailing_stop_is_not_moved_for_little():
    known = decided(barriers=replace(TRAILING, stop=STOP))
    assert [level(known, "1.1009"), level(known, "1.101")] == [STOP, Decimal("1.091")]


def test_a_stop_stands_on_the_tick():
    assert level(decided(barriers=Barriers(stop=Decimal("1.090004"))), "1.10") == STOP


def test_without_a_decided_stop_there_is_no_level():
    assert level(decided(barriers=Barriers(target=TARGET)), "1.2", "1") is None


@pytest.mark.parametrize("quantity", ["1000", "-1000"])
def test_a_stop_without_a_quantity_covers_all_and_one_that_is_filled_in_part_its_rest(quantity):
    whole, started = order(quantity=Decimal(0)), order("sd-part", filled_quantity=Decimal(400))
    held = position(quantity)
    assert (left_of(whole, held), left_of(started, held)) == (1000, 600)
    assert covered((whole, started), held) == 1600


@pytest.mark.parametrize(
    "changes",
    [
        {"instrument": "USD/JPY"},
        {"side": Side.BUY},
        {"reduce_only": False},
        {"state": OrderState.CANCELLED},
        {"type": OrderType.LIMIT},
    ],
)
def test_what_cannot_reduce_the_position_at_a_worse_price_does_not_cover_it(changes):
    assert not cover(order()).is_naked
    assert cover(order(**changes)).is_naked


@pytest.mark.parametrize(("quantity", "side", "sign"), [("1000", Side.SELL, 1), ("-1000", Side.BUY, -1)])
def test_what_waits_within_a_tick_of_the_target_is_the_target(quantity, side, sign):
    barriers = Barriers(target=TARGET)
    at_target, before_it = (
        cover(order(side=side, price=TARGET - sign * ticks * TICK), quantity=quantity, barriers=barriers)
        for ticks in (1, 2)
    )
    assert (at_target.is_naked, at_target.has_target) == (True, True)
    assert (before_it.is_naked, before_it.has_target) == (False, False)


def test_a_stop_that_hangs_on_the_position_covers_it_at_its_price_and_one_that_trails_at_none():
    assert cover().is_naked
    fixed = cover_of(position(barriers=Barriers(stop=STOP)), Barriers(), (), EUR_USD)
    trails = cover_of(position(barriers=TRAILING), Barriers(), (), EUR_USD)
    assert (fixed.hangs, fixed.level, trails.hangs, trails.level) == (True, STOP, True, None)


def test_a_target_rests_on_the_position_or_as_an_order():
    resting = order("sd-target", type=OrderType.LIMIT, price=TARGET)
    assert cover_of(position(barriers=Barriers(target=TARGET)), Barriers(), (), EUR_USD).has_target
    assert cover(order(), resting).has_target
    assert not cover(order()).has_target


@pytest.mark.parametrize("name", ["bracket-1", "sd-close-bracket1"])
def test_a_bracket_is_told_by_its_target_and_not_by_its_id(name):
    assert cover(order(name, target=TARGET)).has_target
    assert not cover(order(name)).has_target


def test_stops_are_told_from_the_oldest_to_the_newest():
    old, new = order("sd-b"), order("sd-a", at=CLOSE + timedelta(seconds=1))
    assert cover(new, old).stops == (old, new)


@pytest.mark.parametrize(
    ("quantity", "bid", "ask", "reached"),
    [
        ("1000", "1.11999", "1.12", False),
        ("1000", "1.12", "1.13", True),
        ("-1000", "1.12", "1.12001", False),
        ("-1000", "1.11", "1.12", True),
    ],
)
def test_a_target_is_reached_at_the_price_at_which_the_position_can_be_closed(quantity, bid, ask, reached):
    quote = Quote(NAME, Decimal(bid), Decimal(ask), CLOSE)
    assert is_reached(position(quantity), TARGET, quote) is reached
