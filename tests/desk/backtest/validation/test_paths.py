from time import perf_counter

import numpy as np
import pytest

from desk.backtest.curve import EquityCurve
from desk.backtest.drawdowns import drawdown_figures
from desk.backtest.ratios import sharpe
from desk.backtest.validation.paths import (
    Distribution,
    Draws,
    RunFigures,
    drawn_days,
    outcomes,
    shuffled_trades,
    steepest_falls,
    usual_block,
)

RANDOM = np.random.default_rng(3)
PROFITS = RANDOM.normal(5, 80, 300)
RETURNS = RANDOM.normal(0.001, 0.01, 250)


def test_shuffled_trades_end_where_they_ended():
    found = shuffled_trades(PROFITS, 10_000)
    assert found.paths == 1000
    assert found.final.quantiles[0.01] == pytest.approx(found.final.quantiles[0.99])
    assert found.final.observed == pytest.approx(10_000 + PROFITS.sum())
    assert found.sharpe.quantiles == {}


def test_shuffled_trades_say_what_the_order_did_to_the_drawdown():
    ordered = np.sort(PROFITS)  # every loss first: no order is worse
    found = shuffled_trades(ordered, 10_000)
    assert found.drawdown.observed is not None
    assert found.drawdown.observed > found.drawdown.quantiles[0.99]
    assert found.drawdown.worse == 0


def test_days_that_never_lose_never_fall_and_ruin_nobody():
    found = drawn_days(np.abs(RETURNS), 10_000)
    assert found.drawdown.quantiles[0.99] == 0
    assert (found.ruin, found.loss) == (0, 0)


def test_the_middle_of_drawn_days_is_near_what_was_and_the_rest_around_it():
    found = drawn_days(RETURNS, 10_000, Draws(paths=2000, seed=2))
    assert found.final.observed == pytest.approx(10_000 * np.prod(1 + RETURNS))
    assert found.final.quantiles[0.5] == pytest.approx(found.final.observed, rel=0.02)
    assert found.final.quantiles[0.05] < found.final.observed < found.final.quantiles[0.95]
    assert found.final.worse == pytest.approx(0.5, abs=0.05)
    assert found.sharpe.observed == pytest.approx(sharpe(RETURNS, 365))


def test_days_of_one_block_come_in_their_order():
    found = drawn_days(np.array([0.1, -0.5, 0.3]), 100, Draws(paths=50), block=3)
    assert found.final.quantiles[0.01] == pytest.approx(found.final.quantiles[0.99])


def test_ruin_is_counted_at_the_worst_moment_and_not_at_the_end():
    found = shuffled_trades(np.array([-600.0, 900.0]), 1000, Draws(paths=400, seed=1))
    assert found.ruin == pytest.approx(0.5, abs=0.1)  # the loss comes first in half of the orders
    assert found.loss == 0


def test_the_same_seed_draws_the_same_paths():
    assert drawn_days(RETURNS, 1.0, Draws(seed=5)) == drawn_days(RETURNS, 1.0, Draws(seed=5))
    assert drawn_days(RETURNS, 1.0, Draws(seed=5)) != drawn_days(RETURNS, 1.0, Draws(seed=6))


def test_falls_are_those_of_the_figures():
    path = 1000 * np.cumprod(1 + RETURNS)
    curve = EquityCurve(np.arange(len(path) + 1) * 86_400, np.concatenate(([1000.0], path)))
    steepest = drawdown_figures(curve).steepest
    assert steepest is not None
    assert steepest_falls(1000.0, path[None, :])[0] == pytest.approx(steepest.fraction)


def test_a_fall_may_begin_with_the_start():
    assert steepest_falls(1000.0, np.array([[900.0, 950.0], [1100.0, 1045.0]])) == pytest.approx([0.1, 0.05])


def test_nothing_traded_comes_to_nothing():
    for found in (shuffled_trades(np.empty(0), 500), drawn_days(np.empty(0), 500)):
        assert found.final.observed == 500
        assert found.final.quantiles[0.5] == 500
        assert (found.ruin, found.loss, found.drawdown.observed) == (0, 0, 0)


def test_a_thousand_paths_take_well_under_a_second():
    trades, days = RANDOM.normal(1, 20, 5000), RANDOM.normal(0, 0.01, 2500)
    begun = perf_counter()
    shuffled_trades(trades, 100_000)
    drawn_days(days, 100_000)
    assert perf_counter() - begun < 3  # 0.35 s alone; others share this machine


def test_whole_backtests_are_counted_as_paths_are():
    runs = [RunFigures(900, 400, 0.6, -1.0), RunFigures(1200, 800, 0.2, 1.0), RunFigures(1100, 900, 0.1, None)]
    found = outcomes(1000, runs, RunFigures(1150, 900, 0.15, 0.5))
    assert (found.paths, found.ruin, found.loss) == (3, pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert found.final.worse == pytest.approx(2 / 3)
    assert found.drawdown.worse == pytest.approx(2 / 3)
    assert found.sharpe.worse == pytest.approx(1 / 2)


def test_a_figure_that_was_not_defined_has_no_place_among_paths():
    assert Distribution.of(None, np.array([1.0, 2.0])).worse is None
    assert Distribution.of(1.0, np.array([np.nan])).quantiles == {}


@pytest.mark.parametrize(("returns", "block"), [(0, 1), (1, 1), (27, 3), (250, 6), (1000, 10)])
def test_the_usual_block_is_the_third_root(returns: int, block: int):
    assert usual_block(returns) == block
