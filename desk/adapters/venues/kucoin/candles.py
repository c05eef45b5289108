"""Closed candles out of KuCoin's rows, page by page into the past; both markets differ in units and columns only."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from desk.errors import MalformedCandles
from desk.model.candles import Candles
from desk.model.timeframe import Timeframe

Rows: TypeAlias = Sequence[Sequence[Any]]
FetchRows: TypeAlias = Callable[[datetime, datetime], Awaitable[Rows]]
"""Asks for the rows of candles that opened from the first time up to the second."""


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
    instrument: str, timeframe: Timeframe, fetch: FetchRows, columns: Columns, *, until: datetime, count: int, page: int
) -> Candles:
    """Return at most `count` candles that were closed at `until`, oldest first.

    Minutes without trades have no row. The first page covers the time that `count` candles take without holes; what
    holes left over is looked for in full pages before that, until one of them is empty.
    """
    end, found, span = timeframe.floor(until), np.empty((0, 6)), min(count, page)
    while len(found) < count:
        start = datetime.fromtimestamp(end.timestamp() - span * timeframe.seconds, tz=UTC)
        rows = _table(await fetch(start, end), columns, instrument)
        older = rows[(rows[:, 0] < end.timestamp()) & (rows[:, 0] >= start.timestamp())]
        if not len(older) and span == page:
            break
        found, end, span = np.concatenate((older, found)), start, page
    return _candles(instrument, timeframe, found[-count:] if count else found[:0])


def _table(rows: Rows, columns: Columns, instrument: str) -> npt.NDArray[np.float64]:
    """Time, open, high, low, close and volume of each row, in order of time, each time once."""
    order = [0, columns.open, columns.high, columns.low, columns.close, columns.volume]
    try:
        table = np.array(rows, dtype=np.float64)[:, order] if len(rows) else np.empty((0, 6))
    except (ValueError, TypeError, IndexError) as error:
        raise MalformedCandles(f"{instrument}: expected rows of numbers, found {rows[0]!r} ({error})") from error
    table[:, 0] //= columns.per_second
    if columns.lot is not None:
        table[:, 5] *= columns.lot
    return table[np.unique(table[:, 0], return_index=True)[1]]


def _candles(instrument: str, timeframe: Timeframe, table: npt.NDArray[np.float64]) -> Candles:
    time, opens, high, low, close, volume = table.T
    return Candles(instrument, timeframe, time.astype(np.int64), opens, high, low, close, volume)
