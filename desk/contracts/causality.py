"""What a strategy says of a candle, beside what it would have said had the future been another one, or not come yet."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from desk.model.candles import FloatArray
from desk.model.market import Market, Series
from desk.model.scores import Scores

_RELATIVE, _ABSOLUTE = 1e-9, 1e-12


def as_of(market: Market, count: int) -> Market:
    """Return what was known when own candle `count`, counted from 1, was decided on."""
    own = market.own[:count]
    known = {timeframe: candles.until(own.closed_at) for timeframe, candles in market.by_timeframe.items()}
    by_then = int(own.closed_at.timestamp()) + market.delay
    return replace(
        market, by_timeframe=known, series={name: _until(found, by_then) for name, found in market.series.items()}
    )


def labelled(scores: Scores) -> dict[str, FloatArray]:
    """Return every array of an answer by what it is: score, stop, target, and the features by their names."""
    return {"score": scores.score, "stop": scores.stop, "target": scores.target, **scores.features}


def differing(
    then: Mapping[str, FloatArray], now: Mapping[str, FloatArray], count: int
) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
    """Yield what differs in the first `count` elements of two answers, with the rows in which it does.

    Rounding in the last digits is no difference, and neither is NaN in both.
    """
    for label, values in now.items():
        same = np.isclose(then[label][:count], values[:count], rtol=_RELATIVE, atol=_ABSOLUTE, equal_nan=True)
        if not same.all():
            yield label, np.flatnonzero(~same)


def _until(series: Series, at: int) -> Series:
    count = int(np.searchsorted(series.known_at, at, side="right"))
    return Series(series.known_at[:count], series.values[:count])
