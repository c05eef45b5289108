"""Candles from the rows that Aster sends: twelve columns, open times in milliseconds, prices as text."""

from collections.abc import Mapping

from desk.adapters.venue_http.reply import Reply
from desk.adapters.venue_http.tables import in_order, read_table
from desk.model.candles import FloatArray
from desk.model.timeframe import Timeframe

INTERVALS: Mapping[Timeframe, str] = {
    Timeframe.M1: "1m",
    Timeframe.M5: "5m",
    Timeframe.M15: "15m",
    Timeframe.M30: "30m",
    Timeframe.H1: "1h",
    Timeframe.H2: "2h",
    Timeframe.H4: "4h",
    Timeframe.D1: "1d",
}
_COLUMNS = range(6)


def candle_table(reply: Reply) -> FloatArray:
    """Return open time in seconds, open, high, low, close and volume, oldest first and each time once.

    Raises:
        Unreadable: the reply has no rows.
        MalformedCandles: a row is not a candle.
    """
    table = read_table(reply, _COLUMNS, name="candles")
    table[:, 0] /= 1_000
    return in_order(table[::-1])
