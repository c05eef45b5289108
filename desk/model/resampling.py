"""Longer candles from shorter ones, on arrays."""

import numpy as np

from desk.errors import DataError
from desk.model.assembling import from_bars
from desk.model.candles import Candles, IntArray, PriceBars
from desk.model.timeframe import Timeframe


def resample(candles: Candles, timeframe: Timeframe) -> Candles:
    """Return candles of a longer timeframe, labelled by their open time on boundaries counted from midnight UTC.

    A bucket is made from the candles that there are: missing minutes are legal, and an empty bucket gives no candle.
    The newest candle may be from an unfinished bucket; `Candles.until` leaves it out before its end.

    Raises:
        DataError: `timeframe` is shorter than the candles' own.
    """
    if timeframe is candles.timeframe:
        return candles
    if timeframe.seconds % candles.timeframe.seconds != 0:
        raise DataError(
            f"{candles.instrument}: expected a timeframe of {candles.timeframe} or longer, found {timeframe}; "
            f"{candles.timeframe} is the shortest that this source has"
        )
    bucket = candles.time // timeframe.seconds
    starts = np.flatnonzero(np.diff(bucket, prepend=bucket[:1] - 1))
    return from_bars(
        candles.instrument,
        timeframe,
        bucket[starts] * timeframe.seconds,
        _merge(PriceBars(candles.open, candles.high, candles.low, candles.close), starts),
        np.add.reduceat(candles.volume, starts),
        bid=None if candles.bid is None else _merge(candles.bid, starts),
        ask=None if candles.ask is None else _merge(candles.ask, starts),
    )


def _merge(bars: PriceBars, starts: IntArray) -> PriceBars:
    ends = np.append(starts[1:], len(bars.open))[: len(starts)] - 1
    return PriceBars(
        bars.open[starts],
        np.maximum.reduceat(bars.high, starts),
        np.minimum.reduceat(bars.low, starts),
        bars.close[ends],
    )
