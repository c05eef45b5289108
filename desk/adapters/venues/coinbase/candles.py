"""Reads closed candles window by window, from the newest back; the venue gives the newest first and marks none open."""

from datetime import datetime

import numpy as np
from pydantic import ValidationError

from desk.adapters.feeds.assembling import from_bars
from desk.adapters.venue_http.session import Request, VenueSession
from desk.adapters.venues.coinbase import requests
from desk.adapters.venues.coinbase.names import VENUE
from desk.adapters.venues.coinbase.reading import UNREADABLE
from desk.adapters.venues.coinbase.wire.market import CANDLES, CandleRow
from desk.errors import DataError, InvalidOrder, VenueUnavailable
from desk.model.candles import Candles, FloatArray, PriceBars
from desk.model.timeframe import Timeframe

WINDOW = 349
"""Lengths in one request: the venue refuses more than 350 candles and does not say whether both ends count."""

EMPTY_WINDOWS = 3
"""After so many windows without a trade there is taken to be nothing older."""


async def read_candles(
    session: VenueSession, instrument: str, timeframe: Timeframe, *, until: datetime, count: int
) -> Candles:
    """Return at most `count` candles that were closed at `until`, oldest first.

    Raises:
        DataError: the venue does not have the instrument, or its candles are malformed.
        VenueUnavailable: try again.
    """
    closed = end = int(timeframe.floor(until).timestamp())
    rows: dict[int, CandleRow] = {}
    length, empty = min(count, WINDOW), 0
    while len(rows) < count and empty < EMPTY_WINDOWS and end > 0:
        start = max(0, end - length * timeframe.seconds)
        window = await _window(session, requests.candles(instrument, timeframe, start, end))
        fresh = {row["start"]: row for row in window if row["start"] < closed and row["start"] not in rows}
        rows |= fresh
        # A short first window saves most of the bytes where little is wanted; a market that trades seldom needs more.
        end, length, empty = start, WINDOW, 0 if fresh else empty + 1
    return _assembled(instrument, timeframe, [rows[at] for at in sorted(rows)]).tail(count)


async def _window(session: VenueSession, request: Request) -> list[CandleRow]:
    try:
        return CANDLES.validate_python(await session.read(request))["candles"]
    except ValidationError as error:
        raise VenueUnavailable(VENUE, request.name, UNREADABLE, str(error)) from error
    except InvalidOrder as error:
        raise DataError(str(error)) from error


def _assembled(instrument: str, timeframe: Timeframe, rows: list[CandleRow]) -> Candles:
    time = np.array([row["start"] for row in rows], dtype=np.int64)
    bars = PriceBars(
        _column([row["open"] for row in rows]),
        _column([row["high"] for row in rows]),
        _column([row["low"] for row in rows]),
        _column([row["close"] for row in rows]),
    )
    return from_bars(instrument, timeframe, time, bars, _column([row["volume"] for row in rows]))


def _column(values: list[float]) -> FloatArray:
    return np.array(values, dtype=np.float64)
