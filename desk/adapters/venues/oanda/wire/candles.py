"""Candles as arrays, straight from the reply: a model of each of thousands of candles would cost more than the rest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from desk.adapters.venue_http.reply import Unreadable
from desk.adapters.venues.oanda.wire.base import read_time
from desk.model.candles import FloatArray, IntArray, PriceBars


@dataclass(frozen=True, slots=True, eq=False)
class CandlePage:
    """Complete candles in the order of the reply, and what the page had in all.

    Attributes:
        time: int64, open times in seconds since the epoch.
        volume: float64, number of price updates.
        listed: how many candles the reply had, the open one included.
        first: the earliest open time in the reply, None where there was no candle.
    """

    time: IntArray
    volume: FloatArray
    bid: PriceBars
    ask: PriceBars
    listed: int
    first: int | None


def read_page(body: Any) -> CandlePage:
    """Return the candles of a reply with bid and ask.

    Raises:
        Unreadable: the reply does not have that shape.
    """
    try:
        rows = body["candles"]
        times = [int(read_time(row["time"]).timestamp()) for row in rows]
        complete = [row for row in rows if row["complete"] is True]
        return CandlePage(
            time=np.array([at for at, row in zip(times, rows, strict=True) if row["complete"] is True], dtype=np.int64),
            volume=np.array([row["volume"] for row in complete], dtype=np.float64),
            bid=_bars(row["bid"] for row in complete),
            ask=_bars(row["ask"] for row in complete),
            listed=len(rows),
            first=min(times, default=None),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"expected candles with time, complete, volume, bid and ask ({error!r})") from None


def read_latest(body: Any) -> dict[tuple[str, str], CandlePage]:
    """Return the newest candles of several instruments, by OANDA's names of instrument and granularity.

    Raises:
        Unreadable: the reply does not have that shape.
    """
    try:
        return {(one["instrument"], one["granularity"]): read_page(one) for one in body["latestCandles"]}
    except (KeyError, TypeError) as error:
        raise Unreadable(f"expected latestCandles with instrument, granularity and candles ({error!r})") from None


def _bars(sides: Iterable[Mapping[str, str]]) -> PriceBars:
    table = np.array([[float(side[name]) for name in "ohlc"] for side in sides], dtype=np.float64).reshape(-1, 4)
    return PriceBars(*(np.ascontiguousarray(column) for column in table.T))
