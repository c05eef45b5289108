"""What every venue's candles are made of: the feed's closed ones, and the present price as the one that is forming."""

from dataclasses import replace
from datetime import datetime

import numpy as np

from desk.model.assembling import from_bars, join, middle
from desk.model.candles import Candles, IntArray, PriceBars
from desk.model.timeframe import Timeframe
from simulator.exchange import Exchange


async def minutes_to(exchange: Exchange, name: str, base: Timeframe, *, end: datetime, count: int) -> Candles | None:
    """Return `count` candles of `base` that closed by `end`, as if they were minutes, and what came after the last.

    Minutes and the present price come after them where `end` is not in the past. None where there is nothing.
    """
    parts = [await exchange.candles(name, base, until=end, count=count)]
    now = exchange.clock.now()
    if end >= now:
        parts += [(await exchange.candles(name, Timeframe.M1, until=now, count=60)).since(base.floor(now))]
        parts += await _present(exchange, name, now)
    known = [replace(part, timeframe=Timeframe.M1) for part in parts if len(part)]
    return join(known) if known else None


def merged(bars: PriceBars, firsts: IntArray) -> PriceBars:
    """Return one bar for each group of rows; a group begins at each of `firsts`."""
    ends = np.append(firsts[1:], len(bars.open)) - 1
    return PriceBars(
        bars.open[firsts],
        np.maximum.reduceat(bars.high, firsts),
        np.minimum.reduceat(bars.low, firsts),
        bars.close[ends],
    )


async def _present(exchange: Exchange, name: str, now: datetime) -> list[Candles]:
    quote = (await exchange.quotes([name])).get(name)
    if quote is None or not quote.tradable:
        return []
    bid, ask = (PriceBars(*(np.array([float(price)]) for _ in range(4))) for price in (quote.bid, quote.ask))
    opened = np.array([int(Timeframe.M1.floor(now).timestamp())], dtype=np.int64)
    return [from_bars(name, Timeframe.M1, opened, middle(bid, ask), np.array([1.0]), bid=bid, ask=ask)]
