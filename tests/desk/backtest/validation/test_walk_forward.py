from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from desk.backtest.validation.measures import Objective
from desk.backtest.validation.parameters import Point, points_of, space_of
from desk.backtest.validation.splits import Splitting, Window
from desk.backtest.validation.trials import Outcome, Trial, run_trial
from desk.backtest.validation.walk_forward import Walk, best_place, joined, sharpe_of_a_day, walk_forward
from tests.desk.backtest.validation.subjects import subject

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = 86_400
TOTAL = Objective("growth.total")
POINTS: tuple[Point, ...] = ({"x": 0}, {"x": 1}, {"x": 2})
WINDOWS = Splitting(timedelta(days=20), timedelta(days=10)).windows(START, START + timedelta(days=60))


def grown(trial: Trial, rate: float) -> Outcome:
    """An account that earns `rate` a day."""
    days = (trial.end - trial.start) // DAY
    equity = tuple(1000 * (1 + rate) ** day for day in range(days + 1))
    times = tuple(trial.start + DAY * day for day in range(days + 1))
    figures = {"growth.total": equity[-1] / 1000 - 1, "trades.trades": 10.0}
    return Outcome(figures, times, equity)


def seasons(trial: Trial) -> Outcome:
    """Point 1 earns until day 35, point 2 after it; point 0 a little all the time."""
    early = trial.end <= START.timestamp() + 35 * DAY
    rates = {0: 0.001, 1: 0.01 if early else -0.01, 2: -0.01 if early else 0.01}
    return grown(trial, rates[int(trial.parameters["x"])])


def walked(windows: Sequence[Window] = WINDOWS, objective: Objective = TOTAL) -> Walk:
    return walk_forward(windows, POINTS, objective, lambda trials: [seasons(one) for one in trials])


def test_what_was_best_before_is_traded_after():
    assert [step.point["x"] for step in walked().steps] == [1, 1, 2, 2]
    assert [round(step.traded.figures["growth.total"] or 0, 3) for step in walked().steps] == [
        0.105,
        -0.096,
        0.105,
        0.105,
    ]


def test_equity_is_joined_window_after_window():
    walk = walked()
    assert walk.curve.value[0] == 1000
    assert walk.curve.value[-1] == pytest.approx(1000 * 1.01**30 * 0.99**10)
    assert len(walk.curve) == 41
    assert (np.diff(walk.curve.time) == DAY).all()


def test_the_account_as_it_is_is_traded_beside_it():
    assert walked().unchanged.value[-1] == pytest.approx(1000 * 1.001**40)


def test_efficiency_compares_a_day_after_with_a_day_before():
    before, after = np.log(1.01), np.mean([np.log(1.01), np.log(0.99), np.log(1.01), np.log(1.01)])
    assert walked().efficiency == pytest.approx(after / before)


def test_where_no_point_counts_the_account_stays_as_it_is():
    walk = walked(objective=Objective("growth.total", least_trades=11))
    assert [step.point["x"] for step in walk.steps] == [0, 0, 0, 0]
    assert [step.fitted for step in walk.steps] == [None] * 4
    assert walk.efficiency is None


def test_trials_are_asked_for_together_so_that_they_can_be_run_side_by_side():
    asked: list[int] = []

    def run(trials: Sequence[Trial]) -> list[Outcome]:
        asked.append(len(trials))
        return [seasons(one) for one in trials]

    walk_forward(WINDOWS, POINTS, TOTAL, run)
    assert asked == [len(WINDOWS) * len(POINTS), 2 * len(WINDOWS)]


def test_the_first_of_equals_is_the_best_and_less_can_be_better():
    outcomes = [Outcome({"a": value, "trades.trades": 1.0}) for value in (2.0, 3.0, 3.0)]
    assert best_place(outcomes, Objective("a")) == 1
    assert best_place(outcomes, Objective("a", lowest=True)) == 0
    assert best_place([Outcome(refused="no candles")], Objective("a")) is None


def test_a_window_that_could_not_be_traded_leaves_equity_as_it_was():
    first = grown(Trial(0, 2 * DAY), 0.1)
    last = grown(Trial(4 * DAY, 6 * DAY), 0.1)
    curve = joined([first, Outcome(refused="no candles"), last])
    assert curve.value[-1] == pytest.approx(1000 * 1.1**4)


def test_the_sharpe_ratio_of_a_day_comes_from_that_of_a_year():
    assert sharpe_of_a_day(Outcome({"returns.sharpe": 2.0, "returns.per_year": 400.0})) == 0.1
    assert sharpe_of_a_day(Outcome({"returns.sharpe": None})) is None


def test_a_real_account_walks():
    tried = subject(8)
    space = space_of(tried.policy, ["momentum_trading.fast_period=4:16"])
    points = points_of(tried.policy, space, 3, seed=1)
    windows = Splitting(timedelta(days=4), timedelta(days=3), purge=timedelta(hours=6)).windows(*tried.span)
    walk = walk_forward(windows, points, TOTAL, lambda trials: [run_trial(tried, one) for one in trials])
    assert len(walk.steps) == 2
    for step in walk.steps:
        assert step.fitted is not None
        assert step.fitted.figures["growth.total"] == max(
            run_trial(tried, Trial(*(int(at.timestamp()) for at in step.window.fit), point)).figures["growth.total"]
            or 0
            for point in points
        )
