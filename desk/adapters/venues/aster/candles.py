"""Candles from the rows that Aster sends: twelve columns, open times in milliseconds, prices as text."""

from collections.abc import Mapping, Sequence

import numpy as np

from desk.errors import MalformedCandles
from desk.model.candles import Candles, FloatArray
from desk.model.timeframe import Timeframe

INTERVALS: Mapping[Timeframe, str] = {
    Timeframe.M1: "1m",
    Timeframe.M5: "5m",
    Timeframe.M15: "15m",
    Timeframe.M30: "30m",
    Timeframe.H1: "1h",
    Timeframe.H4: "4h",
    Timeframe.D1: "1d",
}


def open_time(row: Sequence[object]) -> int:
    """Return a row's open time in milliseconds.

    Raises:
        MalformedCandles: there is none.
    """
    if row and isinstance(row[0], int):
        return row[0]
    raise MalformedCandles(f"expected a candle with its open time in milliseconds, found {row!r}")


def to_candles(instrument: str, timeframe: Timeframe, rows: Sequence[Sequence[object]]) -> Candles:
    """Return rows, oldest first and each time once, as candles.

    Raises:
        MalformedCandles: a row is not one, or the candles break a rule.
    """
    try:
        times = np.array([row[0] for row in rows], dtype=np.int64)
        opens, highs, lows, closes, volumes = (_column(rows, number) for number in range(1, 6))
    except (IndexError, TypeError, ValueError) as error:
        raise MalformedCandles(f"{instrument} {timeframe}: expected columns of numbers ({error})") from None
    return Candles(instrument, timeframe, times // 1_000, opens, highs, lows, closes, volumes)


def _column(rows: Sequence[Sequence[object]], number: int) -> FloatArray:
    return np.array([row[number] for row in rows], dtype=np.float64)
