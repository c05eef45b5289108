"""One run of a validation: an account's past with other parameters, in a part of it, or under worse conditions."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np

from desk.backtest.curve import EquityCurve
from desk.backtest.engine import backtest
from desk.backtest.headlines import measure
from desk.backtest.history import History
from desk.backtest.result import BacktestResult
from desk.backtest.validation.disturbances import Disturbance
from desk.backtest.validation.measures import figures_by_name
from desk.backtest.validation.parameters import Value, with_parameters
from desk.backtest.validation.subjects import Subject
from desk.errors import DataError


@dataclass(frozen=True, slots=True)
class Trial:
    """One run, told by plain values, so that it can be written down, sent to another process and found again.

    Attributes:
        start, end: what is traded, in seconds since the epoch; see `backtest`.
        parameters: that differ from the account's; see `parameters`.
        disturbance: what is worse than it was.
    """

    start: int
    end: int
    parameters: Mapping[str, Value] = field(default_factory=dict)
    disturbance: Disturbance = field(default_factory=Disturbance)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial came to.

    Attributes:
        figures: by name, see `measures`; without any where the parameters do not go together.
        times: the start, and the last close of each UTC day, in seconds since the epoch.
        equity: at those times.
        refused: why it could not be run; empty where it was.
    """

    figures: Mapping[str, float | None] = field(default_factory=dict)
    times: tuple[int, ...] = ()
    equity: tuple[float, ...] = ()
    refused: str = ""


def run_trial(subject: Subject, trial: Trial) -> Outcome:
    """Run a trial.

    Where it cannot be run, as where parameters do not go together or there is no candle, the outcome says so instead
    of an error: one of many trials does not end the others.
    """
    try:
        result, history = _traded(subject, trial)
    except (ValueError, DataError) as error:
        return Outcome(refused=str(error))
    return outcome_of(result, history)


def trade(subject: Subject, trial: Trial) -> BacktestResult:
    """Return the whole result of a trial, for what an outcome does not tell.

    Raises:
        ValueError: the parameters do not go together.
        DataError: there are no candles in that time.
    """
    return _traded(subject, trial)[0]


def outcome_of(result: BacktestResult, history: History) -> Outcome:
    """Return the outcome of a run over a history."""
    daily = result.curve.daily()
    return Outcome(
        figures=figures_by_name(measure(result, history)),
        times=tuple(daily.time.tolist()),
        equity=tuple(daily.value.tolist()),
    )


def whole(subject: Subject) -> Trial:
    """Return the trial of everything that there is, as it was."""
    start, end = subject.span
    return Trial(int(start.timestamp()), int(end.timestamp()))


def moment(seconds: int) -> datetime:
    """Return the time of so many seconds since the epoch."""
    return datetime.fromtimestamp(seconds, tz=UTC)


def curve_of(outcome: Outcome) -> EquityCurve:
    """Return the equity of an outcome, day by day."""
    return EquityCurve(np.array(outcome.times, dtype=np.int64), np.array(outcome.equity, dtype=np.float64))


def _traded(subject: Subject, trial: Trial) -> tuple[BacktestResult, History]:
    changed = replace(subject, policy=with_parameters(subject.policy, trial.parameters))
    tried = trial.disturbance.applied_to(changed)
    start, end = moment(trial.start), moment(trial.end)
    result = backtest(tried.policy, tried.history, tried.opening, start=start, end=end, setting=tried.setting)
    return result, tried.history
