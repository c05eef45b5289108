"""A worker that is told to stop in the middle of placing orders."""

import asyncio
import signal
from pathlib import Path

import pytest
from prefect.states import AwaitingRetry

from desk.model.cycle import CycleState
from tests.end_to_end.fleet import AT
from tests.end_to_end.installation import Site, finished, reached
from tests.end_to_end.truth import books, compare

pytestmark = pytest.mark.end_to_end


async def test_a_scan_that_is_running_finishes_its_writes(site: Site, client, tmp_path: Path):
    account, journal, go_on = "fx-patient", tmp_path / "journal", tmp_path / "go on"
    deployment = await site.deploy(client, account, "leaving")
    worker = site.staged_worker("leaving", "patient", journal=journal, after="submit#1", until=go_on)
    run_id = await site.start(client, deployment, AT)
    await reached(journal, "submit#1")

    worker.process.send_signal(signal.SIGTERM)
    await asyncio.sleep(1)
    assert worker.is_running()
    go_on.touch()

    assert await asyncio.to_thread(worker.wait, 30) == 0, worker.log_tail()
    assert (await client.read_flow_run(run_id)).state.name == "Traded"
    kept, compared = await books(site.ledger_url, account), await compare(site.ledger_url, account)
    assert kept.cycles == {AT: CycleState.TRADED}
    assert not kept.is_held
    assert compared.orders == 2
    assert compared.is_clean, compared


async def test_a_scan_that_does_not_end_in_time_is_interrupted_and_a_retry_finishes_it(
    site: Site, client, tmp_path: Path
):
    account, pool, journal = "fx-hasty", "hasty", tmp_path / "journal"
    deployment = await site.deploy(client, account, pool)
    worker = site.staged_worker(pool, "hasty", journal=journal, after="submit#1", until=tmp_path / "never")
    run_id = await site.start(client, deployment, AT, job_variables={"drain_seconds": 0.5})
    await reached(journal, "submit#1")

    assert await asyncio.to_thread(worker.stop) == 0, worker.log_tail()

    interrupted = (await client.read_flow_run(run_id)).state
    kept = await books(site.ledger_url, account)
    assert interrupted.is_crashed()
    assert "The worker had to stop" in interrupted.message
    assert kept.cycles == {AT: CycleState.CRASHED}
    assert not kept.is_held
    assert (await compare(site.ledger_url, account)).orders == 1

    successor = site.worker(pool, "hasty")
    await client.set_flow_run_state(run_id, AwaitingRetry(), force=True)
    [retried] = await finished(client, [run_id])

    assert retried.state.name == "Traded"
    compared = await compare(site.ledger_url, account)
    assert compared.orders == 2
    assert compared.is_clean, compared
    assert (await books(site.ledger_url, account)).cycles == {AT: CycleState.TRADED}
    successor.kill()
