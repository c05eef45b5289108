"""Derives the deployments that a fleet needs: one `scan/<account>` each. Pure; knows nothing of a server."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from desk.accounts import AccountSpec, Fleet, Schedule

POOL = "desk"
FLOW = "scan"
ENTRYPOINT = "flows.scan.scan"

OURS = "scandesk"
"""The tag of every deployment that we made, and may remove again."""
INACTIVE = "inactive"
"""The tag of a deployment that we paused because its account is inactive; an operator's pause has none."""

SCHEDULE_SLUG = "scan"
"""Names the schedule, so that a changed one keeps whether the operator has switched it off."""

SIMULTANEOUS_RUNS = 1
GRACE_PERIOD = timedelta(seconds=60)
"""How long a run that died before it began keeps its account blocked; the least that Prefect allows."""

SHORTEST_TIMEOUT = timedelta(seconds=30)
LONGEST_TIMEOUT = timedelta(seconds=300)

_MIDNIGHT = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PlannedSchedule:
    """When a deployment runs: one of `interval`, `cron` and `rrule`.

    Attributes:
        anchor: a time at which an interval schedule fires, aware UTC.
        timezone: the zone of cron and rrule.
    """

    interval: timedelta | None = None
    anchor: datetime | None = None
    cron: str | None = None
    rrule: str | None = None
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class PlannedDeployment:
    """A deployment as it should be.

    Attributes:
        version: the configuration that its runs decide by.
        active: whether it may run at all; an operator can pause an active one.
    """

    name: str
    description: str
    version: str
    parameters: Mapping[str, str]
    tags: tuple[str, ...]
    schedule: PlannedSchedule
    job_variables: Mapping[str, float]
    active: bool
    flow: str = FLOW
    entrypoint: str = ENTRYPOINT

    @property
    def full_name(self) -> str:
        """The name as Prefect writes it."""
        return f"{self.flow}/{self.name}"


def plan(fleet: Fleet) -> tuple[PlannedDeployment, ...]:
    """Return the deployments of a fleet, in the order of its accounts."""
    return tuple(_deployment(account) for account in fleet.accounts.values())


def _deployment(account: AccountSpec) -> PlannedDeployment:
    return PlannedDeployment(
        name=account.name,
        # Prefect writes the word "None" where there is no description.
        description=account.description or f"Scans the account {account.name}.",
        version=account.config_version,
        parameters={"account": account.name},
        tags=_tags(account),
        schedule=_schedule(account.schedule),
        job_variables={
            "late_after_seconds": account.late_after.total_seconds(),
            "timeout_seconds": _timeout(account.schedule).total_seconds(),
        },
        active=account.active,
    )


def _tags(account: AccountSpec) -> tuple[str, ...]:
    tags = (OURS, f"account:{account.name}", f"venue:{account.venue}", f"mode:{account.mode}")
    return tags if account.active else (*tags, INACTIVE)


def _schedule(schedule: Schedule) -> PlannedSchedule:
    if schedule.every is not None:
        return PlannedSchedule(interval=schedule.every, anchor=_MIDNIGHT + schedule.offset)
    return PlannedSchedule(cron=schedule.cron, rrule=schedule.rrule, timezone=schedule.timezone)


def _timeout(schedule: Schedule) -> timedelta:
    """A scan that has not ended when the next one is due only stands in its way."""
    return min(max(schedule.shortest_gap, SHORTEST_TIMEOUT), LONGEST_TIMEOUT)
