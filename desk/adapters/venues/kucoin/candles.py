"""Closed candles out of KuCoin's rows, page by page into the past; both markets differ in units and columns only."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import TypeAlias

import numpy as np

from desk.adapters.venue_http.reply import Reply
from desk.adapters.venue_http.tables import in_order, read_table, to_candles
from desk.model.candles import Candles, FloatArray
from desk.model.timeframe import Timeframe

FetchTable: TypeAlias = Callable[[datetime, datetime], Awaitable[FloatArray]]
"""Asks for the `candle_table` of what opened from the first time up to the second."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a market's rows have what, and in which units.

    Attributes:
        per_second: how many of the time column's units make a second.
        lot: base units per unit of the volume column.
    """

    open: int
    high: int
    low: int
    close: int
    volume: int
    per_second: int = 1
    lot: float | None = None


async def closed_candles(
    instrument: str, timeframe: Timeframe, fetch: FetchTable, *, until: datetime, count: int, page: int
) -> Candles:
    """Return at most `count` candles that were closed at `until`, oldest first.

    Minutes without trades have no row. The first page covers the time that `count` candles take without holes; what
    holes left over is looked for in full pages before that, until one of them is empty.
    """
    end, found, span = timeframe.floor(until), np.empty((0, 6)), min(count, page)
    while len(found) < count:
        start = datetime.fromtimestamp(end.timestamp() - span * timeframe.seconds, tz=UTC)
        rows = await fetch(start, end)
        older = rows[(rows[:, 0] < end.timestamp()) & (rows[:, 0] >= start.timestamp())]
        if not len(older) and span == page:
            break
        found, end, span = np.concatenate((older, found)), start, page
    return to_candles(instrument, timeframe, found[-count:] if count else found[:0])


def candle_table(reply: Reply, columns: Columns, instrument: str) -> FloatArray:
    """Return open time in seconds, open, high, low, close and volume, oldest first and each time once.

    Raises:
        Unreadable: the reply has no rows.
        MalformedCandles: a row is not a candle.
    """
    order = (0, columns.open, columns.high, columns.low, columns.close, columns.volume)
    table = read_table(reply, order, rows=itemgetter("data"), name=instrument)
    table[:, 0] /= columns.per_second
    if columns.lot is not None:
        table[:, 5] *= columns.lot
    return in_order(table)
