"""Markets with one thing happening in them, and their reflection."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from desk.model.candles import Candles
from desk.model.market import Market
from desk.model.timeframe import Timeframe
from tests.contracts.samples import open_times


def market_of(closes: Sequence[float], *, reach: float = 0.05, volume: Sequence[float] | None = None) -> Market:
    """Candles that open at the close before and reach a little beyond both ends."""
    close = np.asarray(closes, dtype=float)
    opens = np.concatenate((close[:1], close[:-1]))
    high, low = np.maximum(opens, close) + reach, np.minimum(opens, close) - reach
    volumes = np.full(len(close), 100.0) if volume is None else np.asarray(volume, dtype=float)
    own = Candles("XAU/USD", Timeframe.M5, open_times(len(close)), opens, high, low, close, volumes)
    return Market(Timeframe.M5, {Timeframe.M5: own})


def mirrored(market: Market) -> Market:
    """The same market upside down, around its first close."""
    own, around = market.own, 2 * market.own.close[0]
    flipped = replace(
        own, open=around - own.open, high=around - own.low, low=around - own.high, close=around - own.close
    )
    return Market(market.timeframe, {market.timeframe: flipped})


def ripple(count: int, *, level: float = 1000.0, size: float = 0.3) -> np.ndarray:
    """A quiet range: a small wave around a level."""
    return level + size * np.sin(np.arange(count) * 1.7)
