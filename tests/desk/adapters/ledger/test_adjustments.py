"""Adjustments are booked once and say why; the list of what others did is what was last found."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.adapters.ledger.ledger import Ledger
from desk.errors import LeaseLost
from desk.execution.adjusting import Difference, adjust, compare_positions
from desk.model.books import Position
from desk.model.externals import External, ExternalKind
from desk.model.orders import FillReason
from desk.ports import Lease
from tests.builders import CLOSE
from tests.desk.adapters.ledger.builders import CONVERSION, fill

AT = CLOSE + timedelta(minutes=5)
ORDER = External(ExternalKind.ORDER, "web-7", "EUR/USD", "buy 5 EUR/USD, acked")
OTHER = External(ExternalKind.ORDER, "web-8", "XAU/USD", "sell 1 XAU/USD, acked")
POSITION = External(ExternalKind.POSITION, "EUR/USD", "EUR/USD", "held")


def venue(quantity: str, price: str = "1.3") -> tuple[Position, ...]:
    return (Position("EUR/USD", Decimal(quantity), Decimal(quantity) * Decimal(price), CLOSE),)


async def differences(ledger: Ledger, *positions: Position) -> tuple[Difference, ...]:
    ours = await ledger.positions("sample")
    newest = await ledger.newest_fills("sample", ["EUR/USD"])
    ids = {name: found.venue_trade_id for name, found in newest.items()}
    return compare_positions(ours, positions, tolerances={}, newest=ids)


async def held(ledger: Ledger) -> Lease:
    lease = await ledger.acquire_lease("sample", "run", CLOSE, timedelta(minutes=2), venue="oanda")
    assert lease is not None
    return lease


async def make_good(ledger: Ledger, lease: Lease, *positions: Position) -> list[bool]:
    return [
        await ledger.book_adjustment(
            found, adjust("sample", found, at=AT), why="adopted", conversion=CONVERSION, lease=lease, now=AT
        )
        for found in await differences(ledger, *positions)
    ]


async def test_an_adjustment_makes_the_ledger_hold_what_the_venue_holds_and_a_second_look_finds_nothing(
    ledger: Ledger,
) -> None:
    await ledger.book_fills("sample", (fill("T1", price="1.2"),), cursor="1", conversion=CONVERSION, now=CLOSE)
    lease = await held(ledger)

    assert await make_good(ledger, lease, *venue("150")) == [True]

    (position,) = await ledger.positions("sample")
    assert (position.quantity, position.average_price) == (150, Decimal("1.3"))
    assert [found.reason for found in await ledger.fills("sample")] == [FillReason.ORDER, FillReason.ADJUSTMENT]
    assert await make_good(ledger, lease, *venue("150")) == []
    assert await ledger.fill_cursor("sample") == "1"


async def test_an_adjustment_of_a_position_that_has_changed_since_is_not_booked(ledger: Ledger) -> None:
    lease = await held(ledger)
    (found,) = await differences(ledger, *venue("100"))
    await ledger.book_fills("sample", (fill("T1"),), cursor="1", conversion=CONVERSION, now=CLOSE)
    fills = adjust("sample", found, at=AT)
    booked = await ledger.book_adjustment(found, fills, why="adopted", conversion=CONVERSION, lease=lease, now=AT)
    assert booked is False
    assert len(await ledger.fills("sample")) == 1


async def test_the_same_difference_twice_is_two_adjustments(ledger: Ledger) -> None:
    lease = await held(ledger)
    for positions in (venue("100"), (), venue("100")):
        assert await make_good(ledger, lease, *positions) == [True]
    fills = await ledger.fills("sample")
    assert len({found.venue_trade_id for found in fills}) == 3
    assert [position.quantity for position in await ledger.positions("sample")] == [100]


async def test_only_the_holder_of_the_account_adjusts(ledger: Ledger) -> None:
    lease = await held(ledger)
    with pytest.raises(LeaseLost):
        await make_good(ledger, replace(lease, token=lease.token + 1), *venue("100"))
    assert await ledger.positions("sample") == ()


async def test_an_adjustment_is_in_the_audit_with_both_sides(ledger: Ledger) -> None:
    await make_good(ledger, await held(ledger), *venue("100"))
    entry = (await ledger.audit_entries())[-1]
    assert (entry.who, entry.action, entry.subject) == ("reconciliation", "adjusted", "account:sample")
    assert entry.detail["difference"] == "EUR/USD: the desk's fills add up to 0, the venue holds 100"
    assert entry.detail["why"] == "adopted"


async def test_externals_are_the_last_found_and_only_what_is_new_is_told(ledger: Ledger) -> None:
    async def note(kind: ExternalKind, *found: External) -> tuple[External, ...]:
        return await ledger.note_externals("sample", kind, found, AT)

    assert await note(ExternalKind.ORDER, ORDER) == (ORDER,)
    assert await note(ExternalKind.POSITION, POSITION) == (POSITION,)
    assert await note(ExternalKind.ORDER, ORDER) == ()
    assert await note(ExternalKind.ORDER, ORDER, OTHER) == (OTHER,)
    grown = replace(ORDER, detail="buy 9 EUR/USD, acked")
    assert await note(ExternalKind.ORDER, grown) == (grown,)
    assert await ledger.externals("sample") == (grown, POSITION)
    assert await ledger.externals("other") == ()


async def test_the_newest_fill_is_of_the_instrument_and_the_account(ledger: Ledger) -> None:
    fills = (fill("T9", after=2), fill("T10", after=2), fill("T1", after=1))
    await ledger.book_fills("sample", fills, cursor="", conversion=CONVERSION, now=CLOSE)
    newest = await ledger.newest_fills("sample", ["EUR/USD", "XAU/USD"])
    assert {name: found.venue_trade_id for name, found in newest.items()} == {"EUR/USD": "T10"}
    assert await ledger.newest_fills("other", ["EUR/USD"]) == {}
