"""Monte Carlo: what else the same trades, or the same days, might have come to.

Shuffled trades say how much of the drawdown was the order in which they came; days drawn anew, in blocks, say how far
the end may lie from what it was. Neither invents a trade or a day that was not there, so that both are kinder than a
market that changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import sqrt

import numpy as np
import numpy.typing as npt

from desk.backtest.resampling import bootstrap_returns, shuffle_trades
from desk.model.candles import FloatArray

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Distribution:
    """A figure over all paths.

    Attributes:
        observed: what it was in the backtest; None where it is not defined.
        quantiles: by share of the paths that are at or below, see `QUANTILES`; empty where no path has the figure.
        worse: the share of the paths that are worse than what was observed; None without either.
    """

    observed: float | None
    quantiles: Mapping[float, float]
    worse: float | None

    @classmethod
    def of(cls, observed: float | None, drawn: FloatArray, *, lowest: bool = False) -> "Distribution":
        """Return the distribution of what was drawn, where more is better, or less with `lowest`."""
        known = drawn[np.isfinite(drawn)]
        if len(known) == 0:
            return cls(observed, {}, None)
        found = dict(zip(QUANTILES, np.quantile(known, QUANTILES).tolist(), strict=True))
        if observed is None:
            return cls(observed, found, None)
        return cls(observed, found, float(np.mean(known > observed if lowest else known < observed)))


@dataclass(frozen=True, slots=True)
class PathFigures:
    """What many paths came to.

    Attributes:
        paths: how many.
        final: equity at the end, in account currency.
        drawdown: the steepest fall, as a fraction of the highest equity until then.
        sharpe: of a year; without quantiles where the order of the same trades is all that differs.
        ruin: the share of the paths that lost `ruin_fraction` of the start at any time.
        loss: the share that ended below the start.
    """

    paths: int
    final: Distribution
    drawdown: Distribution
    sharpe: Distribution
    ruin: float
    ruin_fraction: float
    loss: float


@dataclass(frozen=True, slots=True)
class Draws:
    """How paths are drawn.

    Attributes:
        paths: how many, 1 or more.
        seed: the same gives the same paths.
        ruin_fraction: of the start; what counts as ruin, in (0, 1].
    """

    paths: int = 1000
    seed: int = 1
    ruin_fraction: float = 0.5


_USUAL = Draws()


def shuffled_trades(profits: FloatArray, start: float, draws: Draws = _USUAL) -> PathFigures:
    """Return what the same trades come to in another order, each with the profit that it had in money.

    Args:
        profits: in account currency, after costs, in the order of closing.
        start: equity before the first, above 0.
    """
    drawn = _stacked(shuffle_trades(profits, draws=draws.paths, seed=draws.seed), len(profits))
    paths = start + np.cumsum(drawn, axis=1)
    return _figures(start, start + np.cumsum(profits)[None, :], paths, draws, sharpes=(np.empty(0), np.empty(0)))


def drawn_days(
    returns: FloatArray, start: float, draws: Draws = _USUAL, *, block: int | None = None, per_year: float = 365.0
) -> PathFigures:
    """Return what the same days come to when they are drawn anew, in blocks, with replacement.

    Args:
        returns: of days, as fractions, in order.
        start: equity before the first, above 0.
        block: how many days in a row are kept together; None for `usual_block`.
        per_year: how many such days a year has.
    """
    length = block or usual_block(len(returns))
    drawn = _stacked(bootstrap_returns(returns, draws=draws.paths, seed=draws.seed, block=length), len(returns))
    observed = _stacked([returns], len(returns))
    return _figures(
        start,
        _grown(start, observed),
        _grown(start, drawn),
        draws,
        sharpes=(_sharpes(observed, per_year), _sharpes(drawn, per_year)),
    )


def outcomes(start: float, runs: Iterable["RunFigures"], observed: "RunFigures", draws: Draws = _USUAL) -> PathFigures:
    """Return what whole backtests came to that differ by chance alone.

    Args:
        start: equity that each began with.
        observed: of the backtest without chance.
    """
    found = tuple(runs)
    final = np.array([run.final for run in found], dtype=np.float64)
    lowest = np.array([run.lowest for run in found], dtype=np.float64)
    return PathFigures(
        paths=len(found),
        final=Distribution.of(observed.final, final),
        drawdown=Distribution.of(observed.drawdown, _known(run.drawdown for run in found), lowest=True),
        sharpe=Distribution.of(observed.sharpe, _known(run.sharpe for run in found)),
        ruin=_share(lowest <= start * (1 - draws.ruin_fraction)),
        ruin_fraction=draws.ruin_fraction,
        loss=_share(final < start),
    )


@dataclass(frozen=True, slots=True)
class RunFigures:
    """What one of many backtests came to; None where a figure is not defined.

    Attributes:
        lowest: equity at its lowest, at the end of a day.
    """

    final: float
    lowest: float
    drawdown: float | None = field(default=None)
    sharpe: float | None = field(default=None)


def usual_block(returns: int) -> int:
    """Return a block of the third root of the number of returns, at least 1.

    The order of growth that is best for the variance of a mean; Hall, Horowitz and Jing, *Biometrika*, 1995.
    """
    return max(1, round(float(np.cbrt(returns))))


def steepest_falls(start: float, paths: FloatArray) -> FloatArray:
    """Return the steepest fall of each path, a row each, as a fraction of its highest equity until then; at most 1."""
    if paths.shape[1] == 0:
        return np.zeros(len(paths))
    highest = np.maximum(np.maximum.accumulate(paths, axis=1), start)
    found: FloatArray = np.minimum((1 - paths / highest).max(axis=1), 1.0)
    return np.maximum(found, 0.0)


def _figures(
    start: float, observed: FloatArray, paths: FloatArray, draws: Draws, *, sharpes: tuple[FloatArray, FloatArray]
) -> PathFigures:
    final, was = _ends(start, paths), _ends(start, observed)
    falls, fell = steepest_falls(start, paths), steepest_falls(start, observed)
    lowest = paths.min(axis=1, initial=start)
    known = [float(one) for one in sharpes[0] if np.isfinite(one)]
    return PathFigures(
        paths=len(paths),
        final=Distribution.of(float(was[0]), final),
        drawdown=Distribution.of(float(fell[0]), falls, lowest=True),
        sharpe=Distribution.of(known[0] if known else None, sharpes[1]),
        ruin=_share(lowest <= start * (1 - draws.ruin_fraction)),
        ruin_fraction=draws.ruin_fraction,
        loss=_share(final < start),
    )


def _grown(start: float, returns: FloatArray) -> FloatArray:
    return np.asarray(start * np.cumprod(1 + returns, axis=1), dtype=np.float64)


def _ends(start: float, paths: FloatArray) -> FloatArray:
    return paths[:, -1] if paths.shape[1] else np.full(len(paths), start)


def _sharpes(returns: FloatArray, per_year: float) -> FloatArray:
    if returns.shape[1] < 2:
        return np.empty(0)
    deviation = returns.std(axis=1, ddof=1)
    varies = deviation > _ROUNDING * np.abs(returns).max(axis=1)
    found = np.full(len(returns), np.nan)
    np.divide(returns.mean(axis=1) * sqrt(per_year), deviation, out=found, where=varies)
    return found


def _stacked(drawn: Iterable[FloatArray], length: int) -> FloatArray:
    rows = list(drawn)
    return np.array(rows, dtype=np.float64).reshape(len(rows), length)


def _known(values: Iterable[float | None]) -> FloatArray:
    return np.array([value for value in values if value is not None], dtype=np.float64)


def _share(held: npt.NDArray[np.bool_]) -> float:
    return float(held.mean()) if len(held) else 0.0
