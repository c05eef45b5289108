"""Puts candles together from arrays and from parts."""

from collections.abc import Sequence

import numpy as np

from desk.model.candles import Candles, FloatArray, IntArray, PriceBars
from desk.model.timeframe import Timeframe

_PRICES = ("open", "high", "low", "close")


def from_bars(
    instrument: str,
    timeframe: Timeframe,
    time: IntArray,
    mid: PriceBars,
    volume: FloatArray,
    bid: PriceBars | None = None,
    ask: PriceBars | None = None,
) -> Candles:
    """Return validated candles.

    Raises:
        MalformedCandles: see `Candles`.
    """
    return Candles(instrument, timeframe, time, mid.open, mid.high, mid.low, mid.close, volume, bid, ask)


def middle(bid: PriceBars, ask: PriceBars) -> PriceBars:
    """Return the mean of both sides, price by price."""
    return PriceBars(*((getattr(bid, name) + getattr(ask, name)) / 2 for name in _PRICES))


def join(parts: Sequence[Candles]) -> Candles:
    """Return consecutive parts, oldest first and at least one, as one collection; all have bid and ask, or none has."""
    return from_bars(
        parts[0].instrument,
        parts[0].timeframe,
        np.concatenate([part.time for part in parts]),
        PriceBars(*(np.concatenate([getattr(part, name) for part in parts]) for name in _PRICES)),
        np.concatenate([part.volume for part in parts]),
        bid=_join_bars([part.bid for part in parts]),
        ask=_join_bars([part.ask for part in parts]),
    )


def no_candles(instrument: str, timeframe: Timeframe) -> Candles:
    """Return an empty collection with bid and ask."""
    nothing: FloatArray = np.empty(0)
    bars = PriceBars(nothing, nothing, nothing, nothing)
    return from_bars(instrument, timeframe, np.empty(0, dtype=np.int64), bars, nothing, bid=bars, ask=bars)


def _join_bars(parts: Sequence[PriceBars | None]) -> PriceBars | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return PriceBars(*(np.concatenate([getattr(part, name) for part in known]) for name in _PRICES))
