"""Drawn markets with one thing happening in them, and their reflection."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from desk.contracts.markets import open_times, resampled
from desk.model.candles import Candles, FloatArray, PriceBars
from desk.model.market import Market
from desk.model.timeframe import Timeframe


def market_of(
    closes: Sequence[float] | FloatArray,
    *,
    reach: float = 0.05,
    volume: Sequence[float] | FloatArray | None = None,
    timeframe: Timeframe = Timeframe.M5,
    longer: Sequence[Timeframe] = (),
) -> Market:
    """Return candles that open at the close before and reach a little beyond both ends."""
    close = np.asarray(closes, dtype=np.float64)
    opens = np.concatenate((close[:1], close[:-1]))
    high, low = np.maximum(opens, close) + reach, np.minimum(opens, close) - reach
    volumes = np.full(len(close), 100.0) if volume is None else np.asarray(volume, dtype=np.float64)
    own = Candles("XAU/USD", timeframe, open_times(len(close), timeframe), opens, high, low, close, volumes)
    return Market(timeframe, {timeframe: own, **{each: resampled(own, each) for each in longer}})


def mirrored(market: Market) -> Market:
    """Return the same candles upside down, around the first close; series are as they were."""
    around = 2 * float(market.own.close[0])
    flipped = {timeframe: _flipped(candles, around) for timeframe, candles in market.by_timeframe.items()}
    return replace(market, by_timeframe=flipped)


def ripple(count: int, *, level: float = 1000.0, size: float = 0.3) -> FloatArray:
    """Return the closes of a quiet range: a small wave around a level."""
    wave: FloatArray = level + size * np.sin(np.arange(count) * 1.7)
    return wave


def _flipped(candles: Candles, around: float) -> Candles:
    bid, ask = (None if side is None else _flipped_bars(side, around) for side in (candles.ask, candles.bid))
    return replace(
        candles,
        open=around - candles.open,
        high=around - candles.low,
        low=around - candles.high,
        close=around - candles.close,
        bid=bid,
        ask=ask,
    )


def _flipped_bars(bars: PriceBars, around: float) -> PriceBars:
    return PriceBars(around - bars.open, around - bars.low, around - bars.high, around - bars.close)
