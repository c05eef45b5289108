"""Whether Prefect scans an account: what it says of the deployment, in one or two light questions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import httpx

from console.times import format_next
from deployments.plan import FLOW

_PATIENCE = 3.0


class AtPrefect(StrEnum):
    """How the deployment of an account is."""

    RUNS = "runs"
    PAUSED = "paused"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ScheduleFound:
    """What Prefect says of the schedule of an account.

    Attributes:
        next_run: of those that it has planned; None where it has planned none.
        problem: why nothing is known; empty where something is.
    """

    state: AtPrefect
    next_run: datetime | None = None
    problem: str = ""

    def can_start(self, *, is_active: bool) -> bool:
        """Whether starting it would change the server or, where `is_active` says otherwise, the file."""
        return not is_active or self.state is not AtPrefect.RUNS

    def can_stop(self, *, is_active: bool) -> bool:
        """Whether stopping it would change the server or, where `is_active` says otherwise, the file."""
        return is_active or self.state in (AtPrefect.RUNS, AtPrefect.UNKNOWN)

    def told(self, now: datetime) -> str:
        """Return it as one sentence."""
        match self.state:
            case AtPrefect.RUNS if self.next_run is not None:
                return f"The schedule runs, next at {format_next(self.next_run, now)}."
            case AtPrefect.RUNS:
                return "The schedule runs; no run is planned yet."
            case AtPrefect.PAUSED:
                return "The schedule is paused."
            case AtPrefect.MISSING:
                return "There is no deployment: nothing scans it."
            case AtPrefect.UNKNOWN:
                return "Prefect does not answer: whether the schedule runs is not known."


async def find_schedule(api: str, account: str, *, transport: httpx.AsyncBaseTransport | None = None) -> ScheduleFound:
    """Return how the deployment of an account is; a server that does not answer is told, never raised.

    Args:
        api: the address of Prefect, up to `/api`.
        account: its name.
        transport: in place of the network.
    """
    try:
        async with httpx.AsyncClient(base_url=api, timeout=_PATIENCE, transport=transport) as client:
            reply = await client.get(f"/deployments/name/{FLOW}/{account}")
            if reply.status_code == HTTPStatus.NOT_FOUND:
                return ScheduleFound(AtPrefect.MISSING)
            return await _found(client, reply.raise_for_status().json())
    except (httpx.HTTPError, ValueError, KeyError) as error:
        told = str(error) or type(error).__name__
        return ScheduleFound(AtPrefect.UNKNOWN, problem=f"expected Prefect's API at {api}, found {told}")


async def _found(client: httpx.AsyncClient, deployment: dict[str, Any]) -> ScheduleFound:
    if deployment["paused"] or not any(one["active"] for one in deployment["schedules"]):
        return ScheduleFound(AtPrefect.PAUSED)
    planned = {
        "deployments": {"id": {"any_": [deployment["id"]]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
        "sort": "NEXT_SCHEDULED_START_TIME_ASC",
        "limit": 1,
    }
    runs = (await client.post("/flow_runs/filter", json=planned)).raise_for_status().json()
    return ScheduleFound(AtPrefect.RUNS, _time(runs[0]["next_scheduled_start_time"]) if runs else None)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
