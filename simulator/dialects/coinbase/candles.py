"""Coinbase's candles: the newest first, numbers as texts, and the last one may still be forming."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from desk.model.candles import PriceBars
from desk.model.timeframe import Timeframe
from simulator.dialects.coinbase.rules import invalid
from simulator.dialects.minutes import merged, minutes_to
from simulator.exchange import Exchange

MOST = 350
GRANULARITIES = {
    "ONE_MINUTE": 60,
    "FIVE_MINUTE": 300,
    "FIFTEEN_MINUTE": 900,
    "THIRTY_MINUTE": 1_800,
    "ONE_HOUR": 3_600,
    "TWO_HOUR": 7_200,
    "FOUR_HOUR": 14_400,
    "SIX_HOUR": 21_600,
    "ONE_DAY": 86_400,
}

Row = dict[str, str]


async def candles(exchange: Exchange, name: str, length: int, *, start: int, end: int, limit: int) -> list[Row]:
    """Return candles that open from `start` to before `end`, in seconds since the epoch.

    Args:
        length: of a candle, in seconds.

    Raises:
        Refused: the range has more of them than the venue gives.
    """
    if end <= start or end - start > MOST * length:
        raise invalid(f"number of candles requested should be 1 to {MOST}")
    base = max((one for one in Timeframe if length % one.seconds == 0), key=lambda one: one.seconds)
    until = datetime.fromtimestamp(end + length, tz=UTC)
    found = await minutes_to(exchange, name, base, end=until, count=(end - start + 2 * length) // base.seconds)
    if found is None:
        return []
    starts = found.time // length * length
    firsts = np.flatnonzero(np.diff(starts, prepend=starts[:1] - 1))
    bars = merged(PriceBars(found.open, found.high, found.low, found.close), firsts)
    volumes = np.add.reduceat(found.volume, firsts)
    columns = zip(starts[firsts], bars.low, bars.high, bars.open, bars.close, volumes, strict=True)
    rows = [_row(int(opened), prices, float(volume)) for opened, *prices, volume in columns if start <= opened < end]
    return rows[::-1][:limit]


def _row(opened: int, prices: Sequence[float], volume: float) -> Row:
    told = {name: f"{price:.10g}" for name, price in zip(("low", "high", "open", "close"), prices, strict=True)}
    return {"start": str(opened), **told, "volume": f"{volume:.8f}"}


async def latest(exchange: Exchange, name: str, length: int, count: int) -> list[Row]:
    """Return the newest candles, the one that is forming among them."""
    now = int(exchange.clock.now().timestamp())
    end = now // length * length + length
    return await candles(exchange, name, length, start=end - count * length, end=end, limit=count)
