"""Candles of either host, before they are put into its columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from desk.model.candles import PriceBars
from desk.model.timeframe import Timeframe
from simulator.dialects.kucoin_common.spelling import from_seconds
from simulator.dialects.minutes import merged, minutes_to
from simulator.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Row:
    """A candle; the newest one may still be forming.

    Attributes:
        start: seconds since the epoch.
        volume: in base units.
    """

    start: int
    open: float
    high: float
    low: float
    close: float
    volume: float


async def rows_to(exchange: Exchange, name: str, length: int, *, end: int, count: int) -> list[Row]:
    """Return at least the newest `count` candles that began before `end`, where there are as many, oldest first.

    Args:
        length: of a candle, seconds.
        end: seconds since the epoch.
    """
    base = max((one for one in Timeframe if length % one.seconds == 0), key=lambda one: one.seconds)
    needed = (count + 2) * length // base.seconds
    last = from_seconds(end) + timedelta(seconds=length)
    found = await minutes_to(exchange, name, base, end=last, count=needed)
    if found is None:
        return []
    starts = found.time // length * length
    firsts = np.flatnonzero(np.diff(starts, prepend=starts[:1] - 1))
    bars = merged(PriceBars(found.open, found.high, found.low, found.close), firsts)
    volumes = np.add.reduceat(found.volume, firsts)
    return [row for row in _rows(starts[firsts].tolist(), bars, volumes.tolist()) if row.start < end]


def _rows(starts: list[int], bars: PriceBars, volumes: list[float]) -> Iterator[Row]:
    prices = zip(bars.open.tolist(), bars.high.tolist(), bars.low.tolist(), bars.close.tolist(), strict=True)
    for start, (opened, high, low, close), volume in zip(starts, prices, volumes, strict=True):
        yield Row(start, opened, high, low, close, volume)
