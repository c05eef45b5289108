"""Indicators against independent pandas formulas, and against values worked out by hand."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.contracts.markets import sample_market
from desk.indicators.channel import donchian, highest, relative_volume
from desk.indicators.momentum import rsi
from desk.indicators.scoring import ema_settles, from_warm_up, known, ramp, wilder_settles
from desk.indicators.trend import adx, direction, efficiency, ema, rate_of_change, sma
from desk.indicators.volatility import above_noise, atr, bollinger, rank, true_range

OWN = sample_market(400, seed=7, price=1300.0).own
HIGH, LOW, CLOSE, VOLUME = OWN.high, OWN.low, OWN.close, OWN.volume
EVERY = {
    "ema": lambda n: ema(CLOSE[:n], 10),
    "rate_of_change": lambda n: rate_of_change(CLOSE[:n], 10),
    "adx": lambda n: adx(HIGH[:n], LOW[:n], CLOSE[:n], 10),
    "rsi": lambda n: rsi(CLOSE[:n], 10),
    "true_range": lambda n: true_range(HIGH[:n], LOW[:n], CLOSE[:n]),
    "atr": lambda n: atr(HIGH[:n], LOW[:n], CLOSE[:n], 10),
    "bollinger": lambda n: bollinger(CLOSE[:n], 10)[1],
    "donchian": lambda n: donchian(HIGH[:n], LOW[:n], 10)[0],
    "relative_volume": lambda n: relative_volume(VOLUME[:n], 10),
    "highest": lambda n: highest(HIGH[:n], 10),
    "sma": lambda n: sma(CLOSE[:n], 10),
    "direction": lambda n: direction(HIGH[:n], LOW[:n], CLOSE[:n], 10),
    "efficiency": lambda n: efficiency(CLOSE[:n], 10),
    "rank": lambda n: rank(CLOSE[:n], 10),
}
WARMING = {
    "ema": 9, "rate_of_change": 10, "adx": 19, "rsi": 10, "true_range": 1, "atr": 10, "bollinger": 9, "donchian": 10,
    "relative_volume": 10, "highest": 9, "sma": 9, "direction": 10, "efficiency": 10, "rank": 9,
}  # fmt: skip


def wilder(values: pd.Series, period: int) -> pd.Series:
    """Wilder's smoothing: the mean of the first `period`, then 1 / period of each new value."""
    seeded = values.copy()
    first = values.first_valid_index()
    seeded.iloc[first : first + period - 1] = np.nan
    seeded.iloc[first + period - 1] = values.iloc[first : first + period].mean()
    return seeded.ewm(alpha=1 / period, adjust=False).mean()


def ranges() -> pd.Series:
    before = pd.Series(CLOSE).shift()
    parts = pd.concat([pd.Series(HIGH - LOW), (HIGH - before).abs(), (LOW - before).abs()], axis=1)
    return parts.max(axis=1, skipna=False)


def test_ema_is_the_recursion_seeded_with_a_simple_mean():
    seeded = pd.Series(CLOSE)
    seeded[:8] = np.nan
    seeded[8] = CLOSE[:9].mean()
    np.testing.assert_allclose(ema(CLOSE, 9), seeded.ewm(span=9, adjust=False).mean(), rtol=1e-12)


def test_rsi_is_the_share_of_gains_in_wilder_averages():
    steps = pd.Series(CLOSE).diff()
    gains, losses = wilder(steps.clip(lower=0), 14), wilder(-steps.clip(upper=0), 14)
    np.testing.assert_allclose(rsi(CLOSE, 14), 100 * gains / (gains + losses), rtol=1e-9)


def test_rsi_knows_no_side_until_something_has_moved():
    values = np.array([5.0, 5, 5, 5, 5, 5, 6])
    np.testing.assert_allclose(rsi(values, 3), [np.nan, np.nan, np.nan, 50, 50, 50, 100])


def test_rate_of_change_is_a_fraction_of_the_value_then():
    np.testing.assert_allclose(rate_of_change(CLOSE, 5), pd.Series(CLOSE).pct_change(5), rtol=1e-9)


def test_true_range_reaches_to_the_close_before():
    np.testing.assert_allclose(true_range(HIGH, LOW, CLOSE), ranges(), rtol=1e-12)


def test_atr_is_the_wilder_average_of_the_true_range():
    np.testing.assert_allclose(atr(HIGH, LOW, CLOSE, 14), wilder(ranges(), 14), rtol=1e-9)


def test_adx_agrees_with_wilders_definition_once_its_seed_is_forgotten():
    up, down = pd.Series(HIGH).diff(), -pd.Series(LOW).diff()
    plus, minus = up.where((up > down) & (up > 0), 0.0), down.where((down > up) & (down > 0), 0.0)
    average = {
        name: values.ewm(alpha=1 / 14, adjust=False).mean() for name, values in zip("+-", (plus, minus), strict=True)
    }
    index = 100 * (average["+"] - average["-"]).abs() / (average["+"] + average["-"])
    expected = index.ewm(alpha=1 / 14, adjust=False).mean()
    np.testing.assert_allclose(adx(HIGH, LOW, CLOSE, 14)[320:], expected[320:], rtol=1e-6)


def test_bollinger_gives_the_mean_and_the_deviation_of_the_population():
    middle, deviation = bollinger(CLOSE, 20)
    window = pd.Series(CLOSE).rolling(20)
    np.testing.assert_allclose(middle, window.mean(), rtol=1e-12)
    np.testing.assert_allclose(deviation, window.std(ddof=0), rtol=1e-6)


