"""Whether the best parameters stand on a plateau or on a needle: what their neighbours came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from desk.backtest.validation.measures import Objective
from desk.backtest.validation.parameters import Point, Space, Value
from desk.backtest.validation.trials import Outcome


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A point that differs from the best in one parameter.

    Attributes:
        changed: which parameter.
        value: what it is there.
        outcome: what that came to by the objective; None where it does not count.
    """

    changed: str
    value: Value
    outcome: float | None


@dataclass(frozen=True, slots=True)
class StabilityMap:
    """The best point with what lies around it.

    Attributes:
        best: what it came to by the objective.
        neighbours: in the order of the parameters, smaller values first.
        kept: the mean of the neighbours by the best: near 1 on a plateau, near 0 or below on a needle; None where the
            best is not above 0 or no neighbour counts.
        most_sensitive: the parameter whose change costs most; None without neighbours.
    """

    point: Point
    best: float
    neighbours: tuple[Neighbour, ...]
    kept: float | None
    most_sensitive: str | None


def neighbours_of(point: Point, space: Space) -> tuple[tuple[str, Point], ...]:
    """Return every point that is one step away in one parameter, with the parameter's name."""
    return tuple(
        (name, {**point, name: value}) for name, limits in space.items() for value in limits.neighbours(point[name])
    )


def stability_map(
    point: Point, best: Outcome, around: Sequence[tuple[str, Point]], outcomes: Sequence[Outcome], objective: Objective
) -> StabilityMap | None:
    """Return the map of the best point; None where the best does not count.

    Args:
        around: see `neighbours_of`; `outcomes` is in the same order.
    """
    value = objective.value(best.figures)
    if value is None:
        return None
    found = tuple(
        Neighbour(name, other[name], objective.value(outcome.figures))
        for (name, other), outcome in zip(around, outcomes, strict=True)
    )
    return StabilityMap(point, value, found, _kept(value, found), _most_sensitive(_worst(found)))


def _kept(best: float, neighbours: Sequence[Neighbour]) -> float | None:
    known = [one.outcome for one in neighbours if one.outcome is not None]
    return fmean(known) / best if known and best > 0 else None


def _worst(neighbours: Sequence[Neighbour]) -> Mapping[str, float]:
    worst: dict[str, float] = {}
    for one in neighbours:
        value = float("-inf") if one.outcome is None else one.outcome
        worst[one.changed] = min(value, worst.get(one.changed, value))
    return worst


def _most_sensitive(worst: Mapping[str, float]) -> str | None:
    return min(worst, key=lambda name: worst[name]) if worst else None
