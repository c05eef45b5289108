"""Adjustments: they lead to what the venue holds, in one pass, under ids that are the same every time."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, localcontext
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.execution.adjusting import (
    PREFIX,
    Difference,
    adjust,
    compare_positions,
    external_quantities,
    quantity_of,
    tolerances_of,
)
from desk.execution.reconciliation import Failed
from desk.matching.booking import apply_fill
from desk.model.books import Position
from desk.model.externals import Externals
from desk.model.instrument import Side
from desk.model.orders import Fill, FillReason
from tests.builders import BTC_USD, CLOSE, EUR_USD, quote

TABLE = Path(__file__).parents[4] / "shared" / "conformance" / "reconciliation_table.json"
NAME = "EUR/USD"

quantities = st.decimals("-1000000", "1000000", places=5).filter(lambda quantity: quantity != 0)
prices = st.decimals("0.0001", "100000", places=6)


def held(quantity: object, price: object = "1.1") -> Position | None:
    signed = Decimal(str(quantity))
    return Position(NAME, signed, signed * Decimal(str(price)), CLOSE, strategy="constant") if signed else None


positions = st.none() | st.builds(held, quantities, prices)


def differences(ledger: Position | None, venue: Position | None, after: str = "") -> tuple[Difference, ...]:
    ours, theirs = ((position,) if position else () for position in (ledger, venue))
    return compare_positions(ours, theirs, tolerances={}, newest={NAME: after})


def adjusted(ledger: Position | None, venue: Position | None) -> tuple[Fill, ...]:
    return tuple(fill for found in differences(ledger, venue) for fill in adjust("sample", found, at=CLOSE))


def folded(ledger: Position | None, fills: tuple[Fill, ...]) -> Position | None:
    for fill in fills:
        ledger = apply_fill(ledger, fill).position
    return ledger


def _rows() -> list[dict[str, object]]:
    return json.loads(TABLE.read_text())["position_scenarios"] if TABLE.exists() else []


def test_the_table_of_another_platform_is_there() -> None:
    if not TABLE.exists():
        pytest.skip("the conformance tables are not part of the project")
    assert len(_rows()) == 6


SIGNED = {
    "synthetic BUY 50 at price giving venue avg": [50],
    "synthetic SELL 50": [-50],
    "close 100 then open short 50": [-100, -50],
    "nothing": [],
    "skip; never treat as flat": [],
}


@pytest.mark.parametrize("row", _rows(), ids=lambda row: f"{row['internal']}-{row['venue']}")
def test_a_position_is_adjusted_as_in_the_table_of_another_platform(row: dict[str, object]) -> None:
    failed = row["venue"] == "query failed"
    ledger, venue = held(100 if failed else row["internal"]), None if failed else held(row["venue"])
    if failed:
        assert ledger is not None
        assert compare_positions([ledger], Failed("no answer"), tolerances={}) == ()
        return
    fills = adjusted(ledger, venue)
    assert [fill.quantity * fill.side.sign for fill in fills] == SIGNED[str(row["action"])]
    assert quantity_of(folded(ledger, fills)) == row["venue"]


@given(positions, positions)
def test_the_quantity_is_the_venues_to_the_last_digit_and_the_average_within_a_hundredth_of_a_percent(
    ledger: Position | None, venue: Position | None
) -> None:
    after = folded(ledger, adjusted(ledger, venue))
    assert quantity_of(after) == quantity_of(venue)
    if after is not None and venue is not None and quantity_of(ledger) != venue.quantity:
        assert abs(after.average_price - venue.average_price) <= venue.average_price * Decimal("0.0001001")


@given(positions, positions)
def test_the_open_profit_is_the_venues_and_no_profit_is_realised(
    ledger: Position | None, venue: Position | None
) -> None:
    fills, realised = adjusted(ledger, venue), Decimal(0)
    position = ledger
    for fill in fills:
        booking = apply_fill(position, fill)
        position, realised = booking.position, realised + booking.realised_profit
    assert abs(realised) <= Decimal("0.00000001")
    if position is not None and venue is not None and fills:
        now = replace(quote(NAME), bid=venue.average_price, ask=venue.average_price)
        assert abs(position.unrealised_profit(now) - venue.unrealised_profit(now)) <= abs(venue.cost) * Decimal(
            "0.0001001"
        )


@given(positions, positions)
def test_one_pass_is_enough(ledger: Position | None, venue: Position | None) -> None:
    after = folded(ledger, adjusted(ledger, venue))
    assert differences(after, venue) == ()


@given(positions, positions)
def test_ids_are_the_same_after_a_restart_and_whatever_the_time_is(
    ledger: Position | None, venue: Position | None
) -> None:
    for found in differences(ledger, venue):
        first, second = (adjust("sample", found, at=CLOSE + timedelta(hours=hours)) for hours in (0, 5))
        assert [fill.venue_trade_id for fill in first] == [fill.venue_trade_id for fill in second]
        assert len({fill.venue_trade_id for fill in first}) == len(first)


def test_an_id_is_known_for_what_it_is_and_does_not_change() -> None:
    [fill] = adjusted(held(100), held(150))
    assert fill.venue_trade_id == "adj-jplxuixvwjqamtdzbu7voizs"
    assert fill.venue_trade_id.startswith(PREFIX)
    assert (fill.reason, fill.fee, fill.fee_currency) == (FillReason.ADJUSTMENT, 0, "USD")


def test_the_same_quantities_written_otherwise_have_the_same_id() -> None:
    [[one], [other]] = (adjusted(held(100), held(text)) for text in ("150", "150.00"))
    assert one.venue_trade_id == other.venue_trade_id


@pytest.mark.parametrize(("account", "after"), [("other", ""), ("sample", "T7")])
def test_an_id_is_another_for_another_account_and_after_another_fill(account: str, after: str) -> None:
    [found], [later] = differences(held(0), held(5)), differences(held(0), held(5), after)
    first, second = adjust("sample", found, at=CLOSE), adjust(account, later, at=CLOSE)
    assert first[0].venue_trade_id != second[0].venue_trade_id


def test_what_was_closed_by_hand_is_closed_at_the_average_price_of_the_ledger() -> None:
    [fill] = adjusted(held(100, "1.2"), None)
    assert (fill.side, fill.quantity, fill.price) == (Side.SELL, 100, Decimal("1.2"))


def test_what_was_bought_by_hand_is_booked_at_the_price_that_gives_the_average_of_the_venue() -> None:
    [fill] = adjusted(held(100, "1.2"), held(150, "1.3"))
    assert (fill.side, fill.quantity, fill.price) == (Side.BUY, 50, Decimal("1.5"))


def test_where_one_fill_would_have_no_price_the_position_is_closed_and_opened_anew() -> None:
    closing, opening = adjusted(held(100, "1.2"), held(110, "1"))
    assert (closing.quantity, closing.price, opening.quantity, opening.price) == (100, Decimal("1.2"), 110, Decimal(1))


def test_two_legs_are_booked_one_after_the_other() -> None:
    closing, opening = adjusted(held(100, "1.2"), held(-50, "1.3"))
    assert opening.at - closing.at == timedelta(microseconds=1)
    assert (closing.price, opening.price) == (Decimal("1.2"), Decimal("1.3"))


@pytest.mark.parametrize(("quantity", "is_same"), [("100.4", True), ("99.6", True), ("101", False), ("99", False)])
def test_less_than_the_tolerance_is_no_difference(quantity: str, is_same: bool) -> None:
    ours, theirs = held(100), held(quantity)
    assert ours is not None
    assert theirs is not None
    found = compare_positions([ours], (theirs,), tolerances={NAME: Decimal(1)})
    assert (found == ()) is is_same


def test_a_difference_says_what_each_side_holds() -> None:
    [found] = differences(held(100), held(-50))
    assert str(found) == "EUR/USD: the desk's fills add up to 100, the venue holds -50"
    assert found.quantity == -150


# Coins are bought whole, and less than can be sold is none.
WIDE = replace(EUR_USD, minimum_quantity=Decimal(10))
COARSE = replace(BTC_USD, lot=Decimal(1))


def test_less_than_a_lot_is_no_difference_and_of_coins_less_than_can_be_sold() -> None:
    found = tolerances_of({"wide": WIDE, "coins": BTC_USD, "coarse": COARSE})
    assert found == {"wide": Decimal(1), "coins": Decimal("0.000001"), "coarse": Decimal(1)}


def test_what_nothing_was_booked_of_comes_after_nothing() -> None:
    ours = held(100)
    assert ours is not None
    for newest in (None, {}, {"USD/JPY": "T1"}):
        [found] = compare_positions([ours], (), tolerances={}, newest=newest)
        assert found.after == ""


def test_what_was_not_traded_by_the_desk_is_what_differs_and_what_others_opened() -> None:
    ours = [Position(name, Decimal(5), Decimal(5), CLOSE, strategy=name[:1]) for name in ("both", "apart")]
    strange = [replace(ours[0], strategy=""), replace(ours[0], instrument="strange", strategy="")]
    apart = [Difference(name, None, replace(ours[0], instrument=name)) for name in ("both", "apart")]
    found = external_quantities([*strange, ours[1]], apart, Externals.IGNORE)
    assert found == {"both": 10, "apart": 5, "strange": 5}


def test_for_an_account_that_adopts_only_what_differs_is_not_the_desks() -> None:
    ours = Position(NAME, Decimal(5), Decimal(5), CLOSE)
    apart = Difference("USD/JPY", None, replace(ours, instrument="USD/JPY", quantity=Decimal(-3)))
    assert external_quantities([ours], [apart], Externals.ADOPT) == {"USD/JPY": -3}


def test_an_adjustment_is_the_same_whatever_precision_the_process_computes_with() -> None:
    ledger, venue = held("123456.78", "1.234567"), held("223456.78", "1.345678")
    with localcontext(prec=5):
        rough = adjusted(ledger, venue)
    assert rough == adjusted(ledger, venue)


@pytest.mark.parametrize(("ledger", "venue", "quantities"), [("1.2", "0.8", [100, 150]), ("0.6", "0.5", [50])])
def test_one_fill_joins_two_positions_at_any_price_above_nothing(ledger: str, venue: str, quantities: list[int]):
    fills = adjusted(held(100, ledger), held(150, venue))
    assert [fill.quantity for fill in fills] == quantities


@pytest.mark.parametrize(("average", "legs"), [("1.0001", 1), ("1.00011", 2), ("0.9999", 1), ("0.99989", 2)])
def test_a_smaller_position_has_the_same_average_up_to_a_hundredth_of_a_percent(average: str, legs: int) -> None:
    fills = adjusted(held(100, "1"), held(50, average))
    assert (len(fills), fills[0].price) == (legs, Decimal(1))


def test_the_fill_of_an_adjustment_is_its_own_order_and_costs_nothing_in_the_quote_currency() -> None:
    held_now = Position("BTC/USDT:USDT", Decimal(2), Decimal(100), CLOSE)
    [fill] = adjust("sample", Difference("BTC/USDT:USDT", None, held_now), at=CLOSE)
    assert fill.client_order_id == fill.venue_trade_id
    assert (fill.fee, fill.fee_currency) == (0, "USDT")
