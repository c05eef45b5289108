"""Ratios of returns by hand, and where they are not defined."""

from math import log, nan, sqrt

import numpy as np
import pytest

from desk.backtest import ratios
from desk.model.candles import FloatArray

NOTHING: FloatArray = np.empty(0)
SOME: FloatArray = np.array([0.02, -0.01, 0.03, -0.02])
FLAT: FloatArray = np.full(20, 0.1)
"""Whose deviation in binary is not quite 0."""


def test_ratios_of_four_returns_are_those_made_by_hand() -> None:
    deviation = sqrt((0.015**2 + 0.015**2 + 0.025**2 + 0.025**2) / 3)
    assert ratios.sharpe(SOME) == pytest.approx(0.005 / deviation)
    assert ratios.sharpe(SOME, 256) == pytest.approx(16 * 0.005 / deviation)
    assert ratios.volatility(SOME, 4) == pytest.approx(2 * deviation)
    assert ratios.sortino(SOME) == pytest.approx(0.005 / sqrt((0.01**2 + 0.02**2) / 4))
    assert ratios.omega(SOME) == pytest.approx(5 / 3)
    assert ratios.omega(SOME, 0.025) == pytest.approx(0.005 / (0.005 + 0.035 + 0.045))
    assert ratios.gain_to_pain(SOME) == pytest.approx(2 / 3)
    assert ratios.value_at_risk(SOME, 1 / 3) == pytest.approx(-0.01)
    assert ratios.conditional_value_at_risk(SOME, 1 / 3) == pytest.approx(-0.015)
    assert ratios.tail_ratio(SOME, 0.0) == pytest.approx(1.5)
    assert ratios.calmar(0.3, 0.2) == pytest.approx(1.5)


def test_a_steady_climb_is_wholly_explained_by_a_line() -> None:
    assert ratios.stability(np.full(9, 0.01)) == pytest.approx(1)
    up_and_down = np.expm1([0.1, -0.1, 0.1])  # logarithms of equity 0.1, 0 and 0.1, which no line explains
    assert ratios.stability(up_and_down) == pytest.approx(0, abs=1e-12)


def test_growth_is_compounded_over_years() -> None:
    assert ratios.cagr(100, 121, 2) == pytest.approx(0.1)
    assert ratios.cagr(100, 0, 2) == -1


@pytest.mark.parametrize(("start", "end", "years"), [(0, 1, 1), (1, -1, 1), (1, 2, 0), (1, 1e9, 0.001)])
def test_growth_that_has_no_number_is_none(start: float, end: float, years: float) -> None:
    assert ratios.cagr(start, end, years) is None


def test_nothing_comes_of_nothing() -> None:
    for figure in (
        ratios.sharpe,
        ratios.sortino,
        ratios.omega,
        ratios.gain_to_pain,
        ratios.tail_ratio,
        ratios.value_at_risk,
        ratios.conditional_value_at_risk,
        ratios.stability,
        ratios.skewness,
        ratios.kurtosis,
    ):
        assert figure(NOTHING) is None, figure
    assert ratios.volatility(NOTHING, 1) is None
    assert len(ratios.rolling_sharpe(NOTHING, 5, 1)) == 0
    assert ratios.calmar(None, 0.1) is ratios.calmar(0.1, None) is ratios.calmar(0.1, 0.0) is None


def test_what_does_not_vary_has_no_sharpe_ratio_and_no_shape_also_where_rounding_varies() -> None:
    assert float(np.std(FLAT, ddof=1)) > 0
    assert ratios.sharpe(FLAT) is ratios.skewness(FLAT) is ratios.kurtosis(FLAT) is None
    assert np.isnan(ratios.rolling_sharpe(FLAT, 5, 252)).all()


def test_without_a_loss_nothing_is_divided_by_losses() -> None:
    gains = np.array([0.01, 0.02])
    assert ratios.sortino(gains) is ratios.omega(gains) is ratios.gain_to_pain(gains) is None


def test_ruin_has_no_stability() -> None:
    assert ratios.stability(np.array([0.1, -1.0])) is None


def test_the_windows_of_a_rolling_ratio_end_at_each_return_from_the_first_full_one_on() -> None:
    found = ratios.rolling_sharpe(SOME, 3, 4)
    assert found == pytest.approx([ratios.sharpe(SOME[:3], 4), ratios.sharpe(SOME[1:], 4)])


def test_a_number_without_end_is_none() -> None:
    assert ratios.finite(nan) is ratios.finite(float("inf")) is None
    assert ratios.finite(log(2)) == log(2)
