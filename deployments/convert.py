"""Turns planned deployments into what Prefect's client takes, and existing ones into what can be compared."""

from typing import Any

from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions, DeploymentSchedule
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule

from deployments.plan import GRACE_PERIOD, SCHEDULE_SLUG, SIMULTANEOUS_RUNS, PlannedDeployment, PlannedSchedule

PrefectSchedule = IntervalSchedule | CronSchedule | RRuleSchedule

CONCURRENCY = ConcurrencyOptions(
    collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW, grace_period_seconds=int(GRACE_PERIOD.total_seconds())
)
"""A second run of an account that is being scanned is cancelled, not queued: it would act on an old candle."""


def prefect_schedule(planned: PlannedSchedule | None) -> PrefectSchedule | None:
    """Return the schedule as Prefect has it; None for a deployment that runs when it is asked to."""
    if planned is None:
        return None
    if planned.interval is not None:
        return IntervalSchedule(interval=planned.interval, anchor_date=planned.anchor, timezone=planned.timezone)
    if planned.cron is not None:
        return CronSchedule(cron=planned.cron, timezone=planned.timezone)
    assert planned.rrule is not None, f"a schedule of no kind: {planned}"
    return RRuleSchedule(rrule=planned.rrule, timezone=planned.timezone)


def wanted_fields(planned: PlannedDeployment, schema: dict[str, Any], pool: str) -> dict[str, object]:
    """Return what a deployment should have, in the shape of `actual_fields`."""
    return {
        "entrypoint": planned.entrypoint,
        "work pool": pool,
        "parameters": dict(planned.parameters),
        "parameter schema": schema,
        "tags": sorted(planned.tags),
        "description": planned.description,
        "version": planned.version,
        "job variables": dict(planned.job_variables),
        "schedule": schedule_fields(prefect_schedule(planned.schedule)),
        "simultaneous runs": SIMULTANEOUS_RUNS,
        "on collision": CONCURRENCY.collision_strategy.value,
        "grace period": CONCURRENCY.grace_period_seconds,
    }


def actual_fields(existing: DeploymentResponse) -> dict[str, object]:
    """Return what a deployment has; an operator's pause is not looked at."""
    schedule = our_schedule(existing)
    limit = existing.global_concurrency_limit
    options = existing.concurrency_options
    return {
        "entrypoint": existing.entrypoint,
        "work pool": existing.work_pool_name,
        "parameters": existing.parameters,
        "parameter schema": existing.parameter_openapi_schema,
        "tags": sorted(existing.tags),
        "description": existing.description,
        "version": existing.version,
        "job variables": existing.job_variables,
        "schedule": schedule_fields(schedule.schedule) if schedule else None,
        "simultaneous runs": limit.limit if limit else None,
        "on collision": options.collision_strategy.value if options else None,
        "grace period": options.grace_period_seconds if options else None,
    }


def our_schedule(existing: DeploymentResponse) -> DeploymentSchedule | None:
    """Return the schedule that we made, not one that an operator added."""
    return next((schedule for schedule in existing.schedules if schedule.slug == SCHEDULE_SLUG), None)


def schedule_fields(schedule: object) -> dict[str, object] | None:
    """Return what a schedule says, without what Prefect fills in by itself."""
    if isinstance(schedule, IntervalSchedule):
        offset = schedule.anchor_date.timestamp() % schedule.interval.total_seconds()
        return {"every": str(schedule.interval), "offset": offset, "timezone": schedule.timezone}
    if isinstance(schedule, CronSchedule):
        return {"cron": schedule.cron, "timezone": schedule.timezone}
    if isinstance(schedule, RRuleSchedule):
        # The server writes a beginning of its own before the rule.
        rule = schedule.rrule.rpartition("\n")[2].removeprefix("RRULE:")
        return {"rrule": rule, "timezone": schedule.timezone}
    return None
