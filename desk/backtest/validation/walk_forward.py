"""Walk-forward: parameters are chosen on one stretch of the past and traded on the next, over and over.

What is joined in the end was traded by parameters that were chosen before it, so that no choice has seen it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

import numpy as np

from desk.backtest.curve import DAY, EquityCurve
from desk.backtest.validation.measures import Objective
from desk.backtest.validation.parameters import Point
from desk.backtest.validation.splits import Window
from desk.backtest.validation.trials import Outcome, Trial

RunTrials = Callable[[Sequence[Trial]], Sequence[Outcome]]
"""Runs trials and returns their outcomes in the same order."""


@dataclass(frozen=True, slots=True)
class Step:
    """One window of a walk.

    Attributes:
        point: the parameters that were chosen.
        fitted: what they came to where they were chosen; None where no point counted, and the first one was kept.
        traded: what they came to afterwards.
        unchanged: what the first point, the account as it is, came to at the same time.
    """

    window: Window
    point: Point
    fitted: Outcome | None
    traded: Outcome
    unchanged: Outcome


@dataclass(frozen=True, slots=True)
class Walk:
    """A whole walk.

    Attributes:
        steps: oldest first.
        curve: equity of what was traded, one window after the other, each beginning with what the last one left.
        unchanged: the same for the account as it is.
        efficiency: what was earned a day after the choice, by what was earned a day where it was chosen; None where
            that is not above 0.
    """

    objective: Objective
    points: tuple[Point, ...]
    steps: tuple[Step, ...]
    curve: EquityCurve
    unchanged: EquityCurve
    efficiency: float | None

    @property
    def sharpes(self) -> list[float]:
        """The Sharpe ratio of a day that each choice had where it was made."""
        found = (sharpe_of_a_day(step.fitted) for step in self.steps if step.fitted is not None)
        return [one for one in found if one is not None]


def walk_forward(windows: Sequence[Window], points: Sequence[Point], objective: Objective, run: RunTrials) -> Walk:
    """Walk through windows.

    Args:
        points: that are chosen from; the first is the account as it is, and is kept where no other counts or is better.
        run: in which order, where and how often the trials are run is its business.
    """
    fits = run([_trial(window.fit, point) for window in windows for point in points])
    per_window = [fits[place : place + len(points)] for place in range(0, len(fits), len(points))]
    chosen = [best_place(outcomes, objective) for outcomes in per_window]
    wanted = [_trial(window.trade, points[place or 0]) for window, place in zip(windows, chosen, strict=True)]
    plain = [_trial(window.trade, points[0]) for window in windows]
    traded = run([*wanted, *plain])
    steps = tuple(
        Step(
            window=window,
            point=points[place or 0],
            fitted=None if place is None else outcomes[place],
            traded=after,
            unchanged=unchanged,
        )
        for window, place, outcomes, after, unchanged in zip(
            windows, chosen, per_window, traded[: len(windows)], traded[len(windows) :], strict=True
        )
    )
    return Walk(
        objective=objective,
        points=tuple(points),
        steps=steps,
        curve=joined(step.traded for step in steps),
        unchanged=joined(step.unchanged for step in steps),
        efficiency=_efficiency(steps),
    )


def best_place(outcomes: Sequence[Outcome], objective: Objective) -> int | None:
    """Return the place of the best outcome, the first of equals; None where none counts."""
    values = [objective.value(outcome.figures) for outcome in outcomes]
    counted = [value for value in values if value is not None]
    return values.index(max(counted)) if counted else None


def joined(outcomes: Iterable[Outcome]) -> EquityCurve:
    """Return one curve of several outcomes, oldest first; each begins with what the one before left.

    An outcome that could not be run changes nothing.
    """
    times: list[int] = []
    equity: list[float] = []
    for outcome in outcomes:
        if not outcome.times:
            continue
        factor = equity[-1] / outcome.equity[0] if equity else 1.0
        later = [place for place, at in enumerate(outcome.times) if not times or at > times[-1]]
        times += [outcome.times[place] for place in later]
        equity += [outcome.equity[place] * factor for place in later]
    return EquityCurve(np.array(times, dtype=np.int64), np.array(equity, dtype=np.float64))


def sharpe_of_a_day(outcome: Outcome) -> float | None:
    """Return the Sharpe ratio of a day, from that of a year; None where there is none."""
    yearly, days = outcome.figures.get("returns.sharpe"), outcome.figures.get("returns.per_year")
    return None if yearly is None or not days else yearly / float(np.sqrt(days))


def _trial(between: tuple[datetime, datetime], point: Point) -> Trial:
    start, end = between
    return Trial(int(start.timestamp()), int(end.timestamp()), dict(point))


def _efficiency(steps: Sequence[Step]) -> float | None:
    pairs = [(_a_day(step.fitted), _a_day(step.traded)) for step in steps if step.fitted is not None]
    known = [(before, after) for before, after in pairs if before is not None and after is not None]
    if not known:
        return None
    before, after = (fmean(one) for one in zip(*known, strict=True))
    return after / before if before > 0 else None


def _a_day(outcome: Outcome) -> float | None:
    """Growth of a day on the mean, as the logarithm; None where nothing was left, or no time passed."""
    if len(outcome.times) < 2 or outcome.equity[-1] <= 0:
        return None
    days = (outcome.times[-1] - outcome.times[0]) / DAY
    return float(np.log(outcome.equity[-1] / outcome.equity[0])) / days
