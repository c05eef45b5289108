"""Whether accounts are scanned when they should be, and how their scans end."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from console.services.health.components import Component, Health, worst_of
from console.services.standings import FleetStanding, Standing, overdue_since, tell_overdue
from desk.model.cycle import CycleState


def accounts_health(found: FleetStanding, now: datetime) -> Component:
    """Return how the accounts are that are scanned."""
    parts = tuple(_account(standing, now) for standing in found.accounts)
    if not parts:
        return Component("accounts", Health.NOT_THERE, "no account is configured")
    return Component("accounts", worst_of(parts), _in_total(parts), parts=parts)


def _in_total(parts: Iterable[Component]) -> str:
    counts = Counter(part.health for part in parts if part.health is not Health.NOT_THERE)
    told = [f"{counts[Health.OK]} of {counts.total()} are scanned as they should be"]
    if counts[Health.UNKNOWN]:
        told.append(f"{counts[Health.UNKNOWN]} were never scanned")
    if ill := counts[Health.WARNING] + counts[Health.FAILING]:
        told.append(f"{ill} need a look")
    return ", ".join(told)


def _account(standing: Standing, now: datetime) -> Component:
    name, cycle = standing.spec.name, standing.cycle
    if not standing.spec.active:
        return Component(name, Health.NOT_THERE, "it is not active")
    if cycle is None:
        return Component(name, Health.UNKNOWN, "it was never scanned")
    due = overdue_since(standing, now)
    if due is not None:
        return Component(name, Health.FAILING, f"{tell_overdue(due)}: look at the worker", due)
    if standing.wrong:
        is_failing = cycle.state in (CycleState.FAILED, CycleState.CRASHED)
        return Component(name, Health.FAILING if is_failing else Health.WARNING, standing.wrong, cycle.started_at)
    return Component(name, Health.OK, f"{cycle.state}, as it was due", cycle.started_at)
