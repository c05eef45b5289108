"""The worker with a real server, in processes of its own."""

import asyncio
import signal
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.schedules import IntervalSchedule
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Cancelling, Scheduled

from deployments.apply import ensure_pool
from deployments.worker import DeskWorker
from tests.deployments.conftest import eventually

pytestmark = pytest.mark.prefect


async def test_a_run_made_by_the_scheduler_is_executed_on_its_second(shared):
    every = DeploymentScheduleCreate(schedule=IntervalSchedule(interval=timedelta(seconds=4)))
    deployment = await shared.deploy("quick", schedules=[every])

    await shared.noted("quick", within=25)
    await shared.client.pause_deployment(deployment)

    [first, *_] = [run for run in await _runs(shared, deployment) if run.start_time]
    assert first.auto_scheduled
    assert timedelta(0) <= first.start_time - first.expected_start_time < timedelta(seconds=2)


async def test_a_run_waits_for_its_time_without_a_slot(shared):
    deployment = await shared.deploy("quick", limit=1)
    in_four_seconds = datetime.now(UTC) + timedelta(seconds=4)
    later = await shared.client.create_flow_run_from_deployment(
        deployment, state=Scheduled(scheduled_time=in_four_seconds)
    )
    await asyncio.sleep(2.5)  # fetched by now: the worker looks five seconds ahead

    now = await shared.finished(await shared.start(deployment))

    assert now.state.is_completed()
    assert (await shared.finished(later.id)).state.is_completed()


async def test_a_run_that_takes_too_long_fails_as_timed_out(shared):
    deployment = await shared.deploy("sleeper", seconds=60, job_variables={"timeout_seconds": 1})

    run = await shared.finished(await shared.start(deployment))

    assert run.state.name == "TimedOut"
    assert (await shared.noted("on_"))[1:] == ["interrupted", "on_failure TimedOut"]


async def test_a_cancelled_run_ends_as_cancelled_with_the_hook_for_that_only(shared):
    run_id = await shared.start(await shared.deploy("sleeper", seconds=60))
    await shared.noted("begin")

    await shared.client.set_flow_run_state(run_id, Cancelling())
    run = await shared.finished(run_id)

    assert run.state.name == "Cancelled"
    assert (await shared.noted("on_"))[1:] == ["interrupted", "on_cancellation Cancelling"]


async def test_a_flow_that_leaves_the_process_ends_alone(shared):
    run = await shared.finished(await shared.start(await shared.deploy("leaver")))

    assert run.state.is_crashed()
    assert await shared.noted("on_") == ["leaving", "on_crashed Crashed"]
    assert (await shared.finished(await shared.start(await shared.deploy("quick")))).state.is_completed()


async def test_flows_that_cannot_be_executed_crash_and_say_why(shared):
    reasons = {
        "sample_flows.missing": "missing",
        "no_such_module.flow": "no_such_module",
        "sample_flows.blocking": "expected sample_flows.blocking to be an 'async def' flow",
        "sample_flows.py:quick": "expected a module-path entrypoint",
    }
    runs = {
        entrypoint: await shared.start(await shared.deploy("quick", entrypoint=entrypoint)) for entrypoint in reasons
    }

    for entrypoint, reason in reasons.items():
        state = (await shared.finished(runs[entrypoint])).state
        assert state.is_crashed()
        assert reason in state.message
    assert shared.lines() == []


async def test_a_second_run_of_a_busy_deployment_is_cancelled_and_the_slot_comes_back(shared):
    deployment = await shared.deploy("sleeper", seconds=2, limit=1)
    first = await shared.start(deployment)
    await shared.noted("begin")

    assert (await shared.finished(await shared.start(deployment))).state.name == "Cancelled"
    assert (await shared.finished(first)).state.is_completed()
    assert (await shared.finished(await shared.start(deployment))).state.is_completed()


async def test_two_workers_execute_each_run_once(shared, start_worker):
    other = start_worker("shared", "shared-2")
    deployment = await shared.deploy("quick")
    await _wait_until_online(shared, "shared-2")

    runs = [await shared.start(deployment) for _ in range(8)]
    for run in runs:
        assert (await shared.finished(run)).state.is_completed()

    assert other.stop() == 0
    executed = [line for line in shared.lines() if line.startswith("quick")]
    assert sorted(executed) == sorted(f"quick {run}" for run in runs)


