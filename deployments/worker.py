"""The Prefect worker of type `desk`: many light flow runs, executed side by side inside one long-lived process.

`prefect worker start --type desk --pool desk` finds it through the entry point in pyproject.toml. A process for each
run, as the stock worker starts it, costs ten times the CPU time of a scan.
"""

import asyncio
import importlib
import os
import socket
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast
from uuid import UUID

import anyio.abc
import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings
from prefect.states import Cancelled
from prefect.workers.base import BaseVariables, BaseWorker
from typing_extensions import override

from deployments.engine import Interruption, PrefectFlow
from deployments.execution import Execution
from deployments.flow_cache import FlowCache
from deployments.flow_loop import FlowLoop
from deployments.job import DeskJobConfiguration, DeskResult, base_job_template, punctuality
from deployments.outcome import settle
from deployments.reaper import SETTLING_TIME, infrastructure_id, is_orphan, unfinished_runs
from deployments.stale import SKIPPED_STALE, Punctuality, Stale, is_overdue, stale_runs
from deployments.stopping import REPORT_WITHIN, StopRequest, drain, every
from deployments.worker_lock import RunLocks, hold_name

RecordSkipped = Callable[[FlowRun], Coroutine[Any, Any, None]]
"""Keeps a record of a run that was skipped; it must bear to be told of the same run twice."""

CANCELLATION_POLL = 2.0
SWEEP_EVERY = 30.0


