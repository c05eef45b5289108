"""How far the market usually moves: true range, average true range, Bollinger bands, and a floor under all of them."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from desk.model.candles import FloatArray

NOISE_BPS = 0.5
"""Moves smaller than this part of the price, in basis points, are inside the spread of the most liquid instruments."""

_SAME = 1e-4
"""Part by which two values must differ to be one above the other."""


def true_range(high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """Return the larger of high - low and the distances of both from the close before; NaN for the first candle."""
    import talib

    return talib.TRANGE(high, low, close)


def atr(high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Return the average true range in price, after Wilder, *New Concepts in Technical Trading Systems*, 1978."""
    import talib

    return talib.ATR(high, low, close, period)


def bollinger(values: FloatArray, period: int) -> tuple[FloatArray, FloatArray]:
    """Return the middle of the Bollinger bands and one standard deviation (of the population), both in price.

    After Bollinger, *Bollinger on Bollinger Bands*, 2001; a band lies `n` deviations from the middle.
    """
    import talib

    return talib.SMA(values, period), talib.STDDEV(values, period)


def above_noise(distance: FloatArray, price: FloatArray) -> FloatArray:
    """Return `distance`, but nowhere less than `NOISE_BPS` of `price`.

    What is divided by the result stays finite in a dead market, and a stop measured with it is above 0.
    """
    return np.maximum(distance, price * (NOISE_BPS / 10_000))


def rank(values: FloatArray, period: int) -> FloatArray:
    """Return the share of the newest `period` values that each one exceeds, 0 to 1; equal ones count half.

    Values that are nearly equal count in proportion, so that a change too small to see moves no rank.
    """
    ranked = np.full(len(values), np.nan)
    if len(values) >= period:
        excess = values[period - 1 :, np.newaxis] / sliding_window_view(values, period) - 1
        ranked[period - 1 :] = 0.5 + 0.5 * np.clip(excess / _SAME, -1, 1).mean(axis=1)
    return ranked
