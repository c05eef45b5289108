"""Luck in a Sharpe ratio: the numbers that were published, and what must hold for any.

Published, and stated where they stand:

[2012] Bailey and López de Prado, "The Sharpe Ratio Efficient Frontier", Journal of Risk 15(2), 2012.
[2014] Bailey and López de Prado, "The Deflated Sharpe Ratio", Journal of Portfolio Management 40(5), 2014: the
numerical example.
[PM] Bailey, Borwein, López de Prado and Zhu, "Pseudo-Mathematics and Financial Charlatanism", Notices of the AMS 61(5),
2014.
"""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.backtest.significance import (
    SharpeRecord,
    deflated_sharpe,
    deflated_sharpe_of,
    expected_maximum_sharpe,
    minimum_track_record,
    p_value,
    probabilistic_sharpe,
)

DAILY = SharpeRecord(2.5 / sqrt(250), 1250, skewness=-3, kurtosis=10)
VARIANCE = 1 / 2 / 250
"""[2014]: the best of the trials has 2.5 a year over five years of 250 days; the trials' variance is 1/2 a year."""


# [2012], the fund with two years of months: mean 3.6 %, deviation 7.9 %, a Sharpe ratio of 0.458 a month.
@pytest.mark.parametrize(
    ("returns", "skewness", "kurtosis", "expected"),
    [(24, 0, 3, 0.982), (24, -2.448, 10.164, 0.913), (36, -2.448, 10.164, 0.953)],
)
def test_the_probability_of_skill_is_that_of_the_published_fund(
    returns: int, skewness: float, kurtosis: float, expected: float
) -> None:
    record = SharpeRecord(0.458, returns, skewness, kurtosis)
    found = record.probability_above(0)
    assert found == pytest.approx(expected, abs=6e-4)


# [2012], of minimum track records: a ratio of 2 a year against 1, to 95 %, in years.
@pytest.mark.parametrize(
    ("periods", "skewness", "kurtosis", "expected"),
    [(252, 0, 3, 2.73), (52, 0, 3, 2.83), (12, 0, 3, 3.24), (12, -0.72, 5.78, 4.99)],
)
def test_the_minimum_track_record_is_the_published_one(
    periods: int, skewness: float, kurtosis: float, expected: float
) -> None:
    record = SharpeRecord(2 / sqrt(periods), 2, skewness, kurtosis)
    found = record.length_needed(1 / sqrt(periods))
    assert found is not None
    assert found / periods == pytest.approx(expected, abs=0.005)


# [2014]: after 100 trials 0.9004 is not enough; after 46, and of normal returns after 88, it would be 0.9505.
def test_the_deflated_ratio_is_that_of_the_published_example() -> None:
    assert expected_maximum_sharpe(100, VARIANCE) == pytest.approx(0.1132, abs=5e-5)
    assert deflated_sharpe(DAILY, trials=100, variance=VARIANCE) == pytest.approx(0.9004, abs=5e-5)
    assert deflated_sharpe(DAILY, trials=46, variance=VARIANCE) == pytest.approx(0.9505, abs=5e-5)
    normal = SharpeRecord(DAILY.sharpe, DAILY.returns)
    assert deflated_sharpe(normal, trials=88, variance=VARIANCE) == pytest.approx(0.9505, abs=5e-5)


# [PM]: the best of ten without skill has 1.57, and after 45 trials five years may show a ratio of 1 by luck.
def test_the_best_of_many_without_skill_is_the_published_one() -> None:
    assert expected_maximum_sharpe(10, 1) == pytest.approx(1.57, abs=6e-3)
    assert expected_maximum_sharpe(45, 1 / 5) == pytest.approx(1, abs=5e-3)


def test_the_best_of_many_is_about_that_of_numbers_drawn() -> None:
    drawn = np.random.default_rng(1).normal(0, 1, (20_000, 50)).max(axis=1)
    assert expected_maximum_sharpe(50, 1) == pytest.approx(drawn.mean(), rel=0.02)


def test_a_single_trial_is_not_deflated() -> None:
    assert expected_maximum_sharpe(1, 5) == 0
    assert deflated_sharpe(DAILY, trials=1, variance=5) == DAILY.probability_above(0)


@settings(max_examples=50)
@given(st.floats(1, 1e6), st.floats(1, 1e6))
def test_more_trials_never_make_a_ratio_more_likely(first: float, second: float) -> None:
    fewer, more = sorted((first, second))
    assert expected_maximum_sharpe(fewer, 0.5) <= expected_maximum_sharpe(more, 0.5) + 1e-12


def test_with_the_minimum_track_record_the_probability_is_the_confidence() -> None:
    needed = DAILY.length_needed(0.05, 0.9)
    assert needed is not None
    exact = SharpeRecord(DAILY.sharpe, 100, DAILY.skewness, DAILY.kurtosis)
    found = exact.probability_above(0.05)
    again = exact.length_needed(0.05, found if found is not None else 0.9)
    assert again == pytest.approx(100)


def test_the_true_ratio_lies_in_the_interval_as_often_as_it_says() -> None:
    drawn = np.random.default_rng(8).normal(0.1, 1, (2_000, 250))
    records = [SharpeRecord.of(one) for one in drawn]
    found = [record.interval(0.9) for record in records if record is not None]
    inside = [one.low <= 0.1 <= one.high for one in found if one is not None]
    assert np.mean(inside) == pytest.approx(0.9, abs=0.02)  # 3 deviations of 0.0067


def test_a_ratio_below_its_benchmark_has_no_track_record_that_would_do() -> None:
    assert SharpeRecord(0.1, 100).length_needed(0.1) is None
    assert SharpeRecord(0.1, 100).length_needed(0.2) is None


def test_a_record_whose_variance_is_not_above_0_is_not_judged() -> None:
    odd = SharpeRecord(1, 10, skewness=3, kurtosis=2)
    assert odd.variance < 0
    assert odd.probability_above(0) is odd.length_needed(0) is odd.interval() is None


def test_returns_give_their_own_record() -> None:
    returns = np.random.default_rng(3).normal(0.001, 0.01, 500)
    record = SharpeRecord.of(returns)
    assert record is not None
    assert probabilistic_sharpe(returns, 0.01) == record.probability_above(0.01)
    assert minimum_track_record(returns, confidence=0.9) == record.length_needed(0, 0.9)
    sharpes = [0.01, 0.02, record.sharpe]
    variance = float(np.var(sharpes, ddof=1))
    assert deflated_sharpe_of(returns, sharpes) == deflated_sharpe(record, trials=3, variance=variance)
    assert deflated_sharpe_of(returns, [record.sharpe]) == record.probability_above(0)


def test_without_returns_or_trials_nothing_is_known() -> None:
    nothing = np.empty(0)
    assert probabilistic_sharpe(nothing) is minimum_track_record(nothing) is deflated_sharpe_of(nothing, [1]) is None
    assert deflated_sharpe_of(np.array([0.1, 0.2, 0.0]), []) is None


def test_what_was_observed_is_one_of_the_draws() -> None:
    assert p_value(5, []) == 1
    assert p_value(5, [1, 2, 3]) == 1 / 4
    assert p_value(2, [1, 2, 3]) == 3 / 4
    assert p_value(0, np.array([1.0, 2.0])) == 1
    assert p_value(2, [1, float("nan"), 3]) == 2 / 3