class DeskWorker(BaseWorker[DeskJobConfiguration, BaseVariables, DeskResult]):
    """Executes flow runs as asyncio tasks on one event loop."""

    type = "desk"
    job_configuration = DeskJobConfiguration
    _description = "Executes async flows side by side inside the worker's own process."

    def __init__(
        self,
        work_pool_name: str,
        *,
        name: str | None = None,
        record_skipped: RecordSkipped | None = None,
        **options: Any,
    ) -> None:
        """Make a worker; `options` are those of every Prefect worker.

        Args:
            work_pool_name: the pool to serve.
            name: stays the same over restarts, so that a new process clears up what a dead one left behind.
            record_skipped: told of every run that was too late; `flows.skips.record_skipped` where not given.
        """
        super().__init__(work_pool_name, name=name or f"desk-{socket.gethostname()}", **options)
        self._record_skipped = record_skipped or _record_in_ledger
        self._flows = FlowCache()
        self._flow_loop = FlowLoop()
        self._executing: dict[UUID, Execution] = {}
        self._skipping: set[UUID] = set()
        self._run_locks = RunLocks(get_current_settings().home / "workers" / "runs.lock")
        self._stop = StopRequest()

    @classmethod
    def get_default_base_job_template(cls) -> dict[str, Any]:
        """Return the template of a new work pool of this type."""
        return base_job_template()

    @override
    async def start(
        self, run_once: bool = False, with_healthcheck: bool = False, printer: Callable[..., None] = print
    ) -> None:
        """Serve the pool until told to stop by SIGTERM or SIGINT, then end the runs well; a second signal hurries."""
        serving = asyncio.ensure_future(super().start(run_once, with_healthcheck, printer))
        helpers = [
            asyncio.ensure_future(self._stop.requested.wait()),
            asyncio.ensure_future(every(CANCELLATION_POLL, self._forward_cancellations)),
            asyncio.ensure_future(every(SWEEP_EVERY, self._sweep)),
        ]
        with self._stop.on_signals():
            try:
                await asyncio.wait({serving, *helpers}, return_when=asyncio.FIRST_COMPLETED)
                if not serving.done():
                    printer(f"Worker {self.name!r} is stopping; {len(self._executing)} runs are not finished yet.")
                    await self._drain()
            finally:
                await _end_all([serving, *helpers])
        printer(f"Worker {self.name!r} stopped!")

    async def setup(self) -> None:
        """Claim the name, start the flow loop, and clear up what a dead process of this name left behind."""
        directory = get_current_settings().home / "workers"
        self._exit_stack.enter_context(hold_name(self.name, directory))
        self._exit_stack.enter_context(self._run_locks)
        self._exit_stack.enter_context(self._flow_loop)
        await super().setup()
        await self._sweep(settled_for=timedelta(0))

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """Take the runs that are due; while the server does not answer there are none."""
        try:
            return await super().get_and_submit_flow_runs()
        except httpx.HTTPError as error:
            self._warn_if_passing(error)
            return []

    async def sync_with_backend(self) -> None:
        """Send the heartbeat; one that does not arrive is sent again the next time."""
        try:
            await super().sync_with_backend()
        except httpx.HTTPError as error:
            # Before the first success the base class has its own way to wait.
            if not self._has_successfully_synced:
                raise
            self._warn_if_passing(error)

    async def run(
        self,
        flow_run: FlowRun,
        configuration: DeskJobConfiguration,
        task_status: anyio.abc.TaskStatus[Any] | None = None,
    ) -> DeskResult:
        """Execute the flow run here; when this returns, the server knows how it ended."""
        flow = await self._flows.get(configuration.entrypoint, configuration.timeout_seconds)
        execution = Execution(flow, flow_run, configuration.timeout_seconds, configuration.drain_seconds)
        self._executing[flow_run.id] = execution
        identifier = infrastructure_id(self.name, os.getpid())
        if task_status is not None:
            task_status.started(identifier)
        try:
            await self._execute(execution)
        finally:
            del self._executing[flow_run.id]
            execution.ended.set()
        return DeskResult(identifier=identifier, status_code=0)

    async def _execute(self, execution: Execution) -> None:
        why = "The run ended without a final state."
        state: State[Any] | None = None
        try:
            state = await execution.run(self._flow_loop)
        except Exception as error:
            self._logger.exception("the engine of flow run '%s' failed", execution.flow_run.name)
            why = f"Prefect's engine failed: {error!r}"
        if state is None or state.is_running() or state.is_pending() or state.is_cancelling():
            await self._settle(execution.flow_run.id, why, partial(_known, execution.flow))

    async def _get_scheduled_flow_runs(self) -> list[WorkerFlowRunResponse]:
        """Return the runs that are to be executed, oldest first, and set off the skipping of those that are not.

        A stale run is never made pending, so it takes no slot away from the fresh one.
        """
        if self._stop.requested.is_set():
            return []
        offered = [entry for entry in await super()._get_scheduled_flow_runs() if not self._has(entry.flow_run.id)]
        runs = [entry.flow_run for entry in offered]
        now = datetime.now(UTC)
        stale = stale_runs(runs, await self._punctuality(runs, now), now)
        if stale:
            self._skipping |= {item.flow_run.id for item in stale}
            self._tasks.start_soon(self._skip, stale)
        wanted = [entry for entry in offered if entry.flow_run.id not in self._skipping]
        return sorted(wanted, key=lambda entry: entry.flow_run.expected_start_time or now)

    async def _submit_run(self, flow_run: FlowRun) -> None:
        """Take a run at its time, not when it is fetched: it takes a slot, which the one before may still hold."""
        due = flow_run.next_scheduled_start_time or flow_run.expected_start_time
        if not await self._stop.comes_before(due):
            with self._run_locks.hold(flow_run.id) as is_ours:
                if is_ours and await self._is_waiting(flow_run.id):
                    await super()._submit_run(flow_run)
                    return
        self._submitting_flow_run_ids.discard(flow_run.id)
        self._release_limit_slot(flow_run.id)

    async def _is_waiting(self, flow_run_id: UUID) -> bool:
        """Whether the run is still to be taken; another worker may have had it since it was fetched."""
        try:
            state = (await self.client.read_flow_run(flow_run_id)).state
        except ObjectNotFound:
            return False
        return state is not None and state.is_scheduled()

    @property
    def _tasks(self) -> anyio.abc.TaskGroup:
        assert self._runs_task_group is not None, "the worker has not been set up"
        return self._runs_task_group

    def _has(self, flow_run_id: UUID) -> bool:
        """Whether the run is being taken, executed or skipped here already."""
        return (
            flow_run_id in self._skipping
            or flow_run_id in self._submitting_flow_run_ids
            or flow_run_id in self._executing
        )

    async def _punctuality(self, runs: list[FlowRun], now: datetime) -> dict[UUID, Punctuality]:
        found: dict[UUID, Punctuality] = {}
        for deployment_id in {run.deployment_id for run in runs if run.deployment_id and is_overdue(run, now)}:
            try:
                deployment = await self.client.read_deployment(deployment_id)
            except ObjectNotFound:
                continue  # the base class cancels what has no deployment any more
            found[deployment_id] = punctuality(deployment, self.work_pool.base_job_template)
        return found

    async def _skip(self, stale: list[Stale]) -> None:
        """Record and end runs that came too late; what fails is left to the next poll, and not executed either."""
        try:
            for item in stale:
                await self._flow_loop.run(partial(self._record_skipped, item.flow_run))
                state: State[Any] = Cancelled(name=SKIPPED_STALE, message=item.why)
                await self.client.set_flow_run_state(item.flow_run.id, state)
                self._logger.warning("skipped flow run '%s': %s", item.flow_run.name, item.why)
        except Exception:
            self._logger.exception("could not skip stale flow runs; trying again")
        finally:
            self._skipping -= {item.flow_run.id for item in stale}

    async def _forward_cancellations(self) -> None:
        """Interrupt the runs that somebody has asked to cancel."""
        if not self._executing or not self.is_setup:
            return
        asked = FlowRunFilter(
            id=FlowRunFilterId(any_=list(self._executing)),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.CANCELLING])),
        )
        try:
            cancelling = await self.client.read_flow_runs(flow_run_filter=asked)
        except httpx.HTTPError as error:
            self._warn_if_passing(error)
            return
        for flow_run in cancelling:
            execution = self._executing.get(flow_run.id)
            if execution is not None:
                execution.interrupt(self._flow_loop, Interruption(cancelled=True))

    async def _sweep(self, settled_for: timedelta = SETTLING_TIME) -> None:
        """Settle the runs that nobody executes: a dead process of this name had them, or they could not report."""
        if self._client is None:
            return
        try:
            unfinished = await unfinished_runs(self.client, self._work_pool_name)
        except httpx.HTTPError as error:
            self._warn_if_passing(error)
            return
        mine = {*self._executing, *self._submitting_flow_run_ids}
        now = datetime.now(UTC)
        for flow_run in unfinished:
            if is_orphan(flow_run, worker=self.name, executing=mine, now=now, settled_for=settled_for):
                why = f"The process of worker '{self.name}' that executed the run ended without reporting it."
                await self._settle(flow_run.id, why, partial(self._flow_of, flow_run))

    async def _settle(
        self, flow_run_id: UUID, why: str, find_flow: Callable[[], Awaitable[PrefectFlow | None]]
    ) -> None:
        try:
            await self._flow_loop.run(lambda: settle(get_client(), flow_run_id, why, find_flow))
        except httpx.HTTPError:
            self._logger.exception("could not settle flow run %s; the next sweep tries again", flow_run_id)

    async def _flow_of(self, flow_run: FlowRun) -> PrefectFlow | None:
        """Return the flow of a run for its hooks; None, and a log entry, where it cannot be had."""
        if flow_run.deployment_id is None:
            return None
        try:
            deployment = await get_client().read_deployment(flow_run.deployment_id)
            return await self._flows.get(deployment.entrypoint, DeskJobConfiguration().timeout_seconds)
        except Exception:
            self._logger.exception("no flow for the hooks of flow run '%s'", flow_run.name)
            return None

    async def _drain(self) -> None:
        deadline = asyncio.get_running_loop().time() + REPORT_WITHIN
        # The base class keeps this set, and has no event for it.
        while self._submitting_flow_run_ids and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await drain(list(self._executing.values()), self._flow_loop, self._stop.urgent)

    def _warn_if_passing(self, error: httpx.HTTPError) -> None:
        """Log an error that passes by itself, raise any other."""
        if isinstance(error, httpx.HTTPStatusError) and error.response.status_code < 500:
            raise error
        self._logger.warning("the Prefect server does not answer, trying again: %r", error)


async def _record_in_ledger(flow_run: FlowRun) -> None:
    # Imported late: most `prefect` commands import this module, and few need a ledger.
    record = cast(RecordSkipped, importlib.import_module("flows.skips").record_skipped)
    await record(flow_run)


async def _known(flow: PrefectFlow) -> PrefectFlow:
    return flow


async def _end_all(tasks: list[asyncio.Future[Any]]) -> None:
    """Cancel what is not done, and raise what failed."""
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome
