"""Where the market goes and how steadily: exponential average, rate of change, directional index.

Every function takes and returns float64 arrays of one length, oldest first, NaN while it warms up.
"""

import numpy as np

from desk.indicators.volatility import above_noise
from desk.model.candles import FloatArray

# TA-Lib is imported inside the functions, here and in the sister modules: it pulls in pandas, 0.4 s that a command
# which only lists accounts must not wait for.


def ema(values: FloatArray, period: int) -> FloatArray:
    """Return the exponential moving average, alpha = 2 / (period + 1), seeded with the mean of the first `period`."""
    import talib

    return talib.EMA(values, period)


def rate_of_change(values: FloatArray, period: int) -> FloatArray:
    """Return the change over `period` candles as a fraction of the value then."""
    import talib

    return talib.ROCP(values, period)


def adx(high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Return the average directional index, 0 to 100, after Wilder, *New Concepts in Technical Trading Systems*, 1978.

    It tells how strong a trend is, not where it goes; the first value comes after 2 * period - 1 candles.
    """
    import talib

    return talib.ADX(high, low, close, period)


def sma(values: FloatArray, period: int) -> FloatArray:
    """Return the simple moving average, the mean of the newest `period` values."""
    import talib

    return talib.SMA(values, period)


def direction(high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Return the positive directional indicator less the negative one, -100 to 100, after Wilder as `adx`."""
    import talib

    return talib.PLUS_DI(high, low, close, period) - talib.MINUS_DI(high, low, close, period)


def efficiency(close: FloatArray, period: int) -> FloatArray:
    """Return how straight the way of the last `period` candles was, -1 to 1, with the sign of where it led.

    The efficiency ratio after Kaufman, *Smarter Trading*, 1995: the distance between the ends over the length of the
    way. A way shorter than the noise counts as one of that length.
    """
    import talib

    way = talib.SUM(np.abs(np.diff(close, prepend=close[:1])), period)
    return talib.MOM(close, period) / above_noise(way, close)
