"""Writes prefect.yaml, so that `prefect deploy --all` makes the same deployments as `desk deploy`."""

from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML

from deployments.convert import CONCURRENCY
from deployments.plan import POOL, SCHEDULE_SLUG, SIMULTANEOUS_RUNS, PlannedDeployment, PlannedSchedule, plan_fleet
from desk.accounts import load_fleet

HEADER = """\
# Written from config/accounts.yaml by `python -m deployments.render`; change that file, not this one.
# `prefect deploy --all` makes these deployments. `desk deploy` makes the same and does three things more: it creates
# the work pool, it leaves paused what an operator has paused, and it removes the deployments of accounts that are gone.
"""


def render(planned: tuple[PlannedDeployment, ...]) -> str:
    """Return the text of prefect.yaml."""
    document = {
        "name": "scandesk",
        "build": None,
        "push": None,
        "pull": [],  # flows are imported from where they are installed
        "deployments": [_deployment(item) for item in planned],
    }
    text = StringIO()
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 120
    yaml.dump(document, text)
    return f"{HEADER}\n{text.getvalue()}"


def write(configuration: Path, target: Path) -> None:
    """Write `target` for the fleet in the directory `configuration`."""
    target.write_text(render(plan_fleet(load_fleet(configuration))), encoding="utf-8")


def _deployment(planned: PlannedDeployment) -> dict[str, object]:
    paused = {} if planned.active else {"paused": True}
    return {
        "name": planned.name,
        "description": planned.description,
        "version": planned.version,
        "entrypoint": planned.entrypoint,
        "parameters": dict(planned.parameters),
        "tags": list(planned.tags),
        **paused,
        "schedules": [{"slug": SCHEDULE_SLUG, **_schedule(planned.schedule)}] if planned.schedule else [],
        "concurrency_limit": {
            "limit": SIMULTANEOUS_RUNS,
            "collision_strategy": CONCURRENCY.collision_strategy.value,
            "grace_period_seconds": CONCURRENCY.grace_period_seconds,
        },
        "work_pool": {"name": POOL, "job_variables": dict(planned.job_variables)},
    }


def _schedule(schedule: PlannedSchedule) -> dict[str, object]:
    if schedule.interval is not None:
        assert schedule.anchor is not None, f"an interval without an anchor: {schedule}"
        timing = {"interval": schedule.interval.total_seconds(), "anchor_date": schedule.anchor.isoformat()}
        return {**timing, "timezone": schedule.timezone}
    kind = {"cron": schedule.cron} if schedule.cron is not None else {"rrule": schedule.rrule}
    return {**kind, "timezone": schedule.timezone}


if __name__ == "__main__":
    root = Path(__file__).resolve().parents[1]
    write(root / "config", root / "prefect.yaml")
