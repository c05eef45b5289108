"""Runs that do not end by themselves: recorded, told, and their account given back."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from blocks.account import LEASE_FOR
from deployments.engine import Interruption
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.model.cycle import CycleKey, CycleState
from flows.hooks import moment, record_cancelled, record_crashed
from flows.skips import record_skipped
from tests.flows.installation import CLOSE

pytestmark = pytest.mark.prefect


async def interrupted(desk, interruption: Interruption, *, task: str = "take_snapshot"):
    """Run a scan that hangs in a task until it is interrupted there."""
    hanging = desk.installation.sabotage("trader", task=task)
    run_id = await desk.deployed_run("trader")
    ours = Interruption()
    running = asyncio.create_task(desk.run(run_id, ours))
    await asyncio.wait_for(hanging.reached.wait(), 20)
    ours.cancelled, ours.reason = interruption.cancelled, interruption.reason
    running.cancel()
    run = await running
    desk.installation.repair("trader")
    return run


@pytest.mark.parametrize(
    ("interruption", "end"),
    [
        (Interruption(cancelled=True), CycleState.CANCELLED),
        (Interruption(reason="the worker was stopped"), CycleState.CRASHED),
    ],
    ids=lambda value: str(value) if isinstance(value, CycleState) else "",
)
async def test_an_interrupted_run_is_recorded_and_told_and_its_account_is_free_again(desk, interruption, end):
    await interrupted(desk, interruption)

    record = await desk.installation.record("trader")
    [told] = desk.installation.told
    assert record.state is end
    assert record.decision.intents == ()
    assert (told.title, told.severity) == (f"trader: scan {end}", "error")
    assert interruption.reason in told.body
    assert (await desk.scan("trader")).name == "Traded"


async def test_a_run_that_dies_while_it_books_its_orders_is_finished_by_the_next_one_without_a_second_order(desk):
    await interrupted(desk, Interruption(reason="the worker was stopped"), task="record_cycle")
    sent = await desk.installation.ledger.orders("trader")
    assert (await desk.installation.record("trader")).state is CycleState.CRASHED

    assert (await desk.scan("trader")).name == "Traded"

    assert await desk.installation.ledger.orders("trader") == sent
    assert len(await desk.installation.ledger.fills("trader")) == 1


async def test_a_run_that_takes_too_long_is_recorded_as_failed(desk):
    desk.installation.sabotage("trader", task="take_snapshot")
    desk.flow = desk.flow.with_options(timeout_seconds=1.5)

    state = await desk.scan("trader")

    assert state.name == "TimedOut"
    assert (await desk.installation.record("trader")).state is CycleState.FAILED
    now = datetime.now(UTC)
    assert await desk.installation.ledger.acquire_lease("trader", "next", now, LEASE_FOR, venue="oanda")


async def test_a_cycle_that_has_an_outcome_keeps_it_when_its_run_dies_later(desk):
    run = await desk.run(await desk.deployed_run("trader"))
    before = await desk.installation.record("trader")
    await record_crashed(flow=desk.flow, flow_run=run, state=run.state)
    assert await desk.installation.record("trader") == before


async def test_a_cycle_that_another_run_has_taken_up_since_is_left_to_it(desk):
    first = await desk.client.read_flow_run(await desk.deployed_run("trader"))
    await interrupted(desk, Interruption(reason="the worker was stopped"))
    second = await desk.installation.record("trader")
    await record_cancelled(flow=desk.flow, flow_run=first, state=first.state)
    assert await desk.installation.record("trader") == second


async def test_a_run_that_died_before_it_claimed_its_cycle_leaves_a_record(desk):
    run = await desk.client.read_flow_run(await desk.deployed_run("trader"))
    await record_crashed(flow=desk.flow, flow_run=run, state=run.state)
    assert (await desk.installation.record("trader")).state is CycleState.CRASHED


async def test_an_account_that_a_dead_run_still_holds_is_free_once_the_run_is_known_to_be_dead(desk):
    run = await desk.client.read_flow_run(await desk.deployed_run("trader"))
    now = datetime.now(UTC)
    await desk.installation.ledger.acquire_lease("trader", str(run.id), now, LEASE_FOR, venue="oanda")
    assert (await desk.scan("trader")).name == "AccountBusy"
    await record_crashed(flow=desk.flow, flow_run=run, state=run.state)
    assert (await desk.scan("trader")).name == "Traded"


async def test_people_hear_of_a_failed_run_also_when_the_ledger_cannot_be_written(desk, tmp_path):
    working = desk.installation.opened.ledger
    desk.installation.opened.ledger = Ledger(Database.open(f"sqlite:///{tmp_path / 'no-tables.db'}"))

    state = await desk.scan("trader")

    await desk.installation.opened.ledger.close()
    desk.installation.opened.ledger = working
    assert state.is_failed()
    assert [message.title for message in desk.installation.told] == ["trader: scan failed"]


async def test_a_scan_that_the_worker_does_not_start_is_recorded_once_and_never_over_a_cycle(desk):
    scheduled = datetime.now(UTC) - timedelta(hours=1)
    run = await desk.client.read_flow_run(await desk.deployed_run("trader", None, scheduled_for=scheduled))
    traded = await desk.client.read_flow_run(await desk.deployed_run("trader"))
    await desk.scan("trader")

    for late in (run, run, traded):
        await record_skipped(late)

    skipped, kept = sorted(await desk.installation.ledger.cycles("trader"), key=lambda cycle: cycle.state)
    assert (skipped.state, skipped.flow_run_id) == (CycleState.SKIPPED_STALE, str(run.id))
    assert skipped.key.candle_close == scheduled.replace(minute=scheduled.minute // 5 * 5, second=0, microsecond=0)
    assert "not started" in skipped.detail
    assert (kept.key, kept.state) == (CycleKey("trader", CLOSE), CycleState.TRADED)


@pytest.mark.parametrize("stored", [CLOSE.isoformat(), "2026-01-14T15:00:00Z", CLOSE])
def test_a_time_is_the_same_however_prefect_hands_it_over(stored):
    assert moment(stored) == CLOSE


def test_no_time_stays_none():
    assert moment(None) is None
