"""The judge finds every kind of violation that is planted, and nothing where there is none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from desk.model.instrument import Side
from desk.model.orders import OrderState
from drill.evidence import Expected, LedgerBooks, LedgerOrder, TrueFill, Turn, VenueBooks, VenueEvent, VenueOrder
from drill.judging import NOTHING_DONE, Wrong, judge, longest_naked_time

OPENED = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
ENTRY, EXIT = "sd-" + "a" * 24, "sd-" + "b" * 24
HAND = "by-hand-1"
LOT = Decimal(1_000)


def venue_fill(name: str, side: Side, *, at: datetime = OPENED, gain: str = "0") -> TrueFill:
    return TrueFill(name, "EUR/USD", side, LOT, Decimal("1.1"), at, Decimal(gain))


def happened(turn: Turn, number: int, name: str, side: Side, after: float, *, stop: bool = False) -> VenueEvent:
    return VenueEvent(OPENED + timedelta(seconds=after), turn, number, name, "EUR/USD", side, LOT, stop)


ENTERED = (happened(Turn.CREATED, 1, ENTRY, Side.BUY, 0), happened(Turn.FILLED, 1, ENTRY, Side.BUY, 0))
STOPPED = happened(Turn.CREATED, 2, "", Side.SELL, 3, stop=True)
BOUGHT = VenueOrder(1, ENTRY, "EUR/USD", LOT, LOT, is_working=False)
VENUE = VenueBooks(
    orders=(BOUGHT,),
    fills=(venue_fill(ENTRY, Side.BUY, gain="-2.5"),),
    events=(*ENTERED, STOPPED),
    positions={"EUR/USD": LOT},
    opening_cash=Decimal(100_000),
    cash=Decimal("99997.5"),
    until=OPENED + timedelta(minutes=5),
)
LEDGER = LedgerBooks(
    orders=(LedgerOrder(ENTRY, "EUR/USD", OrderState.FILLED, LOT),),
    fills=(venue_fill(ENTRY, Side.BUY),),
    positions={"EUR/USD": LOT},
    profit=Decimal("-2.5"),
)


def found(venue: VenueBooks = VENUE, ledger: LedgerBooks = LEDGER, expected: Expected = NOTHING_DONE) -> list[Wrong]:
    return [violation.wrong for violation in judge(venue, ledger, expected)]


def test_books_that_agree_are_in_order() -> None:
    assert found() == []


def test_a_second_order_of_an_id_is_a_duplicate() -> None:
    second = replace(BOUGHT, number=7)
    assert Wrong.DUPLICATE in found(replace(VENUE, orders=(BOUGHT, second)))


def test_a_second_order_that_came_to_nothing_is_none() -> None:
    refused = replace(BOUGHT, number=7, filled_quantity=Decimal(0))
    assert found(replace(VENUE, orders=(BOUGHT, refused))) == []


def test_an_order_of_the_desk_that_was_never_planned_is_found() -> None:
    unplanned = VenueOrder(7, EXIT, "EUR/USD", LOT, Decimal(0), is_working=True)
    assert found(replace(VENUE, orders=(BOUGHT, unplanned))) == [Wrong.NOT_PLANNED]


def test_a_stop_beside_an_entry_is_planned_with_it() -> None:
    beside = VenueOrder(7, f"{ENTRY}-s", "EUR/USD", LOT, Decimal(0), is_working=True)
    assert found(replace(VENUE, orders=(BOUGHT, beside))) == []


@pytest.mark.parametrize("state", [OrderState.PLANNED, OrderState.SENDING, OrderState.UNKNOWN])
def test_an_order_without_an_outcome_is_found(state: OrderState) -> None:
    waiting = LedgerOrder(EXIT, "EUR/USD", state, Decimal(0))
    assert found(ledger=replace(LEDGER, orders=(*LEDGER.orders, waiting))) == [Wrong.LEFT_OPEN]


def test_an_order_that_filled_and_is_believed_cancelled_is_lost() -> None:
    lost = LedgerOrder(ENTRY, "EUR/USD", OrderState.CANCELLED, Decimal(0))
    assert found(ledger=replace(LEDGER, orders=(lost,))) == [Wrong.LOST_ORDER]


def test_an_order_that_works_and_is_believed_over_is_lost() -> None:
    working = VenueOrder(7, EXIT, "EUR/USD", LOT, Decimal(0), is_working=True)
    over = LedgerOrder(EXIT, "EUR/USD", OrderState.CANCELLED, Decimal(0))
    books = replace(LEDGER, orders=(*LEDGER.orders, over))
    assert found(replace(VENUE, orders=(BOUGHT, working)), books) == [Wrong.LOST_ORDER]


def test_a_fill_that_is_not_booked_is_lost() -> None:
    assert found(ledger=replace(LEDGER, fills=())) == [Wrong.LOST_FILL]


def test_a_fill_that_is_booked_twice_is_false() -> None:
    assert found(ledger=replace(LEDGER, fills=LEDGER.fills * 2)) == [Wrong.FALSE_FILL]


def test_a_fill_that_never_was_is_false() -> None:
    later = venue_fill(ENTRY, Side.BUY, at=OPENED + timedelta(seconds=1))
    assert found(ledger=replace(LEDGER, fills=(*LEDGER.fills, later))) == [Wrong.FALSE_FILL]


def test_a_position_that_differs_is_found() -> None:
    assert found(ledger=replace(LEDGER, positions={})) == [Wrong.POSITION]


def test_cash_differs_from_the_last_unit_on() -> None:
    assert found(ledger=replace(LEDGER, profit=Decimal("-2.50000001"))) == [Wrong.CASH]


def test_what_a_venue_does_not_tell_of_a_fill_nobody_can_book() -> None:
    books = replace(LEDGER, profit=Decimal("-2.50004"))
    assert found(ledger=books, expected=Expected(told_unit=Decimal("0.0001"))) == []
    books = replace(LEDGER, profit=Decimal("-2.50006"))
    assert found(ledger=books, expected=Expected(told_unit=Decimal("0.0001"))) == [Wrong.CASH]


def test_a_position_may_wait_ten_seconds_for_its_stop_and_no_longer() -> None:
    in_time = replace(STOPPED, at=OPENED + timedelta(seconds=10))
    too_late = replace(STOPPED, at=OPENED + timedelta(seconds=10, microseconds=1))
    assert found(replace(VENUE, events=(*ENTERED, in_time))) == []
    assert found(replace(VENUE, events=(*ENTERED, too_late))) == [Wrong.UNPROTECTED]


def test_where_a_venue_holds_no_stops_nothing_is_said_of_them() -> None:
    assert found(replace(VENUE, events=ENTERED), expected=Expected(keeps_stops=False)) == []


def test_the_longest_time_without_a_stop_is_told() -> None:
    assert longest_naked_time(VENUE) == timedelta(seconds=3)


def test_an_entry_that_left_after_a_halt_is_found() -> None:
    assert found(expected=Expected(halted=(ENTRY,))) == [Wrong.HALTED]


def test_an_order_of_somebody_else_must_still_be_working() -> None:
    theirs = VenueOrder(7, HAND, "EUR/USD", LOT, Decimal(0), is_working=True)
    expected = Expected(foreign=frozenset({HAND}))
    assert found(replace(VENUE, orders=(BOUGHT, theirs)), expected=expected) == []
    cancelled = replace(theirs, is_working=False)
    assert found(replace(VENUE, orders=(BOUGHT, cancelled)), expected=expected) == [Wrong.FOREIGN]


def test_what_others_trade_is_theirs_unless_the_ledger_has_it() -> None:
    by_hand = replace(venue_fill(HAND, Side.BUY, gain="-1"), instrument="GBP/USD")
    venue = replace(
        VENUE,
        fills=(*VENUE.fills, by_hand),
        positions={**VENUE.positions, "GBP/USD": LOT},
        cash=VENUE.cash - 1,
    )
    assert found(venue) == []
    booked = replace(
        LEDGER,
        fills=(*LEDGER.fills, by_hand),
        positions=venue.positions,
        profit=LEDGER.profit - 1,
    )
    assert found(venue, booked) == []
    assert found(venue, replace(booked, positions=LEDGER.positions)) == [Wrong.POSITION]


def test_a_position_that_was_taken_over_is_the_ledgers() -> None:
    by_hand = replace(venue_fill(HAND, Side.BUY), instrument="GBP/USD")
    held = {**VENUE.positions, "GBP/USD": LOT}
    venue = replace(VENUE, fills=(*VENUE.fills, by_hand), positions=held)
    adopted = replace(LEDGER, positions=held, adjusted=frozenset({"GBP/USD"}))
    assert found(venue, adopted) == []
    assert found(venue, replace(adopted, positions=LEDGER.positions)) == [Wrong.POSITION]


@pytest.mark.parametrize("seconds", [8, 13])
def test_time_in_which_nobody_could_protect_a_position_is_not_held_against_the_desk(seconds: int) -> None:
    late = replace(VENUE, events=(*ENTERED, replace(STOPPED, at=OPENED + timedelta(seconds=20))))
    span = (OPENED, OPENED + timedelta(seconds=seconds))
    expected = [Wrong.UNPROTECTED] if seconds < 10 else []
    assert found(late, expected=Expected(asleep=(span,))) == expected
    assert found(late, expected=Expected(shut={"EUR/USD": (span,)})) == expected
    assert found(late, expected=Expected(shut={"GBP/USD": (span,)})) == [Wrong.UNPROTECTED]
