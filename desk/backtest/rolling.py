"""How a figure has changed over the time of a backtest."""

import numpy as np

from desk.backtest.curve import YEAR, EquityCurve
from desk.model.candles import FloatArray, IntArray

WINDOW = 60
"""Daily returns that each figure is made of."""
_ROUNDING = 1e-12


def rolling_sharpe(curve: EquityCurve, window: int = WINDOW) -> tuple[IntArray, FloatArray] | None:
    """Return when, and the Sharpe ratio of a year over the last `window` daily returns, for each day with as many.

    It is 0 where nothing varies, and there is none of a curve that is too short, or where all was lost.
    """
    daily = curve.daily()
    returns = daily.returns()
    if len(returns) < max(window, 2) or len(returns) < len(daily) - 1:
        return None
    seen = np.lib.stride_tricks.sliding_window_view(returns, window)
    mean, deviation = seen.mean(axis=1), seen.std(axis=1, ddof=1)
    varies = deviation > _ROUNDING * np.abs(seen).max(axis=1)
    ratio = np.divide(mean, deviation, out=np.zeros(len(mean)), where=varies)
    per_year = len(returns) * YEAR / daily.seconds
    return daily.time[window:], ratio * np.sqrt(per_year)
