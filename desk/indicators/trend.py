"""Where the market goes and how steadily: exponential average, rate of change, directional index.

Every function takes and returns float64 arrays of one length, oldest first, NaN while it warms up.
"""

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
