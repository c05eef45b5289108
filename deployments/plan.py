"""Derives the deployments that a fleet needs: scans, watches, what looks after all accounts. Pure; knows no server."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from desk.accounts import AccountSpec, Fleet, Schedule
from desk.accounts.watching import watch_every

POOL = "desk"
FLOW = "scan"
ENTRYPOINT = "flows.scan.scan"

RECONCILE = "reconcile"
WATCH = "watch"
GUARDIAN = "guardian"
REVIEW = "review-strategies"
REBALANCE = "rebalance"
BACKTEST = "backtest"
FLOWS = (FLOW, RECONCILE, WATCH, GUARDIAN, REVIEW, REBALANCE, BACKTEST)
"""Every flow that we make deployments of."""
RECONCILE_EVERY = timedelta(minutes=15)
RECONCILE_OFFSET = timedelta(minutes=2, seconds=40)
"""Away from the seconds after a candle's close, in which accounts are scanned."""

WATCH_OFFSET = timedelta(seconds=17)
GUARDIAN_EVERY = timedelta(minutes=1)
GUARDIAN_OFFSET = timedelta(seconds=43)
GUARDIAN_TIMEOUT = timedelta(seconds=250)
DAILY = timedelta(days=1)
REVIEW_OFFSET = timedelta(minutes=7, seconds=20)
REBALANCE_OFFSET = timedelta(minutes=12, seconds=20)
DAILY_LATE_AFTER = timedelta(hours=12)
"""What waits for a worker that starts in the morning is still done."""
WATCH_TIMEOUT = timedelta(seconds=65)
"""Longer than the flow's own, which tells more."""

OURS = "scandesk"
"""The tag of every deployment that we made, and may remove again."""
INACTIVE = "inactive"
"""The tag of a deployment that we paused because its account is inactive; an operator's pause has none."""

SCHEDULE_SLUG = "scan"
"""Names the schedule, so that a changed one keeps whether the operator has switched it off."""

SIMULTANEOUS_RUNS = 1
GRACE_PERIOD = timedelta(seconds=60)
"""How long a run that died before it began keeps its account blocked; the least that Prefect allows."""

BACKTEST_TIMEOUT = timedelta(seconds=3_660)
"""Longer than the flow's own, which tells more."""
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
        schedule: None where it only runs when somebody asks.
        active: whether it may run at all; an operator can pause an active one.
    """

    name: str
    description: str
    version: str
    parameters: Mapping[str, str]
    tags: tuple[str, ...]
    schedule: PlannedSchedule | None
    job_variables: Mapping[str, float]
    active: bool
    flow: str = FLOW
    entrypoint: str = ENTRYPOINT

    @property
    def full_name(self) -> str:
        """The name as Prefect writes it."""
        return f"{self.flow}/{self.name}"


def plan_fleet(fleet: Fleet) -> tuple[PlannedDeployment, ...]:
    """Return every deployment of a fleet: its scans and watches, and what looks after all accounts."""
    around = (_guardian(), _review(), *_rebalancing(fleet), _backtest(), _reconciliation())
    return (*plan(fleet), *_watches(fleet), *around)


def plan(fleet: Fleet) -> tuple[PlannedDeployment, ...]:
    """Return the deployments that scan a fleet, in the order of its accounts."""
    return tuple(_deployment(account) for account in fleet.accounts.values())


def _watches(fleet: Fleet) -> tuple[PlannedDeployment, ...]:
    every = {account.name: watch_every(account) for account in fleet.accounts.values() if account.active}
    return tuple(_watch(fleet.account(name), interval) for name, interval in every.items() if interval is not None)


def _watch(account: AccountSpec, every: timedelta) -> PlannedDeployment:
    return PlannedDeployment(
        name=account.name,
        description=f"Watches the positions of {account.name}.",
        version=account.config_version,
        parameters={"account": account.name},
        tags=(*_tags(account), WATCH),
        schedule=PlannedSchedule(interval=every, anchor=_MIDNIGHT + WATCH_OFFSET % every),
        job_variables={
            "late_after_seconds": every.total_seconds(),
            "timeout_seconds": WATCH_TIMEOUT.total_seconds(),
        },
        active=True,
        flow=WATCH,
        entrypoint="flows.watch.watch",
    )


def _guardian() -> PlannedDeployment:
    description = "Watches what nobody else watches."
    return _of_fleet(
        GUARDIAN,
        description,
        "flows.guardian.guardian",
        _at(GUARDIAN_EVERY, GUARDIAN_OFFSET),
        GUARDIAN_EVERY,
        GUARDIAN_TIMEOUT,
    )


def _reconciliation() -> PlannedDeployment:
    description, schedule = "Compares every active account with its venue.", _at(RECONCILE_EVERY, RECONCILE_OFFSET)
    found = _of_fleet(RECONCILE, description, "flows.reconcile.reconcile", schedule, RECONCILE_EVERY)
    return replace(found, parameters={"account": "fleet"})


def _review() -> PlannedDeployment:
    description = "Puts strategies that have decayed into quarantine."
    return _daily(REVIEW, description, REVIEW_OFFSET, "flows.review_strategies.review_strategies")


def _rebalancing(fleet: Fleet) -> tuple[PlannedDeployment, ...]:
    if fleet.portfolio is None:
        return ()
    description = "Tells how the fleet's money should be shared out."
    return (_daily(REBALANCE, description, REBALANCE_OFFSET, "flows.rebalance.rebalance"),)


def _backtest() -> PlannedDeployment:
    description = "Trades an account's past: run it with the account's name."
    entrypoint = "flows.backtest.backtest_account"
    return _of_fleet(BACKTEST, description, entrypoint, None, DAILY_LATE_AFTER, BACKTEST_TIMEOUT)


def _daily(flow: str, description: str, offset: timedelta, entrypoint: str) -> PlannedDeployment:
    return _of_fleet(flow, description, entrypoint, _at(DAILY, offset), DAILY_LATE_AFTER)


def _at(every: timedelta, offset: timedelta) -> PlannedSchedule:
    return PlannedSchedule(interval=every, anchor=_MIDNIGHT + offset)


def _of_fleet(
    flow: str,
    description: str,
    entrypoint: str,
    schedule: PlannedSchedule | None,
    late_after: timedelta,
    timeout: timedelta = LONGEST_TIMEOUT,
) -> PlannedDeployment:
    """What looks after all accounts together; no configuration of one decides for it."""
    return PlannedDeployment(
        name="fleet",
        description=description,
        version="1",
        parameters={},
        tags=(OURS, "fleet"),
        schedule=schedule,
        job_variables={"late_after_seconds": late_after.total_seconds(), "timeout_seconds": timeout.total_seconds()},
        active=True,
        flow=flow,
        entrypoint=entrypoint,
    )


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
