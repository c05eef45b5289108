"""What the recent past is bounded by: the Donchian channel, and volume against its usual size."""

import numpy as np

from desk.model.candles import FloatArray


def donchian(high: FloatArray, low: FloatArray, period: int) -> tuple[FloatArray, FloatArray]:
    """Return the highest high and the lowest low of the `period` candles before each candle, without the candle itself.

    After Donchian's four-week rule; NaN for the first `period` candles.
    """
    import talib

    return _previous(talib.MAX(high, period)), _previous(talib.MIN(low, period))


def highest(values: FloatArray, period: int) -> FloatArray:
    """Return the highest of the newest `period` values, the candle's own among them."""
    import talib

    return talib.MAX(values, period)


def lowest(values: FloatArray, period: int) -> FloatArray:
    """Return the lowest of the newest `period` values, the candle's own among them."""
    import talib

    return talib.MIN(values, period)


def relative_volume(volume: FloatArray, period: int) -> FloatArray:
    """Return each volume as a multiple of the mean of the `period` before it.

    1, the usual, where the source told no volume in all of that time; NaN for the first `period` candles.
    """
    import talib

    usual, most = _previous(talib.SMA(volume, period)), _previous(talib.MAX(volume, period))
    untold = most == 0
    return np.where(untold, 1.0, volume / np.where(untold, 1.0, usual))


def _previous(values: FloatArray) -> FloatArray:
    shifted = np.empty_like(values)
    shifted[:1], shifted[1:] = np.nan, values[:-1]
    return shifted
