"""Replies to orders are lost after the venue has accepted: none is doubled or forgotten, as all are without asking.

`make drill` loses 500 at each venue, the suite 100 in the same ways. Aster's two ways to sign share all that comes
after the signature; the suite loses the replies to one of them, and `make drill` to both.
"""

from datetime import timedelta

import pytest

from desk.adapters.ledger.ledger import Ledger
from desk.execution.placing import OrderDesk
from desk.model.orders import OrderState
from tests.contracts.venues.bench import Bench, VenueCase
from tests.contracts.venues.placing import LEASE, Blind, Outcome, StrictLog, outcome, place_twice
from tests.contracts.venues.venues import WIRED
from tests.drilled import drilled

EVERY_LOSS = [("close", 110), ("reset", 110), ("cut", 110), ("garble", 100), ("status", 60), ("delay", 10)]
LOSSES = drilled(
    EVERY_LOSS, usually=[("close", 20), ("reset", 20), ("cut", 20), ("garble", 20), ("status", 15), ("delay", 5)]
)

LOSING = drilled(WIRED, usually=[case for case in WIRED if case.name != "aster-hmac"])
CONTROL = 5
"""Of so many orders one is placed again without asking: every one of them goes wrong."""


def _names(count: int) -> list[str]:
    return [f"sd-{number}" for number in range(count)]


def test_the_losses_are_500_orders_at_each_venue_and_the_suite_has_some_of_every_kind() -> None:
    assert sum(count for _, count in EVERY_LOSS) == 500
    assert [kind for kind, _ in LOSSES] == [kind for kind, _ in EVERY_LOSS]
    assert all(count >= CONTROL for _, count in LOSSES)


@pytest.mark.parametrize(("kind", "count"), LOSSES, ids=[kind for kind, _ in LOSSES])
@pytest.mark.parametrize("case", LOSING, ids=str)
async def test_no_order_is_doubled_or_forgotten(case: VenueCase, kind: str, count: int, bench: Bench) -> None:
    _lose(bench, kind)
    log = StrictLog()
    await place_twice(bench, _names(count), OrderDesk(bench.trading, log, LEASE))
    assert outcome(bench, log.filled) == Outcome(asked=count, duplicates=0, lost=0, absent=0)
    assert bench.orders_sent() == count
    assert bench.steer.struck() == [count]


@pytest.mark.parametrize(("kind", "count"), LOSSES, ids=[kind for kind, _ in LOSSES])
@pytest.mark.parametrize("case", LOSING, ids=str)
async def test_without_asking_every_order_is_sent_twice_and_forgotten(
    case: VenueCase, kind: str, count: int, bench: Bench
) -> None:
    count = count // CONTROL
    _lose(bench, kind)
    log = StrictLog()
    await place_twice(bench, _names(count), OrderDesk(Blind(bench.trading), log, LEASE))
    told = outcome(bench, log.filled)
    assert (told.lost, told.absent) == (count, 0)
    assert bench.orders_sent() == 2 * count
    assert told.duplicates == (0 if case.ids_name_one_order else count)


@pytest.mark.parametrize("case", WIRED, ids=str)
async def test_the_ledger_itself_knows_every_order_in_the_end(case: VenueCase, bench: Bench, ledger: Ledger) -> None:
    _lose(bench, "reset")
    lease = await ledger.acquire_lease("sample", "run-1", bench.clock.now(), timedelta(hours=1), venue=case.name)
    assert lease is not None
    await place_twice(bench, _names(20), OrderDesk(bench.trading, ledger, lease))
    records = await ledger.orders("sample")
    assert {record.state for record in records} == {OrderState.FILLED}
    known = {record.intent.client_order_id: record.filled_quantity for record in records}
    assert outcome(bench, known) == Outcome(asked=20, duplicates=0, lost=0, absent=0)


def _lose(bench: Bench, kind: str) -> None:
    if kind == "delay":
        bench.transport.patience = 0.1
        bench.lose_orders("delay", seconds=0.3)
    else:
        bench.lose_orders(kind, status=503)
