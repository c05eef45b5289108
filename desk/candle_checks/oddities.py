"""Candles that can be right and seldom are: prices far from all around them, and long runs without a trade."""

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from desk.candle_checks.columns import PRICES, VOLUME, Columns
from desk.candle_checks.findings import Broken, Rule, broken_rows, broken_runs
from desk.model.candles import FloatArray

WINDOW: Final = 25
"""Candles around each one, itself among them."""
FAR: Final = 25.0
"""Robust standard deviations from which a price is far."""
LONG: Final = 10
"""Candles in a row without volume from which a run is told."""
_NORMAL: Final = 1.4826
"""What makes a median absolute deviation the standard deviation, where values are normal."""
_AT_ONCE: Final = 65_536


def outliers(columns: Columns) -> Broken | None:
    """Return the candles whose high or low is far from the median of the closes around it (Hampel's identifier).

    Logarithms of prices are compared. The distance is counted in median absolute deviations of the same closes, times
    1.4826, and no less than the median of that over all candles: in a quiet hour every step would be far. Half of the
    closes lie on either side, so a price that moves and stays, as over a weekend, is not far from them.
    """
    bars = columns.bars()
    if bars is None or len(columns) < WINDOW:
        return None
    middle, spread = _robust(np.log(bars.close))
    scale = _NORMAL * np.maximum(spread, np.median(spread[spread > 0]) if (spread > 0).any() else np.inf)
    distance = np.maximum(np.log(bars.high) - middle, middle - np.log(bars.low)) / scale

    def detail(row: int) -> str:
        prices = ", ".join(f"{name} {columns.values[name][row]}" for name in PRICES)
        return f"{distance[row]:.0f} robust deviations from the closes around it, found {prices}"

    return broken_rows(Rule.OUTLIER, distance > FAR, columns.time, detail)


def zero_volume(columns: Columns) -> Broken | None:
    """Return the runs of `LONG` candles or more without volume."""
    volume = columns.values.get(VOLUME)
    if volume is None:
        return None
    return broken_runs(
        Rule.ZERO_VOLUME, volume == 0, columns.time, lambda run: f"{run} candles in a row without volume", least=LONG
    )


def _robust(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the median around each value and the median absolute deviation from it; at the ends of what there is."""
    half = WINDOW // 2
    windows = sliding_window_view(np.pad(values, half, mode="reflect"), WINDOW)
    middle, spread = np.empty_like(values), np.empty_like(values)
    for start in range(0, len(values), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        middle[part] = np.median(windows[part], axis=1)
        spread[part] = np.median(np.abs(windows[part] - middle[part, None]), axis=1)
    return middle, spread
