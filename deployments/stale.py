"""Says which of the flow runs that a worker is offered come too late to be executed. Pure: times and facts come in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from prefect.client.schemas.objects import FlowRun

SKIPPED_STALE = "SkippedStale"
"""The name of the state of a run that was not executed because it came too late."""


@dataclass(frozen=True, slots=True)
class Punctuality:
    """What decides whether the late runs of a deployment are still wanted.

    Attributes:
        late_after: a run that starts later than this after its time is stale; None for no limit.
        paused: a paused deployment keeps runs that were late already, and the server goes on offering them.
    """

    late_after: timedelta | None
    paused: bool


@dataclass(frozen=True, slots=True)
class Stale:
    """A run that is not to be executed, and why."""

    flow_run: FlowRun
    why: str


def is_overdue(flow_run: FlowRun, now: datetime) -> bool:
    """Whether this is the first attempt of a run that the scheduler made, and its time has come.

    What a person started, or retried, is never stale: they want it now.
    """
    due = flow_run.expected_start_time
    return flow_run.auto_scheduled and flow_run.run_count == 0 and due is not None and due <= now


def stale_runs(offered: Sequence[FlowRun], punctuality: Mapping[UUID, Punctuality], now: datetime) -> list[Stale]:
    """Return the runs of `offered` that come too late, oldest first.

    Of several overdue runs of one deployment only the newest is still of use, however patient the deployment is.
    A run whose deployment is not in `punctuality` is left alone.
    """
    overdue = sorted((run for run in offered if is_overdue(run, now)), key=_due)
    newest = {run.deployment_id: run.id for run in overdue}
    judged = (_judge(run, punctuality, now, is_newest=newest[run.deployment_id] == run.id) for run in overdue)
    return [stale for stale in judged if stale is not None]


def _judge(
    flow_run: FlowRun, punctuality: Mapping[UUID, Punctuality], now: datetime, *, is_newest: bool
) -> Stale | None:
    terms = punctuality.get(flow_run.deployment_id) if flow_run.deployment_id else None
    if terms is None:
        return None
    if terms.paused:
        return Stale(flow_run, "The deployment is paused, and this run was late already.")
    if not is_newest:
        return Stale(flow_run, "A newer run of the deployment is due as well.")
    lateness = now - _due(flow_run)
    if terms.late_after is not None and lateness > terms.late_after:
        return Stale(flow_run, f"Expected to start within {terms.late_after} of its time, found it {lateness} late.")
    return None


def _due(flow_run: FlowRun) -> datetime:
    due = flow_run.expected_start_time
    assert due is not None, f"flow run {flow_run.id} is overdue without a time"
    return due
