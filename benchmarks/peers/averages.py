"""The indicators of the peers' strategy as the floor defines them, seeded with the first value, as machine code."""

import numpy as np
from numba import njit

from desk.model.candles import FloatArray


@njit(cache=True)
def exponential(values: FloatArray, period: int) -> FloatArray:
    """Return the exponential average of weight 2 / (period + 1)."""
    averages = np.empty(len(values))
    weight, average = 2.0 / (period + 1.0), values[0]
    for row in range(len(values)):
        average += weight * (values[row] - average)
        averages[row] = average
    return averages


@njit(cache=True)
def average_range(high: FloatArray, low: FloatArray, close: FloatArray, period: int) -> FloatArray:
    """Return Wilder's average of the true range."""
    averages = np.empty(len(close))
    average = averages[0] = high[0] - low[0]
    for row in range(1, len(close)):
        before = close[row - 1]
        true_range = max(high[row] - low[row], abs(high[row] - before), abs(low[row] - before))
        average += (true_range - average) / period
        averages[row] = average
    return averages
