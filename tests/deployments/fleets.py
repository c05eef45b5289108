"""Small fleets for the tests of plan, apply and render."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from deployments.plan import PlannedDeployment, plan
from desk.accounts import AccountSpec, Fleet, Schedule

EVERY = Schedule(every=timedelta(minutes=5), offset=timedelta(seconds=20))


def account(name: str, schedule: Schedule = EVERY, **changes: object) -> AccountSpec:
    fields = {
        "name": name,
        "description": f"About {name}.",
        "venue": "oanda",
        "mode": "paper",
        "feed": "made",
        "currency": "USD",
        "starting_cash": "1000",
        "instruments": ["EUR/USD"],
        "strategies": [{"name": "breakout"}],
        "policy": "cautious",
        "late_after": timedelta(minutes=5),
        "config_version": "abc123",
        "schedule": schedule,
    }
    return AccountSpec(**{**fields, **changes})


def fleet(*accounts: AccountSpec) -> Fleet:
    return Fleet(
        connections={},
        directory=Path("config"),
        accounts={item.name: item for item in accounts},
        feeds={},
        venues={},
        policies={},
    )


def planned(*accounts: AccountSpec) -> tuple[PlannedDeployment, ...]:
    """The plan of a fleet, with a flow that the tests can load in place of the desk's own."""
    return tuple(replace(item, entrypoint="sample_flows.scan") for item in plan(fleet(*accounts)))
