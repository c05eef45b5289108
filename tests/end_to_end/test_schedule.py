"""Schedules that fire by themselves; they do so from the start of the installation on, and are paused here."""

from collections import Counter

import pytest
from prefect.client.schemas.objects import FlowRun, StateType

from desk.model.cycle import CycleState
from tests.end_to_end.installation import Site, eventually, runs_of
from tests.end_to_end.truth import books, compare

pytestmark = pytest.mark.end_to_end


@pytest.mark.parametrize(("account", "times"), [("coins-cron", 1), ("coins-often", 3)])
async def test_a_schedule_makes_cycles_by_itself(site: Site, client, account: str, times: int):
    deployment = (await client.read_deployment_by_name(f"scan/{account}")).id

    async def fired() -> list[FlowRun] | None:
        ended = await runs_of(client, deployment, StateType.COMPLETED)
        return ended if len(ended) >= times else None

    runs = await eventually(fired, within=75)
    await client.pause_deployment(deployment)
    kept = await books(site.ledger_url, account)

    assert all(run.auto_scheduled for run in runs)
    assert {run.state.name for run in runs} <= {"Traded", "Held"}
    candles = Counter(run.expected_start_time.replace(second=0, microsecond=0) for run in runs)
    assert candles.keys() <= kept.cycles.keys()
    assert {run.name for run in runs} == {f"{account} {candle:%Y-%m-%dT%H:%M:%SZ}" for candle in candles}
    assert {kept.cycles[candle] for candle in candles} <= {CycleState.TRADED, CycleState.HELD}
    assert (await compare(site.ledger_url, account)).is_clean
