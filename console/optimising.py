"""Searches an account's parameters, and prints what the best are worth: how they stand, and how likely it is luck."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

import numpy as np

from console.showing import print_json, print_line, print_rows
from console.validating import (
    Asked,
    Bar,
    Row,
    fraction,
    goes_on_later,
    plain,
    point_text,
    subject_of,
    trials_of,
    whole_of,
)
from desk.adapters.research.running import Trials
from desk.adapters.research.searching import Searched, search
from desk.backtest.significance import deflated_sharpe_of
from desk.backtest.validation.measures import Objective, objective_of
from desk.backtest.validation.overfitting import Overfitting, overfitting
from desk.backtest.validation.parameters import Point, Space, grid_of, present_point, space_of, usual_space
from desk.backtest.validation.splits import combinatorial_folds
from desk.backtest.validation.stability import StabilityMap, neighbours_of, stability_map
from desk.backtest.validation.subjects import Subject
from desk.backtest.validation.trials import Outcome, Trial, curve_of
from desk.backtest.validation.walk_forward import best_place, sharpe_of_a_day
from desk.model.candles import FloatArray

_GROUPS, _TESTED = 10, 5
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Searching:
    """What to search.

    Attributes:
        vary: what is varied, see `space_of`; every number of the strategies where it is empty.
        trials: how many points at the most; every point of the grid with `grid`.
        metric: what is best, see `objective_of`.
        patience: ends it after so many points without a better one; None for never.
        grid: whether every combination is tried instead of a search.
    """

    vary: Sequence[str]
    trials: int
    metric: str
    least_trades: int
    patience: int | None
    grid: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has come to.

    Attributes:
        around: the neighbours of the best; None where none counts.
        luck: how likely the choice is luck; None with too few days or points.
        deflated_sharpe: the probability that the best has a true Sharpe ratio above 0, all trials counted.
    """

    objective: Objective
    searched: Searched
    around: StabilityMap | None
    luck: Overfitting | None
    deflated_sharpe: float | None


def run_optimise(asked: Asked, searching: Searching, *, as_json: bool) -> int:
    """Search, and print the best with what lies around it.

    Raises:
        NotUnderstood: a word is not what it should be.
        ConfigError: the account cannot be backtested, a parameter cannot be varied, or optuna is not installed.
        DataError: there is no such figure.
    """
    return goes_on_later(lambda: _run(asked, searching, as_json=as_json))


def _run(asked: Asked, searching: Searching, *, as_json: bool) -> int:
    objective = objective_of(searching.metric, least_trades=searching.least_trades)
    subject = subject_of(asked)
    space = space_of(subject.policy, searching.vary) if searching.vary else usual_space(subject.policy)
    with trials_of(subject, asked, f"{asked.account}: searching") as (trials, bar):
        tries = _Tries(trials, bar, whole_of(subject, asked))
        searched = _searched(subject, space, objective, asked.seed, searching, tries)
        bar.begin(f"{asked.account}: around the best")
        around = _around(space, objective, searched, tries)
    found = Found(objective, searched, around, _luck(searched, subject), _deflated(searched))
    if as_json:
        print_json(_facts(found))
    else:
        _print(found, subject)
    return 0


class _Tries:
    """Runs points over the whole past."""

    def __init__(self, trials: Trials, bar: Bar, whole: Trial) -> None:
        self._trials = trials
        self._whole = whole
        self.bar = bar

    def __call__(self, points: Sequence[Point]) -> list[Outcome]:
        ran = self._trials.run([replace(self._whole, parameters=dict(point)) for point in points])
        self.bar.before += len(points)
        return ran


def _searched(
    subject: Subject, space: Space, objective: Objective, seed: int, searching: Searching, tries: _Tries
) -> Searched:
    if searching.grid:
        points = grid_of(subject.policy, space)
        ran = tries(points)
        return Searched(points, tuple(ran), best_place(ran, objective), stopped_early=False)
    tries.bar.of = searching.trials
    return search(
        space,
        present_point(subject.policy, space),
        objective,
        tries,
        trials=searching.trials,
        seed=seed,
        patience=searching.patience,
    )


def _around(space: Space, objective: Objective, searched: Searched, tries: _Tries) -> StabilityMap | None:
    if searched.best is None:
        return None
    best = searched.points[searched.best]
    neighbours = neighbours_of(best, space)
    ran = tries([point for _, point in neighbours])
    return stability_map(best, searched.outcomes[searched.best], neighbours, ran, objective)


