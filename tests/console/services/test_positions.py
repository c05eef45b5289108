from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from console.services.markets import Markets
from console.services.opening import OpenDesk
from console.services.positions import Agreement, FleetPosition, fleet_positions
from desk.adapters.ledger.ledger import Ledger
from desk.model.books import Position
from desk.model.cycle import CycleKey, CycleState
from tests.builders import CLOSE, position, snapshot
from tests.console.conftest import Fill
from tests.console.services.conftest import Ask
from tests.console.stories import traded
from tests.desk.adapters.ledger.builders import record

LATER = CLOSE + timedelta(minutes=5)


async def looked(ledger: Ledger, positions: Sequence[Position]) -> None:
    """A cycle after the others in which the venue said that this is held."""
    seen = replace(snapshot(positions=positions), at=LATER)
    cycle = replace(record(CycleKey("sample", LATER), CycleState.HELD), snapshot=seen)
    await ledger.record_cycle(cycle, now=LATER)


def told(ask: Ask) -> dict[str, FleetPosition]:
    async def question(desk: OpenDesk) -> dict[str, FleetPosition]:
        return {one.instrument: one for one in await fleet_positions(desk, Markets())}

    return ask(question)


def test_a_position_is_told_with_its_price_and_what_could_be_had_for_it(ask: Ask, fill: Fill):
    fill(traded)
    found = told(ask)["EUR/USD"]
    assert (found.account, found.quantity, found.average_price) == ("sample", Decimal(100), Decimal("1.1"))
    assert found.price is not None
    assert found.profit == (found.price - Decimal("1.1")) * 100
    assert found.quote_currency == "USD"


def test_what_was_traded_after_the_venue_was_asked_cannot_be_compared(ask: Ask, fill: Fill):
    fill(traded)
    assert told(ask)["EUR/USD"].agreement is Agreement.TRADED_SINCE


def test_ours_and_the_venues_are_compared_where_nothing_happened_since(ask: Ask, fill: Fill):
    async def same(ledger: Ledger) -> None:
        await traded(ledger)
        await looked(ledger, [position("EUR/USD", "100")])

    fill(same)
    found = told(ask)
    assert {name: (one.agreement, one.venue_quantity) for name, one in found.items()} == {
        "EUR/USD": (Agreement.SAME, Decimal(100))
    }


def test_what_only_the_venue_has_is_told_and_what_it_lacks_too(ask: Ask, fill: Fill):
    async def other(ledger: Ledger) -> None:
        await traded(ledger)
        await looked(ledger, [position("USD/JPY", "-3")])

    fill(other)
    found = told(ask)
    assert {name: (one.quantity, one.venue_quantity, one.agreement) for name, one in found.items()} == {
        "EUR/USD": (Decimal(100), Decimal(0), Agreement.DIFFERS),
        "USD/JPY": (Decimal(0), Decimal(-3), Agreement.DIFFERS),
    }
