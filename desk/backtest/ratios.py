"""Figures of a series of returns: risk against reward, tails, shape. None where a figure is not defined.

`returns` are float64 fractions of equal periods, usually days, oldest first; `per_year` is how many of them a year has.
Nothing is subtracted for a rate without risk: these accounts trade on margin or hold cash that earns nothing.
"""

from math import exp, isfinite, log, sqrt

import numpy as np

from desk.model.candles import FloatArray

TAIL = 0.05
"""The share of the worst periods that value at risk and its like look at."""

_ROUNDING = 1e-12
"""Of the largest value: what varies by less varies by rounding only."""

_LARGEST_EXPONENT = 700.0


def cagr(start: float, end: float, years: float) -> float | None:
    """Return the yearly growth that makes `end` of `start`, as a fraction; -1 where all is lost.

    None where equity ended below 0, nothing was there, or no time passed, and where it is too large for a number.
    """
    if start <= 0 or end < 0 or years <= 0:
        return None
    if end == 0:
        return -1.0
    exponent = log(end / start) / years
    return exp(exponent) - 1 if exponent < _LARGEST_EXPONENT else None


def volatility(returns: FloatArray, per_year: float) -> float | None:
    """Return the standard deviation of a year, as a fraction; None below two returns."""
    return float(np.std(returns, ddof=1)) * sqrt(per_year) if len(returns) > 1 else None


def sharpe(returns: FloatArray, per_year: float = 1.0) -> float | None:
    """Return the Sharpe ratio of a year, or of one period; None below two returns and where nothing varies.

    Source: Sharpe, "The Sharpe Ratio", *Journal of Portfolio Management*, 1994.
    """
    deviation = _deviation(returns)
    return None if deviation is None else finite(float(np.mean(returns)) / deviation * sqrt(per_year))


def sortino(returns: FloatArray, per_year: float = 1.0) -> float | None:
    """Return the mean by the deviation below 0, of a year; None without a return below 0.

    Source: Sortino and Price, "Performance Measurement in a Downside Risk Framework", *Journal of Investing*, 1994;
    the deviation is over all periods, those with a profit counted as 0.
    """
    if len(returns) == 0:
        return None
    below = float(np.sqrt(np.mean(np.minimum(returns, 0) ** 2)))
    return finite(float(np.mean(returns)) / below * sqrt(per_year)) if below > 0 else None


def calmar(growth: float | None, drawdown: float | None) -> float | None:
    """Return the yearly growth by the steepest drawdown, both fractions; None without either."""
    return finite(growth / drawdown) if growth is not None and drawdown else None


def omega(returns: FloatArray, threshold: float = 0.0) -> float | None:
    """Return what lies above a threshold by what lies below it; None where nothing lies below.

    Source: Keating and Shadwick, "A Universal Performance Measure", *Journal of Performance Measurement*, 2002.
    """
    over = returns - threshold
    below = -float(over[over < 0].sum())
    return finite(float(over[over > 0].sum()) / below) if below > 0 else None


def gain_to_pain(returns: FloatArray) -> float | None:
    """Return the sum of all returns by the sum of those below 0; None without any below.

    Source: Schwager, *Hedge Fund Market Wizards*, 2012, who takes months.
    """
    lost = -float(returns[returns < 0].sum())
    return finite(float(returns.sum()) / lost) if lost > 0 else None


def tail_ratio(returns: FloatArray, tail: float = TAIL) -> float | None:
    """Return how far the best tail begins from 0, by how far the worst does; None where that is at 0."""
    if len(returns) == 0:
        return None
    worst, best = np.abs(np.quantile(returns, (tail, 1 - tail)))
    return finite(float(best / worst)) if worst > 0 else None


def value_at_risk(returns: FloatArray, tail: float = TAIL) -> float | None:
    """Return the return that the worst `tail` of all periods begins at, of the record itself; a loss is below 0."""
    return float(np.quantile(returns, tail)) if len(returns) else None


def conditional_value_at_risk(returns: FloatArray, tail: float = TAIL) -> float | None:
    """Return the mean of the worst `tail` of all periods, of the record itself; a loss is below 0.

    Source: Rockafellar and Uryasev, "Optimization of Conditional Value-at-Risk", *Journal of Risk*, 2000.
    """
    if len(returns) == 0:
        return None
    last = int((len(returns) - 1) * tail)
    return float(np.mean(np.partition(returns, last)[: last + 1]))


def stability(returns: FloatArray) -> float | None:
    """Return how much of the logarithm of equity a straight line explains (R squared), in [0, 1].

    None below two returns, where all was lost, and where the logarithm does not vary.
    """
    if len(returns) < 2 or float(returns.min()) <= -1:
        return None
    grown = np.cumsum(np.log1p(returns))
    if _deviation(grown) is None:
        return None
    return float(np.corrcoef(np.arange(len(grown)), grown)[0, 1] ** 2)


def skewness(returns: FloatArray) -> float | None:
    """Return the third standardised moment of the record (0 for a normal one); None where nothing varies."""
    return _moment(returns, 3)


def kurtosis(returns: FloatArray) -> float | None:
    """Return the fourth standardised moment of the record (3 for a normal one); None where nothing varies."""
    return _moment(returns, 4)


def rolling_sharpe(returns: FloatArray, window: int, per_year: float) -> FloatArray:
    """Return the Sharpe ratio of each window of returns that is full; NaN, here alone, where nothing varies in one.

    The first element is of the first `window` returns, so that there are `window` - 1 fewer than returns.
    """
    assert window > 1, window
    if len(returns) < window:
        return np.empty(0)
    windows = np.lib.stride_tricks.sliding_window_view(returns, window)
    deviation = windows.std(axis=1, ddof=1)
    result = np.full(len(windows), np.nan)
    varies = deviation > _ROUNDING * np.abs(windows).max(axis=1)
    np.divide(windows.mean(axis=1) * sqrt(per_year), deviation, out=result, where=varies)
    return result


def finite(value: float) -> float | None:
    """Return the value, or None where it is not a number or has no end."""
    return value if isfinite(value) else None


def _deviation(values: FloatArray) -> float | None:
    """Of a sample; None below two values and where nothing but rounding varies."""
    if len(values) < 2:
        return None
    deviation = float(np.std(values, ddof=1))
    return deviation if deviation > _ROUNDING * float(np.abs(values).max()) else None


def _moment(values: FloatArray, order: int) -> float | None:
    if _deviation(values) is None:
        return None
    gaps = values - values.mean()
    spread = float(np.mean(gaps * gaps))
    powers = gaps * gaps * (gaps if order == 3 else gaps * gaps)
    scale = spread ** (order / 2)
    return finite(float(np.mean(powers)) / scale) if scale > 0 else None
