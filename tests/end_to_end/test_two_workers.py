"""Two workers that are both told to scan one account, at every candle: one decision, and one order for each intent.

The suite runs a handful of cycles; `DESK_DRILL_CYCLES=200 pytest -s tests/end_to_end/test_two_workers.py` runs as many
as it says at each venue, and prints what it found.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.states import Scheduled

from desk.adapters.configuration import read_fleet
from desk.adapters.feeds.synthetic import SyntheticFeed
from desk.model.cycle import CycleState
from tests.end_to_end.fleet import AT
from tests.end_to_end.installation import Site, finished
from tests.end_to_end.live import NOWHERE, PAPER, LiveSite, compare_live, live_site, write_live_fleet
from tests.end_to_end.markets import seed_that_trades
from tests.end_to_end.truth import books, compare

CYCLES = int(os.environ.get("DESK_DRILL_CYCLES", "3"))
pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(120 + 10 * CYCLES)]

WORKERS = ("left", "right")
"""Each has a pool of its own, and a deployment of the account in it."""
LIVE = "aster"
"""A venue that takes an order of an id again once the first one has ended."""
_CHANGEABLE = [{"name": "momentum_trading", "parameters": {"entry_separation": 0}}, {"name": "mean_reversion"}]
_SLOW = 0.02
"""Seconds that each read at the venue takes longer, so that the two are at it at the same time."""


@pytest.fixture(scope="module")
def twins(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """An installation with the two workers; at its venues a read takes a while, so that both are at it at once."""
    folder = tmp_path_factory.mktemp("two-workers")
    terms = {"late_after": "1d", "policy": "restless", "strategies": _CHANGEABLE}
    fleet = read_fleet(write_live_fleet(folder / "fleet", NOWHERE, **terms))
    seed = asyncio.run(seed_that_trades(fleet, LIVE, at=datetime.now(UTC) - timedelta(minutes=CYCLES)))
    with live_site(site, folder / "desk", feed=SyntheticFeed(seed), **terms) as opened:
        opened.fault("before", "delay", method="GET", seconds=_SLOW, times=0)
        for name in WORKERS:
            opened.worker(name, name)
        yield opened


async def test_paper_account_whose_every_candle_is_scanned_twice_at_once_decides_once(twins: LiveSite, client):
    deployments = await _deploy(twins, client, PAPER)
    candles = [AT - timedelta(hours=CYCLES - number) for number in range(CYCLES)]

    runs = [
        run
        for candle in candles
        for run in await finished(client, await _start(twins, client, deployments, _soon(), at=candle))
    ]

    kept, compared = await books(twins.ledger_url, PAPER), await compare(twins.ledger_url, PAPER)
    _print(f"paper: {CYCLES} cycles, {compared.orders} orders, {len(compared.duplicates)} doubled", runs)
    _assert_both_worked(runs)
    assert compared.is_clean, compared
    assert compared.orders > 0
    assert kept.cycles.keys() == set(candles)
    assert set(kept.cycles.values()) <= {CycleState.TRADED, CycleState.HELD}


async def test_live_account_whose_every_candle_is_scanned_twice_at_once_decides_once(twins: LiveSite, client):
    deployments = await _deploy(twins, client, LIVE)
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    candles = [now - timedelta(minutes=CYCLES - number) for number in range(CYCLES)]

    runs = [
        run
        for candle in candles
        for run in await finished(client, await _start(twins, client, deployments, candle), within=60)
    ]

    kept, compared = await books(twins.ledger_url, LIVE), await compare_live(twins, LIVE)
    _print(f"{LIVE}: {CYCLES} cycles, {compared.orders} orders, {len(compared.doubled)} doubled", runs)
    _assert_both_worked(runs)
    assert compared.is_clean, compared
    assert compared.orders > 0
    assert kept.cycles.keys() == set(candles)
    assert set(kept.cycles.values()) <= {CycleState.TRADED, CycleState.HELD}


async def _deploy(site: Site, client: PrefectClient, account: str) -> list[UUID]:
    """Deploy the account to each of the two workers."""
    return [await site.deploy(client, account, pool, name=f"{account}-{pool}") for pool in WORKERS]


async def _start(
    site: Site, client: PrefectClient, deployments: Sequence[UUID], when: datetime, *, at: datetime | None = None
) -> list[UUID]:
    """Ask both for a run of the same candle, to begin at the same moment."""
    state = Scheduled(scheduled_time=when)
    return [await site.start(client, deployment, at, state=state) for deployment in deployments]


def _soon() -> datetime:
    """A moment at which both workers know of their run."""
    return datetime.now(UTC) + timedelta(seconds=1.2)


def _print(found: str, runs: Sequence[FlowRun]) -> None:
    ends = Counter(run.state.name for run in runs if run.state)
    print(f"\n{found}; {len(runs)} runs: {dict(ends)}")  # noqa: T201 - the figures of the long run


def _assert_both_worked(runs: Sequence[FlowRun]) -> None:
    assert {run.state.name for run in runs} <= {"Traded", "Held", "AccountBusy"}
    # A run that is over in a moment may have ended before its worker told the server who runs it.
    workers = {run.infrastructure_pid.split(":")[1] for run in runs if run.infrastructure_pid}
    assert workers == set(WORKERS)
