"""Brings the deployments on a Prefect server in line with a plan, and says what it changed."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import (
    DeploymentScheduleCreate,
    DeploymentScheduleUpdate,
    DeploymentUpdate,
    WorkPoolCreate,
    WorkPoolUpdate,
)
from prefect.client.schemas.filters import FlowFilter, FlowFilterName
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema

from deployments.convert import CONCURRENCY, actual_fields, our_schedule, prefect_schedule, wanted_fields
from deployments.job import base_job_template
from deployments.plan import FLOWS, INACTIVE, OURS, POOL, SCHEDULE_SLUG, SIMULTANEOUS_RUNS, PlannedDeployment

_PAGE = 200


class Action(StrEnum):
    """What is done to a deployment."""

    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Change:
    """One deployment, what is done to it, and how it differed.

    Attributes:
        name: as Prefect writes it, `flow/deployment`.
        differences: one line each; long values are left out.
    """

    name: str
    action: Action
    differences: tuple[str, ...] = ()
    planned: PlannedDeployment | None = None
    existing: DeploymentResponse | None = None


async def compare(
    client: PrefectClient, planned: Sequence[PlannedDeployment], *, pool: str = POOL, names: Sequence[str] | None = None
) -> list[Change]:
    """Return what `apply` would do, and change nothing."""
    existing = {f"{flow}/{found.name}": found for flow in FLOWS for found in await _existing(client, flow)}
    changes = [_change(item, existing.get(item.full_name), pool) for item in planned if _is_one(item.full_name, names)]
    gone = existing.keys() - {item.full_name for item in planned}
    return changes + [
        Change(name, Action.REMOVE, existing=existing[name])
        for name in sorted(gone)
        if OURS in existing[name].tags and _is_one(name, names)
    ]


async def apply(
    client: PrefectClient, planned: Sequence[PlannedDeployment], *, pool: str = POOL, names: Sequence[str] | None = None
) -> list[Change]:
    """Create, update and remove deployments until the server has what is planned, and return what was done.

    A deployment that an operator has paused stays paused, and a schedule that is switched off stays off. One after the
    other: SQLite refuses writers that come at once.

    Args:
        client: of the server.
        planned: every deployment that there should be.
        pool: that runs them.
        names: those that may be touched, `flow/deployment` each; all without.
    """
    await ensure_pool(client, pool)
    changes = await compare(client, planned, pool=pool, names=names)
    await carry_out(client, changes, pool=pool)
    return changes


async def carry_out(client: PrefectClient, changes: Sequence[Change], *, pool: str = POOL) -> None:
    """Make what `compare` found; where a deployment was removed since, it is made anew if there should be one."""
    for change in changes:
        await _carry_out(client, change, pool)


def _is_one(name: str, names: Sequence[str] | None) -> bool:
    return names is None or name in names


async def ensure_pool(client: PrefectClient, name: str = POOL) -> None:
    """Make the work pool where it is missing, and give one of our type the job variables of this version."""
    template = base_job_template()
    try:
        pool = await client.read_work_pool(name)
    except ObjectNotFound:
        await client.create_work_pool(WorkPoolCreate(name=name, type="desk", base_job_template=template))
        return
    known = pool.base_job_template.get("variables", {}).get("properties", {})
    if pool.type == "desk" and known.keys() != template["variables"]["properties"].keys():
        await client.update_work_pool(name, WorkPoolUpdate(base_job_template=template))


def describe(changes: Sequence[Change]) -> str:
    """Return the changes as lines for a terminal; deployments that stay as they are are counted in the last one."""
    signs = {Action.CREATE: "+", Action.UPDATE: "~", Action.REMOVE: "-"}
    lines: list[str] = []
    for change in changes:
        if change.action is not Action.KEEP:
            lines.append(f"{signs[change.action]} {change.name}  {change.action.value}")
            lines.extend(f"    {difference}" for difference in change.differences)
    if kept := sum(change.action is Action.KEEP for change in changes):
        lines.append(f"  {kept} {'stays as it is' if kept == 1 else 'stay as they are'}")
    return "\n".join(lines)


async def _existing(client: PrefectClient, flow: str) -> list[DeploymentResponse]:
    found: list[DeploymentResponse] = []
    while True:
        page = await client.read_deployments(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[flow])), limit=_PAGE, offset=len(found)
        )
        found.extend(page)
        if len(page) < _PAGE:
            return found


def _change(planned: PlannedDeployment, existing: DeploymentResponse | None, pool: str) -> Change:
    if existing is None:
        return Change(planned.full_name, Action.CREATE, planned=planned)
    wanted, actual = wanted_fields(planned, _schema(planned), pool), actual_fields(existing)
    differences = [_difference(key, actual[key], wanted[key]) for key in wanted if actual[key] != wanted[key]]
    paused = _wanted_pause(planned, existing)
    if paused is not None and paused != existing.paused:
        differences.append(_difference("paused", existing.paused, paused))
    action = Action.UPDATE if differences else Action.KEEP
    return Change(planned.full_name, action, tuple(differences), planned, existing)


def _difference(key: str, actual: object, wanted: object) -> str:
    if key == "parameter schema":
        return f"{key}: changed"
    return f"{key}: {actual} → {wanted}"


def _wanted_pause(planned: PlannedDeployment, existing: DeploymentResponse) -> bool | None:
    """Whether the deployment must be paused; None leaves it to the operator."""
    if not planned.active:
        return True
    return False if INACTIVE in existing.tags else None


async def _carry_out(client: PrefectClient, change: Change, pool: str) -> None:
    match change:
        case Change(action=Action.CREATE, planned=PlannedDeployment() as planned):
            await _create(client, planned, pool)
        case Change(action=Action.UPDATE, planned=PlannedDeployment() as planned, existing=DeploymentResponse() as old):
            try:
                await client.update_deployment(old.id, _update(planned, old, pool))
            except PrefectHTTPStatusError as error:
                if error.response.status_code != HTTPStatus.NOT_FOUND:
                    raise
                await _create(client, planned, pool)
        case Change(action=Action.REMOVE, existing=DeploymentResponse() as old):
            with suppress(ObjectNotFound):
                await client.delete_deployment(old.id)


async def _create(client: PrefectClient, planned: PlannedDeployment, pool: str) -> None:
    found = prefect_schedule(planned.schedule)
    schedules = [] if found is None else [DeploymentScheduleCreate(schedule=found, slug=SCHEDULE_SLUG)]
    await client.create_deployment(
        flow_id=await client.create_flow_from_name(planned.flow),
        name=planned.name,
        paused=not planned.active,
        schedules=schedules,
        **_common(planned, pool),
    )


def _update(planned: PlannedDeployment, existing: DeploymentResponse, pool: str) -> DeploymentUpdate:
    old, found = our_schedule(existing), prefect_schedule(planned.schedule)
    is_on = old.active if old else True
    schedules = [] if found is None else [DeploymentScheduleUpdate(schedule=found, slug=SCHEDULE_SLUG, active=is_on)]
    paused = _wanted_pause(planned, existing)
    pause = {} if paused is None else {"paused": paused}
    return DeploymentUpdate(schedules=schedules, **pause, **_common(planned, pool))


def _common(planned: PlannedDeployment, pool: str) -> dict[str, Any]:
    return {
        "version": planned.version,
        "description": planned.description,
        "parameters": dict(planned.parameters),
        "parameter_openapi_schema": _schema(planned),
        "enforce_parameter_schema": True,
        "tags": list(planned.tags),
        "entrypoint": planned.entrypoint,
        "pull_steps": [],  # the flow is installed where it runs
        "work_pool_name": pool,
        "job_variables": dict(planned.job_variables),
        "concurrency_limit": SIMULTANEOUS_RUNS,
        "concurrency_options": CONCURRENCY,
    }


def _schema(planned: PlannedDeployment) -> dict[str, Any]:
    flow: Flow[Any, Any] = load_flow_from_entrypoint(planned.entrypoint, use_placeholder_flow=False)
    return parameter_schema(flow).model_dump(exclude_unset=True)
