"""A worker that comes back: what was missed is on record and is not traded, and the newest candle is."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import AwaitingRetry

from deployments.stale import SKIPPED_STALE
from desk.model.cycle import CycleState
from tests.end_to_end.installation import Site, eventually, finished, runs_of
from tests.end_to_end.truth import books, compare

pytestmark = pytest.mark.end_to_end

ACCOUNT = "coins-outage"
MINUTE = timedelta(minutes=1)
MISSED = 30


async def test_after_thirty_missed_cycles_the_newest_runs_and_the_others_are_recorded(site: Site, client):
    deployment = await site.deploy(client, ACCOUNT, "away", active=True)
    await _early_in_a_minute()
    this_minute = datetime.now(UTC).replace(second=0, microsecond=0)
    await site.schedule(client, deployment, this_minute - MISSED * MINUTE, this_minute)

    async def executed() -> list[FlowRun]:
        runs = await runs_of(client, deployment, StateType.COMPLETED)
        return [run for run in runs if run.state.name != SKIPPED_STALE]

    worker = site.worker("away", "back-again")
    await eventually(executed, within=60)
    await client.pause_deployment(deployment)
    overdue = [run for run in await runs_of(client, deployment) if run.expected_start_time <= this_minute]
    await finished(client, [run.id for run in overdue])
    missed = [run for run in await runs_of(client, deployment) if run.state.name == SKIPPED_STALE]
    fresh = await executed()

    # A minute may end before the worker has begun, or before the deployment is paused; then its run is due as well.
    assert 1 <= len(fresh) <= 1 + sum(run.expected_start_time > this_minute for run in fresh)
    assert len(overdue) == MISSED + 1
    settled = {run.id for run in (*fresh, *missed)}
    assert [(run.expected_start_time, run.state) for run in overdue if run.id not in settled] == []
    assert all(run.auto_scheduled for run in overdue)
    assert all(run.start_time - run.expected_start_time < MINUTE for run in fresh)
    kept, fresh_candles = await books(site.ledger_url, ACCOUNT), {run.expected_start_time for run in fresh}
    assert {candle for candle, state in kept.cycles.items() if state is CycleState.SKIPPED_STALE} == {
        run.expected_start_time for run in missed
    }
    assert {kept.cycles[candle] for candle in fresh_candles} <= {CycleState.TRADED, CycleState.HELD}
    compared = await compare(site.ledger_url, ACCOUNT)
    assert compared.is_clean, compared
    assert compared.candles <= fresh_candles

    # Who retries a missed run by hand finds its record; the old candle is not traded now.
    await client.set_flow_run_state(missed[0].id, AwaitingRetry(), force=True)
    assert (await finished(client, [missed[0].id]))[0].state.name == SKIPPED_STALE
    assert await compare(site.ledger_url, ACCOUNT) == compared
    worker.kill()


async def _early_in_a_minute() -> None:
    """Wait until the minute is young enough that none ends while the worker starts and catches up."""
    second = datetime.now(UTC).second
    if second > 45:
        await asyncio.sleep(61 - second)