async def test_a_worker_told_to_stop_lets_runs_finish_and_reports_those_that_do_not(own, start_worker):
    worker = start_worker(own.pool, "leaving")
    await own.pool_exists()
    short = await own.start(await own.deploy("sleeper", seconds=4, job_variables={"drain_seconds": 20}))
    long = await own.start(await own.deploy("sleeper", seconds=60, job_variables={"drain_seconds": 1}))
    await _until_begun(own, 2)

    worker.process.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    late = await own.start(await own.deploy("quick"))
    code = await asyncio.to_thread(worker.wait, 20)

    assert code == 0, worker.log_tail()
    assert time.monotonic() - begun < 10
    assert (await own.client.read_flow_run(short)).state.is_completed()
    interrupted = (await own.client.read_flow_run(long)).state
    assert interrupted.is_crashed()
    assert "The worker had to stop" in interrupted.message
    assert {"end", "interrupted", "on_crashed Crashed"} <= set(own.lines())
    assert (await own.client.read_flow_run(late)).state.is_scheduled()


async def test_a_run_of_a_killed_worker_is_settled_by_its_successor(own, start_worker):
    worker = start_worker(own.pool, "mortal")
    await own.pool_exists()
    deployment = await own.deploy("sleeper", seconds=60, limit=1)
    orphan = await own.start(deployment)
    await own.noted("begin")
    await _until(own, orphan, lambda run: run.infrastructure_pid)

    worker.kill()
    assert (await own.client.read_flow_run(orphan)).state.is_running()
    start_worker(own.pool, "mortal")

    settled = (await own.finished(orphan)).state
    assert settled.is_crashed()
    assert "worker 'mortal'" in settled.message
    assert "on_crashed Crashed" in await own.noted("on_crashed")
    await own.start(deployment)
    await _until_begun(own, 2)


async def test_after_an_outage_missed_runs_are_recorded_and_a_fresh_one_is_executed(own, start_worker):
    await ensure_pool(own.client, own.pool)
    every = DeploymentScheduleCreate(schedule=IntervalSchedule(interval=timedelta(seconds=2)))
    deployment = await own.deploy(
        "sleeper", seconds=0.5, limit=1, schedules=[every], job_variables={"late_after_seconds": 1.5}
    )
    await asyncio.sleep(8)

    start_worker(own.pool, "back-again", script=True)
    await own.noted("end")
    await own.client.pause_deployment(deployment)

    async def is_known() -> bool:  # what a run has noted itself the server knows a moment later
        return any(run.state.is_completed() for run in await _runs(own, deployment))

    await eventually(is_known)

    runs = [run for run in await _runs(own, deployment) if run.state.is_final()]
    skipped = [run for run in runs if run.state.name == "SkippedStale"]
    fresh = runs[len(skipped)]
    assert len(skipped) >= 3
    assert runs[: len(skipped)] == skipped
    assert fresh.state.is_completed()
    assert fresh.start_time - fresh.expected_start_time < timedelta(seconds=6)  # the machine may be busy
    recorded = [line.split()[1] for line in own.lines() if line.startswith("skipped")]
    assert recorded == [str(run.id) for run in skipped]


async def test_while_the_server_does_not_answer_there_are_no_runs_and_the_worker_goes_on():
    worker = _Unanswered("pool", name="patient")

    assert await worker.get_and_submit_flow_runs() == []


async def _runs(workshop, deployment) -> list[FlowRun]:
    """The runs of a deployment, oldest first."""
    return await workshop.client.read_flow_runs(
        flow_run_filter=FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[deployment])),
        sort=FlowRunSort.EXPECTED_START_TIME_ASC,
        limit=50,
    )


async def _until(workshop, flow_run, condition) -> None:
    async def reached() -> object:
        return condition(await workshop.client.read_flow_run(flow_run))

    await eventually(reached)


async def _until_begun(workshop, times) -> None:
    async def reached() -> bool:
        return sum(line.startswith("begin") for line in workshop.lines()) == times

    await eventually(reached)


async def _wait_until_online(workshop, name) -> None:
    async def online() -> bool:
        return name in {worker.name for worker in await workshop.client.read_workers_for_work_pool(workshop.pool)}

    await eventually(online)


class _Unanswered(DeskWorker):
    type = "unanswered"

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self._has_successfully_synced = True

    async def _get_scheduled_flow_runs(self):
        raise httpx.ConnectError("refused")