def _luck(searched: Searched, subject: Subject) -> Overfitting | None:
    """Of all points that could be run; days on which a trade may still be open are kept apart."""
    curves = [curve_of(outcome) for outcome in searched.outcomes if outcome.times]
    days = min((len(curve.returns()) for curve in curves), default=0)
    if days < 2 * _GROUPS:
        return None
    longest = subject.policy.time_limit or timedelta(days=1)
    purge = -(-longest // timedelta(days=1))
    returns: FloatArray = np.array([curve.returns()[:days] for curve in curves])
    return overfitting(returns, combinatorial_folds(days, groups=_GROUPS, tested=_TESTED, purge=purge))


def _deflated(searched: Searched) -> float | None:
    sharpes = [one for outcome in searched.outcomes if (one := sharpe_of_a_day(outcome)) is not None]
    if searched.best is None:
        return None
    return deflated_sharpe_of(curve_of(searched.outcomes[searched.best]).returns(), sharpes)


def _facts(found: Found) -> Row:
    searched = found.searched
    return {
        "metric": found.objective.figure,
        "lowest": found.objective.lowest,
        "trials": len(searched.points),
        "stopped_early": searched.stopped_early,
        "best": None if searched.best is None else _point_facts(found, searched.best),
        "points": [_point_facts(found, place) for place in range(len(searched.points))],
        "stability": None if found.around is None else asdict(found.around),
        "overfitting": None if found.luck is None else asdict(found.luck),
        "deflated_sharpe": found.deflated_sharpe,
    }


def _point_facts(found: Found, place: int) -> Row:
    outcome = found.searched.outcomes[place]
    return {
        "parameters": dict(found.searched.points[place]),
        "value": outcome.figures.get(found.objective.figure),
        "counts": found.objective.value(outcome.figures) is not None,
        "return": outcome.figures.get("growth.total"),
        "drawdown": outcome.figures.get("drawdown.steepest.fraction"),
        "trades": outcome.figures.get("trades.trades"),
        "refused": outcome.refused,
    }


def _print(found: Found, subject: Subject) -> None:
    searched = found.searched
    title = f"{subject.policy.account}: the best of {len(searched.points)} points by {found.objective.figure}"
    if searched.best is None:
        print_line(f"{title}: none counts, each has too few trades or no such figure")
        return
    print_rows([_row(found, place) for place in _order(found)[:_SHOWN]], as_json=False, title=title)
    print_line()
    if searched.stopped_early:
        print_line("The search ended early: nothing better had come for a while")
    _print_stability(found.around)
    _print_luck(found)


def _order(found: Found) -> list[int]:
    values = [found.objective.value(outcome.figures) for outcome in found.searched.outcomes]
    counted = [(value, place) for place, value in enumerate(values) if value is not None]
    return [place for _, place in sorted(counted, key=lambda one: (-one[0], one[1]))]


def _row(found: Found, place: int) -> Row:
    figures = found.searched.outcomes[place].figures
    return {
        "parameters": point_text(found.searched.points[place]),
        found.objective.figure: plain(figures.get(found.objective.figure)),
        "return": fraction(figures.get("growth.total")),
        "drawdown": plain(figures.get("drawdown.steepest.fraction"), 4),
        "trades": plain(figures.get("trades.trades"), 0),
    }


def _print_stability(around: StabilityMap | None) -> None:
    if around is None:
        return
    rows = [
        {"changed": one.changed, "to": f"{one.value:g}", "comes to": plain(one.outcome), "the best": plain(around.best)}
        for one in around.neighbours
    ]
    print_rows(rows, as_json=False, title="A step away from the best", empty="nothing around the best was varied")
    print_line()
    if around.kept is not None:
        print_line(
            f"The neighbours keep {around.kept:.3f} of the best on the mean; least with another {around.most_sensitive}"
        )


def _print_luck(found: Found) -> None:
    print_line(
        "Probability that the true Sharpe ratio of the best is above 0, all trials counted (deflated): "
        f"{plain(found.deflated_sharpe)}"
    )
    if (luck := found.luck) is not None:
        print_line(
            f"Probability that the choice is luck: {luck.probability:.3f}, by {luck.folds} ways to choose on half of "
            f"the days and test on the others; what was chosen lost in {luck.loss:.3f} of them"
        )
