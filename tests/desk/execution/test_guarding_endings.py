"""When the watch closes a position or a part of it, by which order, and with the words that it says."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.execution.guarding import watch
from desk.execution.plan import client_order_id
from desk.execution.stops import StopKeeping
from desk.execution.watching import WATCH, Cancel, Place
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderIntent, OrderState, OrderType, TimeInForce
from tests.builders import CLOSE, EUR_USD
from tests.desk.execution.looks import AT, ENTRY, NAME, STOP, TARGET, decided, look, only, order, policy, position

OVERDUE = decided(barriers=Barriers(stop=STOP, time_limit=timedelta(minutes=5)))
TOLD = "open for 0:10:00, allowed are 0:05:00"
DESK, HOLDING = StopKeeping.DESK, StopKeeping.HOLDING


def closing(quantity: object = 1000, *, leg: str = "close 1", side: Side = Side.SELL) -> OrderIntent:
    return OrderIntent(
        client_order_id=client_order_id("sample", WATCH, NAME, CLOSE, leg),
        account="sample",
        strategy=WATCH,
        instrument=NAME,
        candle_close=CLOSE,
        side=side,
        type=OrderType.MARKET,
        quantity=Decimal(str(quantity)),
        time_in_force=TimeInForce.IOC,
        reduce_only=True,
    )


def test_a_position_is_closed_at_market_and_its_stop_stays_until_it_is_gone():
    assert only(look(orders=(order(),), known=OVERDUE)) == Place(closing(), TOLD, is_loud=True)


def test_where_the_stop_holds_back_what_is_to_be_sold_ours_goes_first_and_that_of_a_person_stays():
    stops = (order(), order("by-hand"))
    assert watch(look(orders=stops, known=OVERDUE), policy(HOLDING)) == (
        Cancel(order(), "it holds back what is to be sold"),
        Place(closing(), TOLD, is_loud=True),
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"bid": "1.08"}, "the price has reached its stop 1.09, and the venue holds none"),
        ({"naked_since": {NAME: AT - timedelta(seconds=10)}}, "no stop could be placed at 1.09 for 0:00:10"),
        ({"bid": "1.12"}, "the price has reached its target 1.12, and the venue holds none"),
    ],
)
def test_what_ends_a_position_is_said(changes, told):
    assert only(look(**changes)) == Place(closing(), told, is_loud=True)


def test_a_position_that_got_its_stop_in_time_is_not_closed():
    assert watch(look(orders=(order(),), naked_since={NAME: CLOSE}), policy()) == ()


def test_a_short_position_ends_where_it_can_be_bought_back_at_its_target():
    short = decided("-1000", barriers=Barriers(stop=Decimal("1.15"), target=Decimal("1.08")))
    seen = {"positions": (position("-1000"),), "known": short}
    assert watch(look(bid="1.08", **seen), policy(DESK)) == ()
    told = "the price has reached its target 1.08, and the venue holds none"
    assert only(look(bid="1.07999", **seen), policy(DESK)) == Place(closing(side=Side.BUY), told, is_loud=True)


def test_a_position_without_a_decided_stop_has_its_target_and_its_time_all_the_same():
    without = decided(barriers=Barriers(target=TARGET))
    assert only(look(bid="1.12", known=without)).intent == closing()
    assert only(look(known=replace(without, barriers=Barriers(time_limit=timedelta(0))))).intent == closing()


@pytest.mark.parametrize(
    "changes",
    [
        {"type": OrderType.MARKET, "price": None, "state": OrderState.REJECTED},
        {"type": OrderType.MARKET, "price": None, "state": OrderState.FILLED},
        {"type": OrderType.STOP, "state": OrderState.ACKED},
    ],
)
def test_only_an_order_that_closes_and_may_be_filled_keeps_the_next_one_back(changes):
    before = order("sd-before", at=AT - timedelta(seconds=1), **changes)
    known = replace(OVERDUE, orders=(before,))
    assert watch(look(known=known), policy())[-1] == Place(closing(leg="close 2"), TOLD, is_loud=True)


@pytest.mark.parametrize("state", [OrderState.CANCELLED, OrderState.REJECTED])
def test_where_stops_hold_back_what_they_sell_one_that_has_ended_does_not_put_the_closing_off(state):
    made_way = order(state=state, at=AT - timedelta(seconds=1))
    known = replace(OVERDUE, orders=(made_way,))
    assert only(look(known=known), policy(HOLDING)) == Place(closing(leg="close 2"), TOLD, is_loud=True)


@pytest.mark.parametrize(("seconds", "closes"), [(29, False), (30, True)])
def test_an_order_that_closes_and_was_taken_is_waited_for_for_so_long(seconds, closes):
    taken = order("sd-close", type=OrderType.MARKET, price=None, at=AT - timedelta(seconds=seconds))
    actions = watch(look(bid="1.08", known=decided(orders=(taken,))), policy(DESK))
    assert bool(actions) is closes


def test_less_than_a_lot_cannot_be_closed_and_nothing_is_sent():
    assert watch(look(positions=(position("0.5"),), known=OVERDUE, orders=(order(),)), policy(DESK)) == ()


# A part

LARGE = {"orders": (order(),), "bid": "1.12"}
HALF = policy(partial_exit_at=Decimal(2))
WITHOUT_TARGET = decided(barriers=Barriers(stop=STOP))


def test_half_is_closed_at_market_once_the_profit_is_the_multiple_of_what_was_risked():
    assert watch(look(orders=(order(),), bid="1.11999", known=WITHOUT_TARGET), HALF) == ()
    told = "the profit is 0.02 a unit, 0.01 were risked"
    assert only(look(**LARGE, known=WITHOUT_TARGET), HALF) == Place(
        closing(500, leg="partial exit"), told, is_loud=True
    )


def test_a_part_of_a_short_position_is_closed_at_the_price_at_which_it_can_be_bought_back():
    short = decided("-1000", barriers=Barriers(stop=Decimal("1.11")))
    seen = {
        "positions": (position("-1000"),),
        "known": short,
        "orders": (order(side=Side.BUY, price=Decimal("1.11")),),
    }
    assert watch(look(bid="1.08", **seen), HALF) == ()
    assert only(look(bid="1.07999", **seen), HALF).intent == closing(500, leg="partial exit", side=Side.BUY)


@pytest.mark.parametrize(
    "changes",
    [
        {"known": decided(barriers=Barriers(trailing_distance=Decimal("0.02")))},
        {"known": decided(barriers=Barriers(stop=ENTRY)), "orders": (order(price=ENTRY),)},
        {"known": WITHOUT_TARGET, "tradable": False},
        {"known": WITHOUT_TARGET, "quotes": {}},
    ],
)
def test_no_part_is_closed_where_nothing_was_risked_or_nothing_can_be_traded(changes):
    nearer = order("sd-near", price=Decimal("1.10"))
    assert watch(look(**{**LARGE, "orders": (nearer,), **changes}), HALF) == ()


@pytest.mark.parametrize(("minimum", "closes"), [(500, True), (501, False)])
def test_a_part_is_closed_where_the_venue_takes_an_order_so_small(minimum, closes):
    known = {NAME: replace(EUR_USD, minimum_quantity=Decimal(minimum))}
    assert bool(watch(look(**LARGE, known=WITHOUT_TARGET, instruments=known), HALF)) is closes


@pytest.mark.parametrize(("held", "closes"), [("501", True), ("500", False)])
def test_what_is_left_of_a_position_is_never_closed_as_a_part(held, closes):
    seen = look(
        **{**LARGE, "orders": (order(quantity=Decimal(held)),)}, positions=(position(held),), known=WITHOUT_TARGET
    )
    assert bool(watch(seen, HALF)) is closes


def test_a_part_is_closed_and_the_stop_is_brought_to_the_entry_at_the_same_look():
    how = replace(HALF, break_even_at=Decimal(1))
    part, stop = watch(look(**LARGE, known=WITHOUT_TARGET), how)
    assert isinstance(part, Place)
    assert isinstance(stop, Place)
    assert (part.intent.quantity, stop.intent.price) == (500, ENTRY)
