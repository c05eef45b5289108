"""Resampling against pandas, and what it must never do: look ahead or invent."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.errors import DataError
from desk.model.assembling import from_bars, join, no_candles
from desk.model.candles import Candles, PriceBars
from desk.model.resampling import resample
from desk.model.timeframe import Timeframe

LONGER = [timeframe for timeframe in Timeframe if timeframe is not Timeframe.M1]


@st.composite
def minutes(draw):
    rows = draw(st.lists(st.integers(0, 3_000), min_size=1, max_size=120, unique=True))
    start = draw(st.integers(20_000_000, 40_000_000))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    return make(np.sort(np.array(rows, dtype=np.int64) + start) * 60, random)


def make(time, random):
    low, high = np.sort(random.uniform(1, 2, (2, len(time))), axis=0)
    opens, closes = random.uniform(low, high, (2, len(time)))
    mid = PriceBars(opens, high, low, closes)
    bid, ask = (PriceBars(*(getattr(mid, n) + d for n in ("open", "high", "low", "close"))) for d in (-0.1, 0.1))
    volume = random.integers(0, 1_000, len(time)).astype(float)
    return from_bars("EUR/USD", Timeframe.M1, time, mid, volume, bid, ask)


@settings(deadline=None)
@given(minutes(), st.sampled_from(LONGER))
def test_longer_candles_agree_with_pandas(candles, timeframe):
    how = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    how |= {f"{side}_{name}": how[name] for side in ("bid", "ask") for name in ("open", "high", "low", "close")}
    rule = pd.Timedelta(seconds=timeframe.seconds)
    expected = candles.frame.resample(rule, label="left", closed="left").agg(how).dropna()
    pd.testing.assert_frame_equal(
        resample(candles, timeframe).frame, expected, check_freq=False, check_index_type=False
    )


@settings(deadline=None)
@given(minutes(), st.sampled_from(LONGER), st.integers(0, 3_100))
def test_a_closed_candle_does_not_depend_on_later_minutes(candles, timeframe, minute):
    at = datetime.fromtimestamp(int(candles.time[0]), tz=UTC) + timedelta(minutes=minute)
    then, later = resample(candles.until(at), timeframe).until(at), resample(candles, timeframe).until(at)
    assert then.frame.equals(later.frame)


@settings(deadline=None)
@given(minutes(), st.integers(0, 119))
def test_parts_joined_give_the_whole(candles, row):
    assert join([candles[:row], candles[row:]]).frame.equals(candles.frame)


def test_an_hour_without_minutes_has_no_candle():
    time = np.array([0, 60, 3 * 3_600], dtype=np.int64) + 1_700_006_400
    longer = resample(make(time, np.random.default_rng(1)), Timeframe.H1)
    assert (longer.time - 1_700_006_400).tolist() == [0, 3 * 3_600]


def test_no_candles_stay_none_in_every_timeframe():
    assert len(resample(no_candles("EUR/USD", Timeframe.M1), Timeframe.H4)) == 0


def test_trades_only_candles_stay_without_sides():
    candles = make(np.arange(10, dtype=np.int64) * 60, np.random.default_rng(1))
    trades = Candles("X/Y", Timeframe.M1, candles.time, *(np.ones((5, 10))))
    longer = resample(trades, Timeframe.M5)
    assert longer.bid is None
    assert longer.ask is None
    assert longer.volume.tolist() == [5.0, 5.0]


def test_a_shorter_timeframe_is_refused_with_the_shortest_that_there_is():
    hours = resample(make(np.arange(200, dtype=np.int64) * 60, np.random.default_rng(1)), Timeframe.H1)
    with pytest.raises(DataError, match=r"EUR/USD: expected a timeframe of H1 or longer, found M5"):
        resample(hours, Timeframe.M5)
