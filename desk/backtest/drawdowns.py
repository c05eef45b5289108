"""How far, how long and how often a curve of equity was below its own highest point.

`desk.monitor.drawdown` answers the first of it for the exact profits of a live account's trades; here are arrays of up
to millions of moments.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from desk.backtest.curve import EquityCurve
from desk.model.candles import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class EquityDrawdown:
    """A fall from a peak and, where it came, the recovery.

    Attributes:
        amount: from the peak to the low, above 0, in account currency.
        fraction: of the peak.
        high, low: equity at the peak and at the low.
        high_at: the last moment at the peak before the fall; the start of the account may be one.
        low_at: the first moment at the low.
        recovered_at: when the peak was reached again; None where it was not.
        length: from the peak to the recovery, or to the end of the curve.
    """

    amount: float
    fraction: float
    high: float
    low: float
    high_at: datetime
    low_at: datetime
    recovered_at: datetime | None
    length: timedelta


@dataclass(frozen=True, slots=True)
class DrawdownFigures:
    """What there is to say of the falls of a curve in a few numbers.

    Attributes:
        largest: in money; its `fraction` is what it was of the account at its peak. None where nothing fell.
        steepest: as a fraction of its peak; None where nothing fell.
        underwater: the share of the time below the highest point; None below two moments.
        longest_underwater: from a peak to where it was reached again, or to the end; None without a moment.
        ulcer_index: the root of the mean square of the falls, as a fraction; None without a moment.
    """

    largest: EquityDrawdown | None
    steepest: EquityDrawdown | None
    underwater: float | None
    longest_underwater: timedelta | None
    ulcer_index: float | None


def drawdown_figures(curve: EquityCurve) -> DrawdownFigures:
    """Return the figures of the falls of a curve, of an empty one as well.

    Source of the ulcer index: Martin and McCann, *The Investor's Guide to Fidelity Funds*, 1989, who use percent.
    """
    if len(curve) == 0:
        return DrawdownFigures(None, None, None, None, None)
    depths = falls(curve)
    return DrawdownFigures(
        largest=largest(curve),
        steepest=_at(curve, depths),
        underwater=_underwater_share(curve, depths),
        longest_underwater=_longest_underwater(curve, depths),
        ulcer_index=float(np.sqrt(np.mean(depths * depths))),
    )


def falls(curve: EquityCurve) -> FloatArray:
    """Return how far below the highest point so far each moment is, as a fraction of that point, 0 or more."""
    peak = np.maximum.accumulate(curve.value)
    return 1 - curve.value / peak


def largest(curve: EquityCurve) -> EquityDrawdown | None:
    """Return the largest fall in money; None where equity never fell."""
    return _at(curve, np.maximum.accumulate(curve.value) - curve.value)


def steepest(curve: EquityCurve) -> EquityDrawdown | None:
    """Return the largest fall as a fraction of its peak; None where equity never fell."""
    return _at(curve, falls(curve))


def episodes(curve: EquityCurve, count: int = 5) -> tuple[EquityDrawdown, ...]:
    """Return the steepest falls, each from its own peak to its recovery, the steepest first."""
    depths = falls(curve)
    starts, _ = _stretches(depths)
    if len(starts) == 0:
        return ()
    deepest = np.maximum.reduceat(depths, starts)
    chosen = np.argsort(-deepest, kind="stable")[:count]
    ends = np.append(starts[1:], len(curve))
    lows = (starts[one] + int(np.argmax(depths[starts[one] : ends[one]])) for one in chosen)
    return tuple(_described(curve, int(low)) for low in lows)


def _underwater_share(curve: EquityCurve, depths: FloatArray) -> float | None:
    if curve.seconds == 0:
        return None
    return float(np.diff(curve.time)[depths[:-1] > 0].sum() / curve.seconds)


def _longest_underwater(curve: EquityCurve, depths: FloatArray) -> timedelta:
    starts, ends = _stretches(depths)
    if len(starts) == 0:
        return timedelta(0)
    until = curve.time[np.minimum(ends, len(curve) - 1)]
    return timedelta(seconds=int((until - curve.time[starts - 1]).max()))


def _stretches(depths: FloatArray) -> tuple[IntArray, IntArray]:
    """The first place below a peak of each stretch, and the first at it again, which may be beyond the end."""
    below = np.concatenate(([False], depths > 0, [False]))
    edges = np.diff(below.astype(np.int8))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)


def _at(curve: EquityCurve, depth: FloatArray) -> EquityDrawdown | None:
    if len(curve) == 0:
        return None
    low = int(np.argmax(depth))
    return _described(curve, low) if depth[low] > 0 else None


def _described(curve: EquityCurve, low: int) -> EquityDrawdown:
    value = curve.value
    peak = float(value[: low + 1].max())
    high = int(np.flatnonzero(value[: low + 1] == peak)[-1])
    regained = value[low:] >= peak
    back = low + int(np.argmax(regained)) if regained.any() else None
    until = len(curve) - 1 if back is None else back
    return EquityDrawdown(
        amount=peak - float(value[low]),
        fraction=1 - float(value[low]) / peak,
        high=peak,
        low=float(value[low]),
        high_at=curve.at(high),
        low_at=curve.at(low),
        recovered_at=None if back is None else curve.at(back),
        length=timedelta(seconds=int(curve.time[until] - curve.time[high])),
    )
