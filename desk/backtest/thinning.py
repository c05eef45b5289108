"""Fewer points that look the same: what a chart of a long history is drawn from."""

from itertools import pairwise

import numpy as np

from desk.backtest.curve import EquityCurve
from desk.model.candles import Candles, FloatArray, IntArray
from desk.model.resampling import resample
from desk.model.timeframe import Timeframe


def thin(curve: EquityCurve, most: int) -> EquityCurve:
    """Return at most `most` moments of a curve, 8 or more: first, last, lowest and highest of equal stretches."""
    places = _places(curve, most)
    return EquityCurve(curve.time[places], curve.value[places])


def _places(curve: EquityCurve, most: int) -> IntArray:
    assert most >= 8, most
    if len(curve) <= most:
        return np.arange(len(curve))
    edges = np.linspace(0, len(curve), most // 4 + 1).astype(np.int64)
    found = [place for first, last in pairwise(edges.tolist()) for place in _telling(curve.value, first, last)]
    return np.unique(found)


def _telling(value: FloatArray, first: int, last: int) -> tuple[int, int, int, int]:
    part = value[first:last]
    return first, first + int(part.argmin()), first + int(part.argmax()), last - 1


def coarse(candles: Candles, most: int) -> Candles:
    """Return the same history in the shortest timeframe that has at most `most` candles; of days the newest ones."""
    longer = [one for one in Timeframe if one.seconds >= candles.timeframe.seconds]
    for timeframe in longer:
        made = resample(candles, timeframe)
        if len(made) <= most:
            return made
    return made.tail(most)
