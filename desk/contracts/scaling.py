"""Which values of a strategy are prices: what it says of a market, beside what it would have said at twice the prices.

Nobody has to declare it: an average or a band doubles with the candles that it is made from, a ratio stays as it is.
"""

from dataclasses import fields, replace

import numpy as np

from desk.model.candles import Candles, FloatArray, PriceBars
from desk.model.market import Market
from desk.model.scores import Scores
from desk.plugin import Strategy

_FURTHEST = 2.0
"""How many times as high, or as low, as its candle a price may be; a distance in price is far lower than that."""
_RELATIVE = 1e-9


def prices_among(strategy: Strategy, market: Market, scores: Scores) -> frozenset[str]:
    """Return the names of those features that share the scale of the candles, such as averages, bands and levels.

    Args:
        strategy: asked once more, unless no feature lies near the candles at all.
        market: what it judged.
        scores: what it said of that market.
    """
    near = {name: values for name, values in scores.features.items() if _lies_near(values, market.own)}
    if not near:
        return frozenset()
    at_twice = strategy.evaluate(_doubled(market)).features
    return frozenset(name for name, values in near.items() if name in at_twice and _doubles(values, at_twice[name]))


def _lies_near(values: FloatArray, candles: Candles) -> bool:
    known = np.isfinite(values)
    within = (values >= candles.low / _FURTHEST) & (values <= candles.high * _FURTHEST)
    return bool(known.any() and within[known].all())


def _doubles(values: FloatArray, at_twice: FloatArray) -> bool:
    # Doubling is exact in binary, so that rounding alone makes no difference.
    return np.allclose(2 * values, at_twice, rtol=_RELATIVE, atol=0, equal_nan=True)


def _doubled(market: Market) -> Market:
    return replace(market, by_timeframe={each: _at_twice(candles) for each, candles in market.by_timeframe.items()})


def _at_twice(candles: Candles) -> Candles:
    mid = {name: 2 * getattr(candles, name) for name in _BARS}
    return replace(candles, **mid, bid=_bars_at_twice(candles.bid), ask=_bars_at_twice(candles.ask))


def _bars_at_twice(bars: PriceBars | None) -> PriceBars | None:
    return None if bars is None else PriceBars(**{name: 2 * getattr(bars, name) for name in _BARS})


_BARS = tuple(each.name for each in fields(PriceBars))