def test_donchian_leaves_out_the_candle_itself():
    upper, lower = donchian(np.array([3.0, 1, 2, 9, 1]), np.array([2.0, 0.5, 1, 4, 0.1]), 2)
    np.testing.assert_array_equal(upper, [np.nan, np.nan, 3, 2, 9])
    np.testing.assert_array_equal(lower, [np.nan, np.nan, 0.5, 0.5, 1])


def test_relative_volume_compares_with_the_candles_before():
    np.testing.assert_array_equal(relative_volume(np.array([1.0, 3, 4, 7]), 2), [np.nan, np.nan, 2, 2])


def test_relative_volume_is_usual_where_none_was_told():
    np.testing.assert_array_equal(relative_volume(np.zeros(4), 2), [np.nan, np.nan, 1, 1])


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("count", [0, 1, 2, 5, 400])
def test_an_indicator_has_one_element_per_candle_and_nan_while_warming_up(name, count):
    values = EVERY[name](count)
    assert values.dtype == np.float64
    assert len(values) == count
    np.testing.assert_array_equal(np.isnan(values), np.arange(count) < WARMING[name])


def test_above_noise_lifts_only_what_is_smaller_than_half_a_basis_point():
    lifted = above_noise(np.array([0.0, 0.004, 1.0, np.nan]), np.full(4, 100.0))
    np.testing.assert_allclose(lifted, [0.005, 0.005, 1.0, np.nan])


def test_direction_is_the_difference_of_wilders_indicators_once_their_seed_is_forgotten():
    up, down = pd.Series(HIGH).diff(), -pd.Series(LOW).diff()
    plus, minus = up.where((up > down) & (up > 0), 0.0), down.where((down > up) & (down > 0), 0.0)
    net = (plus - minus).ewm(alpha=1 / 14, adjust=False).mean()
    span = ranges().fillna(0).ewm(alpha=1 / 14, adjust=False).mean()
    np.testing.assert_allclose(direction(HIGH, LOW, CLOSE, 14)[320:], (100 * net / span)[320:], rtol=1e-6)


def test_the_simple_average_and_the_highest_take_the_candle_itself():
    np.testing.assert_array_equal(sma(np.array([1.0, 3, 5]), 2), [np.nan, 2, 4])
    np.testing.assert_array_equal(highest(np.array([1.0, 3, 2]), 2), [np.nan, 3, 3])


def test_a_straight_way_is_efficient_and_a_way_back_and_forth_is_not():
    np.testing.assert_allclose(efficiency(np.array([1.0, 2, 3, 4]), 3)[-1], 1)
    np.testing.assert_allclose(efficiency(np.array([4.0, 3, 2, 1]), 3)[-1], -1)
    np.testing.assert_allclose(efficiency(np.array([1.0, 3, 2, 2.5]), 3)[-1], 1.5 / 3.5)
    assert efficiency(np.full(5, 7.0), 3)[-1] == 0


def test_efficiency_is_the_distance_over_the_length_of_the_way():
    steps = pd.Series(CLOSE).diff()
    expected = steps.rolling(10).sum() / steps.abs().rolling(10).sum()
    np.testing.assert_allclose(efficiency(CLOSE, 10)[10:], expected[10:], rtol=1e-6)


def test_a_rank_is_the_share_of_the_past_that_is_exceeded():
    values = np.array([5.0, 1, 4, 2, 3])
    np.testing.assert_allclose(rank(values, 5)[-1], 0.5)
    np.testing.assert_allclose(rank(np.array([1.0, 2, 3, 4, 9]), 5)[-1], 0.9)
    np.testing.assert_allclose(rank(np.full(6, 2.0), 5)[-1], 0.5)


def test_a_rank_agrees_with_that_of_pandas():
    expected = pd.Series(CLOSE).rolling(50).rank(method="average")
    np.testing.assert_allclose(rank(CLOSE, 50)[49:], ((expected - 0.5) / 50)[49:], atol=0.05)


def test_a_rank_does_not_jump_where_two_values_cross():
    values = np.linspace(1, 2, 21)
    before, after = (rank(np.append(values, 1.5 + nudge), 22)[-1] for nudge in (-1e-9, 1e-9))
    assert abs(after - before) < 1e-5


def test_what_is_not_known_is_0():
    np.testing.assert_array_equal(known(np.array([np.nan, 0.3, -1])), [0, 0.3, -1])


def test_ramp_is_0_then_rises_then_is_1():
    np.testing.assert_allclose(ramp(np.array([-9.0, 1, 1.5, 2, 9, np.nan]), 1, 2), [0, 0, 0.5, 1, 1, np.nan])


@given(st.floats(-1e6, 1e6), st.floats(0.01, 1e3), st.floats(-1e6, 1e6), st.floats(0, 1e3))
def test_ramp_never_falls_and_stays_within_0_and_1(start, width, value, step):
    lower, higher = ramp(np.array([value, value + step]), start, start + width)
    assert 0 <= lower <= higher <= 1


def test_from_warm_up_keeps_the_element_at_which_the_warm_up_is_complete():
    np.testing.assert_array_equal(from_warm_up(np.arange(4.0), 3), [np.nan, np.nan, 2, 3])


@pytest.mark.parametrize(("count", "alpha"), [(ema_settles(36), 2 / 37), (wilder_settles(14), 1 / 14)])
def test_an_average_that_has_settled_has_forgotten_where_it_began(count, alpha):
    assert (1 - alpha) ** count < 0.003


def test_indicators_do_not_load_pandas_before_they_are_used():
    code = (
        "import sys, desk.registry as r; r.strategies().discover(); r.risk_rules().discover(); "
        "sys.exit('pandas' in sys.modules or 'talib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
