"""Looks for better parameters with optuna: what was tried before says where to try next.

A search is repeated, not resumed: the sampler is a function of the seed, the number of the trial and the outcomes so
far, and outcomes are stored. Begun again after a kill, it asks for the same points, finds those that were run, and goes
on where it was, to the same numbers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desk.backtest.validation.measures import Objective
from desk.backtest.validation.parameters import Point, Space
from desk.backtest.validation.trials import Outcome
from desk.errors import ConfigError

if TYPE_CHECKING:  # an extra, and a second to import
    import optuna

BATCH = 4
"""Points that are asked for before their outcomes are known: of any number of workers, so that it changes nothing."""

_PRIME = 1_000_003

RunPoints = Callable[[Sequence[Point]], Sequence[Outcome]]


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search has tried.

    Attributes:
        points: in the order in which they were asked for; `outcomes` in the same order.
        best: the place of the best, the first of equals; None where none counts.
        stopped_early: whether it ended because nothing better came for a while.
    """

    points: tuple[Point, ...]
    outcomes: tuple[Outcome, ...]
    best: int | None
    stopped_early: bool


def search(
    space: Space,
    first: Point,
    objective: Objective,
    run: RunPoints,
    *,
    trials: int,
    seed: int,
    patience: int | None = None,
) -> Searched:
    """Try points of a space, each batch where the ones before were good (a tree-structured Parzen estimator).

    Args:
        first: where it begins, such as the account as it is; left out where the space does not contain it.
        run: returns the outcomes of points, in their order.
        trials: how many points at the most.
        patience: ends it after so many points without a better one; None tries all.

    Raises:
        ConfigError: optuna is not installed.
    """
    study = _study(space, first)
    points: list[Point] = []
    outcomes: list[Outcome] = []
    best: int | None = None
    while len(points) < trials and not _is_exhausted(best, len(points), patience):
        seeds = _seeds(seed, len(points), min(BATCH, trials - len(points)))
        batch = [_ask(study, space, one) for one in seeds]
        found = run([point for _, point in batch])
        for (number, point), outcome in zip(batch, found, strict=True):
            value = objective.value(outcome.figures)
            _tell(study, number, value)
            if value is not None and (best is None or value > _value(objective, outcomes[best])):
                best = len(points)
            points.append(point)
            outcomes.append(outcome)
    return Searched(tuple(points), tuple(outcomes), best, len(points) < trials)


def _value(objective: Objective, outcome: Outcome) -> float:
    value = objective.value(outcome.figures)
    assert value is not None, outcome
    return value


def _is_exhausted(best: int | None, tried: int, patience: int | None) -> bool:
    since = tried if best is None else tried - 1 - best
    return patience is not None and since >= patience


def _study(space: Space, first: Point) -> "optuna.Study":
    try:
        import optuna
    except ImportError as error:
        raise ConfigError(
            "expected optuna, which searches for parameters, found that it is not installed; install the extra "
            'with pip install "scandesk[research]"'
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize")
    if all(limits.contains(first[name]) for name, limits in space.items()):
        study.enqueue_trial(dict(first))
    return study


def _ask(study: "optuna.Study", space: Space, seed: int) -> tuple[int, Point]:
    import optuna

    # A sampler of its own for each point: what it draws depends on nothing but the seed and what was told.
    study.sampler = optuna.samplers.TPESampler(seed=seed)
    trial = study.ask()
    return trial.number, {
        name: trial.suggest_int(name, round(limits.low), round(limits.last), step=round(limits.step or 1))
        if limits.whole
        else trial.suggest_float(name, limits.low, limits.last, step=limits.step)
        for name, limits in space.items()
    }


def _tell(study: "optuna.Study", number: int, value: float | None) -> None:
    import optuna

    if value is None:
        # A run that does not count is worse than any other, and not as if it had never been.
        study.tell(number, state=optuna.trial.TrialState.PRUNED)
    else:
        study.tell(number, value)


def _seeds(seed: int, first: int, count: int) -> list[int]:
    """A seed for each of some points, from the first one's number on."""
    return [(seed * _PRIME + number) % 2**32 for number in range(first, first + count)]
