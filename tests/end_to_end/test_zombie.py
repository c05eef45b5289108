"""Runs that stood still for longer than they may hold their accounts, while others took over: they send nothing more.

Their process is stopped by SIGSTOP when each of them has just committed that its first order is on its way, as when a
machine is suspended in the worst moment, and goes on by SIGCONT when the other runs have long ended.
"""

import asyncio
import os
import re
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.states import Crashed, Scheduled

from deployments.child import Child
from desk.model.cycle import CycleState
from tests.end_to_end.installation import Site, eventually, finished
from tests.end_to_end.live import LiveSite, compare_live, live_site
from tests.end_to_end.truth import Books, books

pytestmark = pytest.mark.end_to_end

_LEASE = 3.0
"""Seconds that the process may hold an account which will stand still."""
_PATIENCE = 90.0
"""Seconds, of which a busy machine may need most."""
_MINUTE = timedelta(minutes=1)
LATER = {"kucoin": 0, "aster": 1, "coinbase": 0}
"""How many candles after the one of the run that stands still the other one acts on, by account."""
GIVEN_UP = "coinbase"
"""Its run is shown as crashed by the server while its process lives."""


@dataclass(frozen=True)
class Story:
    """What was there when the process went on, and after that.

    Attributes:
        taken: the states in which the other runs ended.
        woken: the runs that stood still.
    """

    site: LiveSite
    candle: datetime
    taken: Mapping[str, str]
    books: Mapping[str, Books]
    orders: Mapping[str, list[dict[str, Any]]]
    woken: Mapping[str, FlowRun]


@pytest.fixture(scope="module")
def story(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with live_site(site, tmp_path_factory.mktemp("zombie") / "desk") as live:
        trap = live.home / "trap"
        trap.write_text(f"start_sending {len(LATER)}")
        cold = live.program("frozen_worker", "cold", "cold", trap, _LEASE)
        live.worker("awake", "awake")
        try:
            yield asyncio.run(_tell(live, cold))
        finally:
            if cold.is_running():
                os.kill(cold.pid, signal.SIGCONT)


@pytest.mark.parametrize("account", LATER)
async def test_a_run_that_wakes_up_after_another_has_taken_over_sends_nothing(story: Story, account: str):
    assert story.taken[account].startswith("Traded"), story.taken[account]
    assert story.site.truth(account)["orders"] == story.orders[account]
    compared = await compare_live(story.site, account)
    assert compared.is_clean, compared
    assert compared.orders > 0


@pytest.mark.parametrize("account", LATER)
async def test_it_leaves_the_record_of_the_other_run_as_it_is(story: Story, account: str):
    before, after = story.books[account], await books(story.site.ledger_url, account)
    # A cycle that the other run did not take up is its own, and ends with its own word.
    own = {story.candle: CycleState.FAILED} if LATER[account] else {}
    assert (after.orders, after.fills) == (before.orders, before.fills)
    assert after.cycles == {**before.cycles, **own}
    assert not after.is_held


@pytest.mark.parametrize("account", LATER)
def test_it_says_that_another_run_goes_on_even_where_the_server_had_given_it_up(story: Story, account: str):
    state = story.woken[account].state
    assert state is not None
    assert state.is_failed(), state
    assert "LeaseLost" in str(state.message)
    assert "the other run goes on" in str(state.message)


async def _tell(live: LiveSite, cold: Child) -> Story:
    async with live.client() as client:
        candle = datetime.now(UTC).replace(second=0, microsecond=0) - _MINUTE
        runs = {name: await _scan(live, client, name, "cold", candle) for name in LATER}
        await eventually(lambda: _is_frozen(cold), _PATIENCE)
        await client.set_flow_run_state(runs[GIVEN_UP], Crashed(message="no heartbeat"), force=True)
        await asyncio.sleep(_LEASE)
        others = [await _scan(live, client, name, "awake", candle + later * _MINUTE) for name, later in LATER.items()]
        taken = dict(zip(LATER, await finished(client, others, _PATIENCE), strict=True))
        kept = {name: await books(live.ledger_url, name) for name in LATER}
        orders = {name: live.truth(name)["orders"] for name in LATER}
        os.kill(cold.pid, signal.SIGCONT)
        await eventually(lambda: _have_ended(cold), _PATIENCE)
        woken = dict(zip(LATER, await finished(client, [runs[name] for name in LATER]), strict=True))
    ends = {name: str(run.state) for name, run in taken.items()}
    return Story(live, candle, ends, kept, orders, woken)


async def _scan(live: LiveSite, client: PrefectClient, account: str, pool: str, candle: datetime) -> UUID:
    deployment = await live.deploy(client, account, pool, name=f"{account}-{pool}")
    return await live.start(client, deployment, state=Scheduled(scheduled_time=candle))


async def _is_frozen(worker: Child) -> bool:
    """Whether the process is stopped, as the kernel says it."""
    assert worker.is_running(), worker.log_tail()
    return (Path("/proc") / str(worker.pid) / "stat").read_text().rpartition(")")[2].split()[0] == "T"


async def _have_ended(worker: Child) -> bool:
    """Whether every run of the process is over there, whatever the server believes."""
    return len(re.findall("Flow run .* - Finished in state", worker.log.read_text(errors="replace"))) == len(LATER)
