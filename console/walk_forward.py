"""Chooses parameters on one stretch of an account's past, trades them on the next, and prints what remains of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from console.failures import NotUnderstood
from console.showing import print_json, print_line, print_rows
from console.validating import (
    Asked,
    Row,
    bounds_of,
    curve_facts,
    fraction,
    goes_on_later,
    plain,
    point_text,
    subject_of,
    trials_of,
)
from desk.backtest.validation.measures import Objective, objective_of
from desk.backtest.validation.parameters import points_of, space_of, usual_space
from desk.backtest.validation.splits import Splitting
from desk.backtest.validation.subjects import Subject
from desk.backtest.validation.trials import Outcome, Trial
from desk.backtest.validation.walk_forward import Step, Walk, walk_forward


@dataclass(frozen=True, slots=True)
class Walking:
    """How to walk; lengths in days.

    Attributes:
        vary: what is varied, see `space_of`; every number of the strategies where it is empty.
        points: how many sets of parameters are tried in each window, the present one among them.
        metric: what is best, see `objective_of`.
    """

    fit: float
    trade: float
    purge: float
    embargo: float
    anchored: bool
    vary: Sequence[str]
    points: int
    metric: str
    least_trades: int

    @property
    def splitting(self) -> Splitting:
        """The windows.

        Raises:
            NotUnderstood: nothing would be left to fit on, or to trade.
        """
        if self.fit <= self.purge or self.trade <= 0:
            found = f"{self.fit:g}, {self.purge:g} and {self.trade:g}"
            raise NotUnderstood(f"expected --fit above --purge and --trade above 0, found {found}")
        fit, traded, purge, embargo = (timedelta(days=one) for one in (self.fit, self.trade, self.purge, self.embargo))
        return Splitting(fit, traded, purge, embargo, anchored=self.anchored)


def run_walk_forward(asked: Asked, walking: Walking, *, as_json: bool) -> int:
    """Walk, and print each window and what was joined.

    Raises:
        NotUnderstood: a word is not what it should be.
        ConfigError: the account cannot be backtested, or a parameter cannot be varied.
        DataError: the past has no room for a window.
    """
    return goes_on_later(lambda: _run(asked, walking, as_json=as_json))


def _run(asked: Asked, walking: Walking, *, as_json: bool) -> int:
    objective = objective_of(walking.metric, least_trades=walking.least_trades)
    subject = subject_of(asked)
    windows = walking.splitting.windows(*bounds_of(subject, asked))
    space = space_of(subject.policy, walking.vary) if walking.vary else usual_space(subject.policy)
    points = points_of(subject.policy, space, walking.points, seed=asked.seed)
    titles = iter((f"{asked.account}: choosing in {len(windows)} windows", f"{asked.account}: trading what was chosen"))
    with trials_of(subject, asked, "walk-forward") as (trials, bar):

        def run(wanted: Sequence[Trial]) -> list[Outcome]:
            bar.begin(next(titles))
            return trials.run(wanted)

        walk = walk_forward(windows, points, objective, run)
    if as_json:
        print_json(_facts(walk))
    else:
        _print(walk, subject)
    return 0


def _facts(walk: Walk) -> Row:
    return {
        "metric": walk.objective.figure,
        "points": walk.points,
        "windows": [_step_facts(step, walk.objective) for step in walk.steps],
        "joined": curve_facts(walk.curve),
        "unchanged": curve_facts(walk.unchanged),
        "efficiency": walk.efficiency,
        "equity": {"time": walk.curve.time.tolist(), "value": walk.curve.value.tolist()},
    }


def _step_facts(step: Step, objective: Objective) -> Row:
    return {
        "fit": step.window.fit,
        "trade": step.window.trade,
        "parameters": dict(step.point),
        "fitted": None if step.fitted is None else step.fitted.figures.get(objective.figure),
        "traded": step.traded.figures.get(objective.figure),
        "return": step.traded.figures.get("growth.total"),
        "trades": step.traded.figures.get("trades.trades"),
        "unchanged_return": step.unchanged.figures.get("growth.total"),
        "refused": step.traded.refused,
    }


def _print(walk: Walk, subject: Subject) -> None:
    title = (
        f"Walk-forward of {subject.policy.account} by {walk.objective.figure}, {len(walk.points)} sets of parameters"
    )
    print_rows([_row(step, walk.objective) for step in walk.steps], as_json=False, title=title)
    print_line()
    rows = [
        {"": name, **_told(facts)}
        for name, facts in (
            ("traded as chosen", curve_facts(walk.curve)),
            ("the account as it is", curve_facts(walk.unchanged)),
        )
    ]
    print_rows(rows, as_json=False, title="All windows, one after the other")
    print_line()
    if walk.efficiency is None:
        print_line("Efficiency: not known, because nothing was earned where parameters were chosen")
    else:
        print_line(
            f"Efficiency: {walk.efficiency:.3f} of what was earned where parameters were chosen was earned after it"
        )


def _row(step: Step, objective: Objective) -> Row:
    fitted = None if step.fitted is None else step.fitted.figures.get(objective.figure)
    return {
        "traded from": f"{step.window.trade[0]:%Y-%m-%d}",
        "to": f"{step.window.trade[1]:%Y-%m-%d}",
        "chosen": point_text(step.point),
        "where chosen": plain(fitted),
        "after it": plain(step.traded.figures.get(objective.figure)),
        "return": fraction(step.traded.figures.get("growth.total")),
        "trades": plain(step.traded.figures.get("trades.trades"), 0),
        "unchanged": fraction(step.unchanged.figures.get("growth.total")),
    }


def _told(facts: Row) -> Row:
    return {
        "return": fraction(_number(facts["total"])),
        "drawdown": plain(_number(facts["drawdown"]), 4),
        "Sharpe ratio": plain(_number(facts["sharpe"])),
        "probability that it is above 0": plain(_number(facts["probabilistic_sharpe"])),
        "days": facts["days"],
    }


def _number(value: object) -> float | None:
    return value if isinstance(value, float) else None
