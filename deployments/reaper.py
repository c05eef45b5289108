"""Finds flow runs that a worker left behind: shown as running, executed by nobody."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, StateType

UNFINISHED = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
SETTLING_TIME = timedelta(seconds=60)
"""How old a state must be before a run that is not executed counts as left behind, rather than on its way."""

_PAGE = 200


def infrastructure_id(worker: str, process: int) -> str:
    """Return what a flow run shows as its infrastructure while a worker executes it."""
    return f"desk:{worker}:{process}"


def belongs_to(flow_run: FlowRun, worker: str) -> bool:
    """Whether a worker of that name, this process or an earlier one, has taken the run.

    The label is there a moment before the infrastructure id.
    """
    if flow_run.infrastructure_pid:
        return flow_run.infrastructure_pid.rpartition(":")[0] == f"desk:{worker}"
    return flow_run.labels.get("prefect.worker.name") == worker


def is_orphan(
    flow_run: FlowRun, *, worker: str, executing: Collection[UUID], now: datetime, settled_for: timedelta
) -> bool:
    """Whether nobody executes the run.

    Args:
        flow_run: in one of the `UNFINISHED` states.
        worker: the name that this process holds alone.
        executing: what this process takes care of.
        now: aware UTC.
        settled_for: how old the state of a run of ours must be; zero where a predecessor has just died.
    """
    if flow_run.id in executing or flow_run.state is None:
        return False
    age = now - flow_run.state.timestamp
    if belongs_to(flow_run, worker):
        return age >= settled_for
    return _was_never_labelled(flow_run) and age >= SETTLING_TIME


async def unfinished_runs(client: PrefectClient, pool: str) -> list[FlowRun]:
    """Return all runs of a work pool that are shown as pending, running or being cancelled."""
    found: list[FlowRun] = []
    while True:
        page = await client.read_flow_runs(
            work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[pool])),
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=UNFINISHED))),
            limit=_PAGE,
            offset=len(found),
        )
        found.extend(page)
        if len(page) < _PAGE:
            return found


def _was_never_labelled(flow_run: FlowRun) -> bool:
    """Whether a worker died between taking the run and saying who it is."""
    is_pending = flow_run.state is not None and flow_run.state.is_pending()
    return is_pending and not flow_run.infrastructure_pid and "prefect.worker.name" not in flow_run.labels
