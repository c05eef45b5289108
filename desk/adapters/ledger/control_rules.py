"""What adjustments, trips, flattenings and arms owe the fills and the audit; pure, over rows of one account."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from desk.adapters.ledger.tables import AdjustmentRow, ArmRow, AuditRow, FillRow, FlatteningRow, TripRow
from desk.execution.breaker import BREAKER
from desk.model.instrument import Side
from desk.model.orders import FillReason

_STEP = timedelta(microseconds=1)
"""How far apart the fills of one adjustment are."""
_ENDS = ("flatten ended flat", "flatten dropped")


def adjustment_problems(adjustments: Sequence[AdjustmentRow], fills: Iterable[FillRow]) -> list[str]:
    """Return the adjustments that are not the fills that they explain, and the fills that nothing explains."""
    made = {fill.venue_trade_id: fill for fill in fills if fill.reason == FillReason.ADJUSTMENT}
    explained = {row.venue_trade_id for row in adjustments}
    strange = [f"fill {name}: expected an adjustment that explains it, found none" for name in made.keys() - explained]
    found = ((_first_of(group), _group_problem(group, made)) for group in _groups(adjustments))
    return [*(f"adjustment {name}: {problem}" for name, problem in found if problem), *sorted(strange)]


def trip_problems(trips: Iterable[TripRow], actions: Sequence[AuditRow]) -> list[str]:
    """Return the trips whose times and figures cannot be, or that the audit does not tell of."""
    told = {(row.at, row.action, _detail(row).get("limit")) for row in actions if row.who == BREAKER}
    found = ((row.limit, _trip_problem(row, told)) for row in trips)
    return [f"trip {limit}: {problem}" for limit, problem in found if problem]


def flattening_problems(flattenings: Iterable[FlatteningRow], actions: Sequence[AuditRow]) -> list[str]:
    """Return the flattenings that the audit does not tell of, or whose end it does not."""
    told = {(_detail(row).get("begun_at"), row.action) for row in actions}
    found = ((row.begun_at, _flattening_problem(row, told)) for row in flattenings)
    return [f"flattening of {begun_at.isoformat()}: {problem}" for begun_at, problem in found if problem]


def arm_problems(arms: Iterable[ArmRow], actions: Sequence[AuditRow]) -> list[str]:
    """Return the arms that are not what the audit says last."""
    last = next((row for row in reversed(actions) if row.action in ("armed", "disarmed")), None)
    return [problem for row in arms if (problem := _arm_problem(row, last))]


def _groups(adjustments: Iterable[AdjustmentRow]) -> list[list[AdjustmentRow]]:
    """The rows of each difference that was made good, which may have taken two fills."""
    groups: list[list[AdjustmentRow]] = []
    for row in sorted(adjustments, key=lambda row: (row.instrument, row.at)):
        if groups and _is_next(groups[-1][-1], row):
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _is_next(before: AdjustmentRow, row: AdjustmentRow) -> bool:
    return row.at - before.at == _STEP and _of(before) == _of(row)


def _of(row: AdjustmentRow) -> tuple[str, Decimal, Decimal]:
    return row.instrument, row.ledger_quantity, row.venue_quantity


def _first_of(group: Sequence[AdjustmentRow]) -> str:
    return group[0].venue_trade_id


def _group_problem(group: Sequence[AdjustmentRow], made: Mapping[str, FillRow]) -> str:
    fills = [made.get(row.venue_trade_id) for row in group]
    there = [fill for fill in fills if fill is not None and fill.instrument == group[0].instrument]
    if len(there) < len(group):
        return f"expected {len(group)} fills of {group[0].instrument} that were an adjustment, found {len(there)}"
    changed = sum((fill.quantity * Side(fill.side).sign for fill in there), Decimal(0))
    expected = group[0].venue_quantity - group[0].ledger_quantity
    return "" if changed == expected else f"expected fills that add up to {expected:f}, found {changed:f}"


def _trip_problem(row: TripRow, told: set[tuple[datetime, str, str | None]]) -> str:
    for name, at in (("until", row.until), ("lifted_at", row.lifted_at)):
        if at is not None and at < row.tripped_at:
            return f"expected {name} after {row.tripped_at.isoformat()}, found {at.isoformat()}"
    if (row.reference_at is None) is not (row.reference_equity is None):
        return "expected a time and an equity to count from, or neither, found one"
    if (row.tripped_at, row.state, row.limit) not in told:
        return f"expected the audit to tell of it at {row.tripped_at.isoformat()}, found nothing"
    return ""


def _flattening_problem(row: FlatteningRow, told: set[tuple[str | None, str]]) -> str:
    begun_at = row.begun_at.isoformat()
    if (begun_at, "flatten begun") not in told:
        return "expected the audit to tell that it was begun, found nothing"
    is_end_told = any((begun_at, action) in told for action in _ENDS)
    if is_end_told is (row.ended_at is not None):
        return ""
    return f"expected an end {'as' if is_end_told else 'only if'} the audit tells of one, found {row.ended_at}"


def _arm_problem(row: ArmRow, last: AuditRow | None) -> str:
    if last is None or last.action != "armed":
        return f"expected the audit to say last that it was armed, found {last.action if last else 'nothing'}"
    said = (last.who, last.at, _detail(last).get("configuration"))
    kept = (row.who, row.at, row.config_version)
    return "" if said == kept else f"expected the arm of {said[0]} for configuration {said[2]}, found {kept}"


def _detail(row: AuditRow) -> Mapping[str, str]:
    """What else the audit says; what is no such thing is found by the chain."""
    return row.detail if isinstance(row.detail, dict) else {}
