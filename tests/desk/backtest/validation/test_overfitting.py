import numpy as np
import pytest

from desk.backtest.validation.overfitting import overfitting
from desk.backtest.validation.splits import combinatorial_folds

RANDOM = np.random.default_rng(11)
FOLDS = combinatorial_folds(400, groups=8, tested=4)


def test_a_choice_among_noise_is_luck():
    found = [overfitting(RANDOM.normal(0, 0.01, (20, 400)), FOLDS) for _ in range(20)]
    assert np.mean([one.probability for one in found if one]) == pytest.approx(0.5, abs=0.15)
    assert all(one.chosen > one.tested for one in found if one)


def test_a_point_that_is_better_everywhere_is_no_luck():
    returns = RANDOM.normal(0, 0.01, (20, 400))
    returns[7] += 0.01
    found = overfitting(returns, FOLDS)
    assert found is not None
    assert (found.folds, found.probability, found.loss) == (70, 0, 0)


def test_a_point_that_is_good_only_where_it_is_chosen_is_below_the_middle_elsewhere():
    halves = combinatorial_folds(400, groups=2, tested=1)
    returns = RANDOM.normal(0, 0.001, (9, 400))
    returns[0, :200], returns[0, 200:] = returns[0, :200] + 0.01, returns[0, 200:] - 0.01
    returns[1, :200], returns[1, 200:] = returns[1, :200] - 0.01, returns[1, 200:] + 0.01
    found = overfitting(returns, halves)
    assert found is not None
    assert (found.probability, found.loss) == (1, 1)


def test_one_point_is_no_choice():
    assert overfitting(RANDOM.normal(0, 1, (1, 400)), FOLDS) is None
    assert overfitting(RANDOM.normal(0, 1, (3, 400)), ()) is None


def test_points_that_never_trade_count_as_nothing():
    found = overfitting(np.zeros((3, 400)), FOLDS)
    assert found is not None
    assert (found.chosen, found.tested) == (0, 0)
