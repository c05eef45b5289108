import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.contracts.drawn import market_of
from desk.contracts.markets import flat_market, sample_market
from desk.model.regimes import Regime
from desk.regimes.detecting import detect_regimes
from desk.regimes.limits import RegimeLimits

LIMITS = RegimeLimits()
STRETCHES = (
    (Regime.RANGE, 260),
    (Regime.TREND, 90),
    (Regime.RANGE, 120),
    (Regime.HIGH_VOLATILITY, 45),
    (Regime.RANGE, 150),
    (Regime.CRASH, 24),
    (Regime.RANGE, 150),
    (Regime.TREND, 90),
)
LAG = {Regime.CRASH: 8, Regime.HIGH_VOLATILITY: 8, Regime.TREND: 20, Regime.RANGE: 34}
"""Candles after which a regime must have been told: a range, which is what is left, after all others have ended."""


@pytest.mark.parametrize("seed", range(6))
def test_four_regimes_are_told_within_a_stated_lag_each(seed):
    regimes, start = detect_regimes(market_of(drawn(seed)).own, LIMITS), 0
    for regime, count in STRETCHES:
        begin = max(start + LAG[regime], LIMITS.warm_up)
        found = [regimes.at(row) for row in range(begin, start + count)]
        assert found.count(regime) >= 0.8 * len(found), (regime, start, found)
        start += count


@given(seed=st.integers(0, 10_000), cut=st.integers(1, 700))
@settings(max_examples=60, deadline=None)
def test_a_regime_is_the_same_when_the_candles_after_it_are_not_known(seed, cut):
    own = sample_market(700, seed=seed, wildness=4).own
    whole, until = detect_regimes(own, LIMITS), detect_regimes(own[:cut], LIMITS)
    np.testing.assert_array_equal(whole.codes[:cut], until.codes)
    assert whole.features_at(cut - 1) == pytest.approx(until.features_at(cut - 1), nan_ok=True)


def test_every_prefix_of_a_market_tells_the_same_of_its_last_candle():
    own = market_of(drawn(3)).own
    whole = detect_regimes(own, LIMITS)
    assert all(detect_regimes(own[:end], LIMITS).at(-1) is whole.at(end - 1) for end in range(1, len(own), 7))


def test_no_regime_changes_again_before_it_has_stayed_unless_a_graver_one_comes():
    codes = detect_regimes(sample_market(6_000, seed=5, wildness=4).own, LIMITS).codes
    changes = np.flatnonzero(np.diff(codes)) + 1
    stays = np.diff(changes)[1:]
    is_graver = codes[changes[2:]] > np.maximum(codes[changes[1:-1]], 1)
    assert len(changes) > 50
    assert (stays[~is_graver] >= LIMITS.minimum_stay).all()


def test_a_value_that_hovers_at_a_threshold_does_not_flap():
    own = sample_market(6_000, seed=5, wildness=4).own
    without = RegimeLimits(trend_exit=0.4499, volatility_exit=1.7999, crash_exit=6.999, minimum_stay=1)
    changes = [np.count_nonzero(np.diff(detect_regimes(own, limits).codes)) for limits in (LIMITS, without)]
    assert changes[0] < 0.6 * changes[1]


def test_nothing_is_told_while_warming_up_and_of_no_candles_at_all():
    own = sample_market(LIMITS.warm_up).own
    regimes = detect_regimes(own, LIMITS)
    assert [regimes.at(LIMITS.warm_up - 2), regimes.at(-1)] == [None, Regime(regimes.at(-1))]
    assert len(detect_regimes(own[:0], LIMITS).codes) == 0


def test_a_dead_market_is_a_range():
    regimes = detect_regimes(flat_market(300, price=1.1, noise=np.zeros(300)).own, LIMITS)
    assert regimes.at(-1) is Regime.RANGE
    assert regimes.features_at(-1) == {"efficiency": 0, "volatility": 1, "fall": 0}


def test_a_rise_as_wild_as_a_crash_is_none():
    closes = np.append(1000 + np.random.default_rng(1).normal(0, 0.8, 300), 1000 + 7.0 * np.arange(1, 16))
    assert detect_regimes(market_of(closes).own, LIMITS).at(-1) is Regime.HIGH_VOLATILITY
    assert detect_regimes(market_of(2000 - closes).own, LIMITS).at(-1) is Regime.CRASH


def test_candles_older_than_the_warm_up_do_not_matter_where_no_threshold_is_crossed_since():
    own = sample_market(3_000, seed=2, wildness=4).own
    whole, newest = detect_regimes(own, LIMITS), detect_regimes(own.tail(1_000), LIMITS)
    np.testing.assert_array_equal(whole.codes[-600:], newest.codes[-600:])


def drawn(seed):
    """Closes of the stretches, one after the other."""
    random, level, closes = np.random.default_rng(seed), 1000.0, []
    for regime, count in STRETCHES:
        closes.append(_stretch(regime, count, level, random))
        level = closes[-1][-1] if regime in (Regime.TREND, Regime.CRASH) else level
    return np.concatenate(closes)


def _stretch(regime, count, level, random):
    if regime is Regime.TREND:
        return level + np.cumsum(random.normal(0.8, 0.6, count))
    if regime is Regime.CRASH:
        return level + np.cumsum(random.normal(-6, 4, count))
    return level + random.normal(0, 0.8 if regime is Regime.RANGE else 5, count)
