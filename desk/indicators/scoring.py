"""From indicator values to graded scores: ramps instead of thresholds, and the end of the warm-up."""

import numpy as np

from desk.model.candles import FloatArray


def ramp(values: FloatArray, start: float, full: float) -> FloatArray:
    """Return 0 up to `start`, 1 from `full` on, and a straight line between; `start` must be below `full`.

    A score built from ramps is exactly 0 where there is no opinion and moves a little when a price moves a little.
    """
    # Both bounds by hand: numpy's clip takes three times as long on arrays as short as these.
    return np.minimum(np.maximum((values - start) / (full - start), 0.0), 1.0)


def from_warm_up(values: FloatArray, warm_up: int) -> FloatArray:
    """Return `values` with NaN for the first `warm_up - 1`, which still depend on where the history began."""
    told = np.array(values, dtype=np.float64)
    told[: max(0, warm_up - 1)] = np.nan
    return told


def known(values: FloatArray) -> FloatArray:
    """Return `values` with 0, which no ramp above it takes for an opinion, where they are not known."""
    return np.nan_to_num(values, nan=0.0)


def ema_settles(period: int) -> int:
    """Return after how many candles an exponential average has forgotten all but 0.3 % of where it began."""
    return 3 * period


def wilder_settles(period: int) -> int:
    """Return the same for Wilder's averages (RSI, ATR, ADX), which are exponential ones of nearly twice the period."""
    return ema_settles(2 * period - 1)
