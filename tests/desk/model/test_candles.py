"""Candles are validated once, on construction, and are closed, sorted and read-only ever after."""

import dataclasses
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import DataError, MalformedCandles
from desk.model.candles import Candles, PriceBars
from desk.model.timeframe import Timeframe
from tests.builders import CLOSE, candles

THREE = candles([1.1, 1.2, 1.3])


def bars(shift: float = 0.0) -> PriceBars:
    return PriceBars(*(getattr(THREE, name) + shift for name in ("open", "high", "low", "close")))


def with_values(**changes) -> Candles:
    """Three good candles with some values replaced: `close={1: nan}` changes the close of candle 1."""
    values = {name: getattr(THREE, name).copy() for name in ("time", "open", "high", "low", "close", "volume")}
    for name, rows in changes.items():
        for row, value in rows.items():
            values[name][row] = value
    return Candles("EUR/USD", Timeframe.M5, **values)


def test_the_newest_close_is_one_timeframe_after_the_last_open():
    assert THREE.closed_at == CLOSE
    assert THREE.time[-1] == (CLOSE - timedelta(minutes=5)).timestamp()
    np.testing.assert_array_equal(THREE.close_times - THREE.time, [300, 300, 300])


@pytest.mark.parametrize("name", ["time", "open", "high", "low", "close", "volume"])
def test_the_arrays_cannot_be_written_to(name):
    with pytest.raises(ValueError, match="read-only"):
        getattr(THREE, name)[0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(THREE, name, np.zeros(3))


def test_whole_numbers_and_lists_become_float64():
    made = Candles("EUR/USD", Timeframe.M1, np.array([0, 60]), [1, 1], [2, 2], [1, 1], [2, 2], [0, 0])
    assert {getattr(made, name).dtype for name in ("open", "high", "low", "close", "volume")} == {np.dtype(float)}
    assert made.time.dtype == np.int64


def test_no_candles_at_all_are_valid():
    empty = candles([])
    assert len(empty) == 0
    assert len(empty.until(CLOSE)) == 0


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        pytest.param({"close": {1: np.nan}}, "prices must be finite and positive", id="NaN price"),
        pytest.param({"high": {1: np.inf}}, "prices must be finite and positive", id="infinite price"),
        pytest.param({"low": {1: 0.0}}, "prices must be finite and positive", id="zero price"),
        pytest.param({"open": {1: -1.1}}, "prices must be finite and positive", id="negative price"),
        pytest.param({"high": {1: 1.0}}, "high and low must enclose open and close", id="high below the close"),
        pytest.param({"low": {1: 1.15}}, "high and low must enclose open and close", id="low above the open"),
        pytest.param({"volume": {1: -1.0}}, "volume must be finite and not negative", id="negative volume"),
        pytest.param({"volume": {1: np.nan}}, "volume must be finite and not negative", id="NaN volume"),
        pytest.param({"time": {1: THREE.time[0]}}, "open times must strictly increase", id="the same time twice"),
        pytest.param({"time": {1: THREE.time[0] - 300}}, "open times must strictly increase", id="out of order"),
        pytest.param({"time": {1: THREE.time[1] + 1}}, "open times must lie on M5 boundaries", id="off the grid"),
    ],
)
def test_a_candle_that_breaks_a_rule_is_named_with_the_rule(changes, rule):
    with pytest.raises(MalformedCandles) as refusal:
        with_values(**changes)
    message = str(refusal.value)
    assert message.startswith(f"EUR/USD M5: {rule}; candle 1 of 3 at 2026-01-14T14:")
    assert message.endswith("(1 such candles)")
    assert isinstance(refusal.value, DataError)


def test_arrays_of_different_lengths_are_refused():
    with pytest.raises(MalformedCandles, match=r"expected 3, found \[3, 3, 3, 2\] and volume 3"):
        dataclasses.replace(THREE, close=THREE.close[:2])


def test_bid_and_ask_are_validated_too():
    good = dataclasses.replace(THREE, bid=bars(-0.01), ask=bars(+0.01))
    np.testing.assert_allclose(good[1:].ask.close - good[1:].bid.close, 0.02)
    with pytest.raises(MalformedCandles, match="ask must not be below bid"):
        dataclasses.replace(THREE, bid=bars(+0.01), ask=bars(-0.01))
    with pytest.raises(MalformedCandles, match="bid prices must be finite and positive"):
        dataclasses.replace(THREE, bid=bars(-5.0), ask=bars())
    with pytest.raises(MalformedCandles, match="ask prices must have one element per open time"):
        dataclasses.replace(THREE, bid=bars(), ask=bars()[:2])


def test_until_gives_what_was_closed_and_no_candle_that_is_still_open():
    assert len(THREE.until(CLOSE)) == 3
    assert len(THREE.until(CLOSE - timedelta(microseconds=1))) == 2
    assert len(THREE.until(datetime(2000, 1, 1, tzinfo=UTC))) == 0


def test_since_gives_what_opened_then_or_later():
    assert len(THREE.since(CLOSE - timedelta(minutes=5))) == 1
    assert len(THREE.since(CLOSE - timedelta(minutes=6))) == 1
    assert len(THREE.since(CLOSE)) == 0


@given(count=st.integers(0, 6), seconds=st.integers(-2_000, 2_000))
def test_every_moment_parts_the_candles_into_those_closed_then_and_the_rest(count, seconds):
    collection, at = candles([1.0] * count), CLOSE + timedelta(seconds=seconds)
    closed = collection.until(at)
    assert (closed.close_times <= at.timestamp()).all()
    assert (collection[len(closed) :].close_times > at.timestamp()).all()


def test_tail_gives_the_newest_or_all_there_are():
    assert list(THREE.tail(2).close) == [1.2, 1.3]
    assert len(THREE.tail(9)) == 3
    assert len(THREE.tail(0)) == 0


def test_a_part_keeps_what_the_whole_is_about():
    part = THREE[1:]
    assert (part.instrument, part.timeframe, part.closed_at) == ("EUR/USD", Timeframe.M5, CLOSE)
    assert (part.bid, part.ask) == (None, None)


def test_the_frame_is_indexed_by_aware_open_time_and_has_both_sides_where_known():
    frame = dataclasses.replace(THREE, bid=bars(-0.01), ask=bars(+0.01)).frame
    assert frame.index[-1] == pd.Timestamp(CLOSE - timedelta(minutes=5))
    assert list(frame.columns[:5]) == ["open", "high", "low", "close", "volume"]
    np.testing.assert_allclose(frame["ask_low"] - frame["bid_low"], 0.02)
    assert "bid_open" not in THREE.frame
