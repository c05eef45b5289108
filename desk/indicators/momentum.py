"""How one-sided the recent moves were: the relative strength index."""

import numpy as np

from desk.model.candles import FloatArray


def rsi(values: FloatArray, period: int) -> FloatArray:
    """Return the relative strength index, 0 to 100, after Wilder, *New Concepts in Technical Trading Systems*, 1978.

    50, no side, as long as the values have not moved at all; TA-Lib says 0 there, which reads as oversold.
    """
    import talib

    has_moved = np.logical_or.accumulate(values != values[:1])
    strength = talib.RSI(values, period)
    return np.where(has_moved | np.isnan(strength), strength, 50.0)
