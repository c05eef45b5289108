"""Fills fold into positions without losing a digit."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.matching.booking import apply_fill, fold_fills
from desk.matching.money import EXACT
from desk.model.books import Position
from desk.model.instrument import Side
from desk.model.orders import Barriers, Fill
from tests.desk.matching.markets import START

SHARED = Path(__file__).parents[4] / "shared" / "conformance" / "fx_pnl_conversion.json"


def fill(side: Side, quantity: str, price: str, number: int = 1) -> Fill:
    at = START + timedelta(minutes=number)
    return Fill(f"T{number}", "a", "XAU/USD", side, Decimal(quantity), Decimal(price), Decimal(0), "USD", at)


BUY, SELL = Side.BUY, Side.SELL
FILLS = st.lists(
    st.builds(
        lambda side, quantity, price: (side, str(quantity), str(price)),
        st.sampled_from(Side),
        st.decimals("0.00000001", "1000", places=8),
        st.decimals("0.00000001", "100000", places=8),
    ),
    min_size=1,
    max_size=12,
).map(lambda rows: [fill(*row, number) for number, row in enumerate(rows)])


def test_the_first_fill_opens_a_position_with_the_barriers_of_its_order() -> None:
    booking = apply_fill(None, fill(SELL, "3", "100"), barriers=Barriers(stop=Decimal(105)), strategy="momentum")
    assert booking.position == Position(
        "XAU/USD", Decimal(-3), Decimal(-300), START + timedelta(minutes=1), Barriers(stop=Decimal(105)), "momentum"
    )
    assert (booking.realised_profit, booking.closed_quantity) == (0, 0)


@pytest.mark.parametrize(
    ("rows", "quantity", "cost", "profit", "closed"),
    [
        ([(BUY, "10", "100"), (BUY, "10", "110")], "20", "2100", "0", "0"),
        ([(BUY, "10", "100"), (BUY, "10", "110"), (SELL, "5", "120")], "15", "1575", "75", "5"),
        ([(BUY, "10", "100"), (SELL, "10", "90")], None, None, "-100", "10"),
        ([(SELL, "10", "100"), (BUY, "4", "90")], "-6", "-600", "40", "4"),
        ([(BUY, "10", "100"), (SELL, "15", "110")], "-5", "-550", "100", "10"),
        ([(SELL, "10", "100"), (BUY, "15", "110")], "5", "550", "-100", "10"),
        ([(BUY, "3", "1"), (BUY, "4", "2"), (SELL, "1", "2")], "6", "9.42857143", "0.42857143", "1"),
    ],
)
def test_fills_are_netted_at_average_cost(
    rows: list[tuple[Side, str, str]], quantity: str | None, cost: str | None, profit: str, closed: str
) -> None:
    booking = fold_fills(fill(*row, number) for number, row in enumerate(rows))
    held = booking.position
    assert (held and held.quantity, held and held.cost) == (quantity and Decimal(quantity), cost and Decimal(cost))
    assert (booking.realised_profit, booking.closed_quantity) == (Decimal(profit), Decimal(closed))


def test_an_addition_keeps_the_opening_time_and_takes_over_new_barriers() -> None:
    opened = apply_fill(None, fill(BUY, "1", "100", 1), barriers=Barriers(stop=Decimal(95))).position
    plain = apply_fill(opened, fill(BUY, "1", "100", 2)).position
    moved = apply_fill(opened, fill(BUY, "1", "100", 2), barriers=Barriers(stop=Decimal(97))).position
    assert opened is not None
    assert plain is not None
    assert moved is not None
    assert (plain.opened_at, plain.barriers, moved.barriers.stop) == (opened.opened_at, opened.barriers, 97)


def test_a_turned_position_is_a_new_one() -> None:
    opened = apply_fill(None, fill(BUY, "1", "100", 1), barriers=Barriers(stop=Decimal(95)), strategy="one").position
    turned = apply_fill(opened, fill(SELL, "3", "100", 2), strategy="two").position
    assert turned is not None
    assert (turned.quantity, turned.strategy, turned.barriers) == (-2, "two", Barriers())
    assert turned.opened_at == START + timedelta(minutes=2)


@given(FILLS)
def test_profits_of_a_flat_account_are_what_was_received_less_what_was_paid(fills: list[Fill]) -> None:
    position, profit = None, Decimal(0)
    with localcontext(EXACT):
        spent = sum((one.quantity * one.price * one.side.sign for one in fills), Decimal(0))
        for one in fills:
            position, realised, _ = apply_fill(position, one)
            profit += realised
        open_cost = position.cost if position else Decimal(0)
        # Each booking rounds once, to the nearest eighth decimal, where a whole position is closed.
        assert abs(profit - (open_cost - spent)) <= len(fills) * Decimal("0.000000005")


@given(FILLS.map(lambda fills: [replace(one, price=one.price.quantize(Decimal(1)) + 1) for one in fills]))
def test_profits_add_up_to_the_last_digit_where_a_notional_has_eight_decimals(fills: list[Fill]) -> None:
    booking = fold_fills(fills)
    with localcontext(EXACT):
        spent = sum((one.quantity * one.price * one.side.sign for one in fills), Decimal(0))
        assert booking.realised_profit == (booking.position.cost if booking.position else 0) - spent


@given(FILLS, st.randoms(use_true_random=False))
def test_a_booking_is_a_function_of_the_set_of_fills(fills: list[Fill], random: Any) -> None:
    shuffled = [*fills, *fills[:3]]
    random.shuffle(shuffled)
    assert fold_fills(shuffled) == fold_fills(fills)


def test_fills_of_one_instant_are_taken_in_the_order_of_their_numbers() -> None:
    ninth, tenth = (replace(fill(BUY, "1", "100"), venue_trade_id=name) for name in ("T9", "T10"))
    closing = replace(tenth, side=SELL, price=Decimal(90))
    assert fold_fills([closing, ninth]) == fold_fills([ninth, closing])
    assert fold_fills([closing, ninth]).realised_profit == -10


@given(FILLS)
def test_quantity_is_the_sum_of_the_fills_and_none_is_zero(fills: list[Fill]) -> None:
    position = fold_fills(fills).position
    assert (position.quantity if position else 0) == sum(one.quantity * one.side.sign for one in fills)
    assert position is None or position.quantity != 0


def test_fills_of_another_instrument_are_not_booked() -> None:
    opened = apply_fill(None, fill(BUY, "1", "100")).position
    with pytest.raises(AssertionError, match="EUR/USD"):
        apply_fill(opened, replace(fill(BUY, "1", "100"), instrument="EUR/USD"))


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/conformance")
def test_profits_in_account_currency_agree_with_the_published_examples() -> None:
    cases = [case for case in json.loads(SHARED.read_text())["pnl"] if "account_pl_exact" in case]
    assert len(cases) >= 7
    for case in cases:
        opening, closing = (BUY, SELL) if case["side"] == "long" else (SELL, BUY)
        won = Decimal(case["quote_pl"]) >= 0
        rate = Decimal(case["gain_quote_home" if won else "loss_quote_home"])
        held = apply_fill(None, fill(opening, str(case["units"]), case["open"])).position
        booking = apply_fill(held, fill(closing, str(case["units"]), case["close"]), rate=rate)
        assert booking.realised_profit == Decimal(case["account_pl_exact"]), case["id"]
