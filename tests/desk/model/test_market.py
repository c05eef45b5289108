"""The aligned view of several timeframes never shows a candle before it has closed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.contracts.markets import sample_market
from desk.errors import GappedCandles
from desk.model.market import Market, Series
from desk.model.timeframe import Timeframe
from tests.builders import CLOSE, candles

HOUR = 3_600


def market_with_hours(own_count: int, hours: int) -> Market:
    """M5 candles up to 15:00 and H1 candles that close at 15:00, 14:00 …"""
    own = candles([1.0] * own_count)
    longer = candles(np.arange(1.0, hours + 1), timeframe=Timeframe.H1)
    return Market(Timeframe.M5, {Timeframe.M5: own, Timeframe.H1: longer})


def test_a_longer_value_is_seen_from_its_close_on():
    market = market_with_hours(own_count=14, hours=3)
    aligned = market.align(Timeframe.H1, np.array([10.0, 20.0, 30.0]))
    np.testing.assert_array_equal(aligned, [10] + [20] * 12 + [30])


def test_before_the_first_longer_close_there_is_no_value():
    aligned = market_with_hours(own_count=14, hours=1).align(Timeframe.H1, np.array([10.0]))
    np.testing.assert_array_equal(aligned, [np.nan] * 13 + [10])


def test_without_longer_candles_nothing_is_known():
    aligned = market_with_hours(own_count=3, hours=0).align(Timeframe.H1, np.array([]))
    np.testing.assert_array_equal(aligned, [np.nan] * 3)


@given(seed=st.integers(0, 1_000), count=st.integers(1, 400))
def test_what_is_aligned_was_closed_by_then_and_nothing_newer_was(seed, count):
    market = sample_market(count, seed=seed, longer=[Timeframe.H1])
    closes = market.candles(Timeframe.H1).close_times
    seen = market.align(Timeframe.H1, closes.astype(float))
    for own_close, longer_close in zip(market.own.close_times, seen, strict=True):
        closed = closes[closes <= own_close]
        assert longer_close == closed[-1] if len(closed) else np.isnan(longer_close)


def test_the_own_timeframe_names_instrument_and_close():
    market = market_with_hours(own_count=3, hours=1)
    assert (market.instrument, market.own.closed_at) == ("EUR/USD", CLOSE)
    assert market.candles(Timeframe.H1).closed_at == CLOSE


def test_a_timeframe_that_was_not_fetched_is_named_with_what_there_is():
    with pytest.raises(GappedCandles, match="EUR/USD: expected H4 candles, found only M5, H1"):
        market_with_hours(own_count=3, hours=1).candles(Timeframe.H4)


def test_of_a_series_only_what_was_known_at_a_close_is_seen():
    own = candles([1.0] * 3)
    at = own.close_times
    series = Series(np.array([at[0] + 1, at[2]]), np.array([5.0, 6.0]))
    market = Market(Timeframe.M5, {Timeframe.M5: own}, {"imbalance": series})
    np.testing.assert_array_equal(market.latest("imbalance"), [np.nan, 5, 6])


def test_the_age_of_a_series_is_counted_from_its_newest_value_that_was_known():
    own = candles([1.0] * 3)
    at = own.close_times
    series = Series(np.array([at[0] + 1, at[2]]), np.array([5.0, np.nan]))
    market = Market(Timeframe.M5, {Timeframe.M5: own}, {"imbalance": series})
    np.testing.assert_array_equal(market.age("imbalance"), [np.nan, at[1] - at[0] - 1, 0])
    np.testing.assert_array_equal(market.age("nothing"), [np.nan] * 3)


def test_a_series_that_nobody_has_is_not_known_at_any_candle():
    np.testing.assert_array_equal(market_with_hours(own_count=2, hours=0).latest("imbalance"), [np.nan] * 2)


def test_what_became_known_between_close_and_decision_counts_for_that_decision_with_its_age_then():
    own = candles([1.0] * 3)
    at = own.close_times
    series = Series(np.array([at[0] + 5, at[2] + 6]), np.array([5.0, 6.0]))
    market = Market(Timeframe.M5, {Timeframe.M5: own}, {"imbalance": series}, delay=5)
    np.testing.assert_array_equal(market.latest("imbalance"), [5, 5, 5])
    np.testing.assert_array_equal(market.age("imbalance"), [0, 300, 600])


def test_a_late_decision_sees_no_longer_candle_that_closed_after_its_own():
    market = replace(market_with_hours(own_count=14, hours=3), delay=3_600)
    np.testing.assert_array_equal(market.align(Timeframe.H1, np.array([10.0, 20.0, 30.0])), [10] + [20] * 12 + [30])
