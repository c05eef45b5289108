"""Runs that fail or die after their orders were placed, and are retried the Prefect way.

One is retried by Prefect's own command; the others are given the state that the command gives.
"""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, TaskRun
from prefect.states import Scheduled

from desk.model.cycle import CycleState
from tests.end_to_end.conftest import POOL
from tests.end_to_end.fleet import AT
from tests.end_to_end.installation import Site, eventually, finished, task_runs
from tests.end_to_end.live import WIRES, LiveSite, compare_live, live_site
from tests.end_to_end.truth import Books, books, compare

pytestmark = pytest.mark.end_to_end

LIVE = "kucoin"
"""A live account, and the simulated venue at which it trades."""


@pytest.fixture
def live(site: Site, tmp_path: Path) -> Iterator[LiveSite]:
    with live_site(site, tmp_path / "desk") as opened:
        yield opened
        opened.post.accept(LIVE)


async def test_a_run_that_can_neither_write_its_message_nor_send_it_fails_and_a_retry_does_nothing_but_tell(
    site: Site, client
):
    account = "fx-retry"
    deployment = await site.deploy(client, account, POOL)
    site.post.refuse(account)
    with site.without_outbox():
        run_id = await site.start(client, deployment, AT)
        [failed] = await finished(client, [run_id])
        await eventually(lambda: _was_turned_away(site, f"{account}: scan failed"))  # by the hooks, after the state
    first = await task_runs(client, run_id, attempt=1, last="notify")
    before = await books(site.ledger_url, account)
    assert failed.state.is_failed()
    assert first["place_orders"].state.is_completed()
    assert first["notify"].state.is_failed()
    assert before.cycles == {AT: CycleState.TRADED}

    site.post.accept(account)
    await site.prefect("flow-run", "retry", str(run_id))
    [retried] = await finished(client, [run_id])

    assert retried.state.name == "Traded"
    assert retried.run_count == 2
    assert (await task_runs(client, run_id, attempt=2, last="notify")).keys() == {"notify"}
    assert _placed(await books(site.ledger_url, account)) == _placed(before)
    assert (await compare(site.ledger_url, account)).is_clean
    assert site.post.titles(account) == [f"{account}: 2 orders"]


async def test_a_run_whose_worker_was_killed_after_placing_is_finished_without_placing_again(site, client, tmp_path):
    # Placing is over, its result is kept, and the cycle has not been recorded.
    killed = await _kill(site, client, "fx-killed", after="fill_cursor#3", journal=tmp_path / "journal")
    before = await books(site.ledger_url, "fx-killed")

    second = await _retry(site, client, killed)

    assert second.keys() == {"repair_books", "place_orders", "record_cycle", "notify"}
    assert second["place_orders"].state.name == "Cached"
    assert _placed(await books(site.ledger_url, "fx-killed")) == _placed(before)
    await _assert_traded_once(site, "fx-killed")


async def test_a_run_whose_worker_was_killed_between_send_and_record_asks_and_places_the_rest(site, client, tmp_path):
    killed = await _kill(site, client, "fx-cut", after="submit#1", journal=tmp_path / "journal")
    assert (await compare(site.ledger_url, "fx-cut")).orders == 1

    second = await _retry(site, client, killed)

    assert second["place_orders"].state.name == "Completed"
    await _assert_traded_once(site, "fx-cut")


async def test_a_live_run_that_failed_after_placing_sends_nothing_when_it_is_retried(live: LiveSite, client):
    live.worker("live-retry", "live-retry")
    live.post.refuse(LIVE)
    deployment = await live.deploy(client, LIVE, "live-retry")
    with live.without_outbox():
        run_id = await live.start(client, deployment)
        [failed] = await finished(client, [run_id], within=60)
    placed, before = live.truth(LIVE)["orders"], await books(live.ledger_url, LIVE)
    assert failed.state.is_failed()

    live.post.accept(LIVE)
    await client.set_flow_run_state(run_id, Scheduled(), force=True)
    [retried] = await finished(client, [run_id])

    compared = await compare_live(live, LIVE)
    assert (retried.state.name, retried.run_count) == ("Traded", 2)
    assert live.truth(LIVE)["orders"] == placed
    assert _placed(await books(live.ledger_url, LIVE)) == _placed(before)
    assert compared.is_clean, compared
    assert compared.orders == len(WIRES[LIVE].instruments)


async def _was_turned_away(site: Site, title: str) -> bool:
    return title in site.post.turned_away(title.split(":")[0])


async def _kill(site: Site, client: PrefectClient, account: str, *, after: str, journal: Path) -> FlowRun:
    """Let a worker die in a run; the server and the ledger still have it as running."""
    deployment = await site.deploy(client, account, account)
    mortal = site.staged_worker(account, account, journal=journal, after=after)
    run_id = await site.start(client, deployment, AT)
    assert await asyncio.to_thread(mortal.wait, 30) == -signal.SIGKILL, mortal.log_tail()
    left = await books(site.ledger_url, account)
    run = await client.read_flow_run(run_id)
    assert run.state.is_running()
    assert left.cycles == {AT: CycleState.RUNNING}
    assert left.is_held
    return run


async def _retry(site: Site, client: PrefectClient, run: FlowRun) -> dict[str, TaskRun]:
    """Start a worker in the place of the dead one and retry the run; return the tasks of the second attempt."""
    account = run.parameters["account"]
    successor = site.worker(account, account)
    [crashed] = await finished(client, [run.id])
    freed = await eventually(lambda: _freed(site, account))  # by the hooks, which come after the state
    assert crashed.state.is_crashed()
    assert freed.cycles == {AT: CycleState.CRASHED}

    await client.set_flow_run_state(run.id, Scheduled(), force=True)
    [retried] = await finished(client, [run.id])
    assert retried.state.name == "Traded", retried.state
    second = await task_runs(client, run.id, attempt=2, last="notify")
    assert await asyncio.to_thread(successor.stop) == 0
    return second


async def _assert_traded_once(site: Site, account: str) -> None:
    compared = await compare(site.ledger_url, account)
    assert compared.orders == 2
    assert compared.is_clean, compared
    assert (await books(site.ledger_url, account)).cycles == {AT: CycleState.TRADED}
    assert site.post.titles(account) == [f"{account}: scan crashed", f"{account}: 2 orders"]


def _placed(found: Books) -> tuple[list[str], list[str]]:
    return found.orders, found.fills


async def _freed(site: Site, account: str) -> Books | None:
    found = await books(site.ledger_url, account)
    return None if found.is_held else found
