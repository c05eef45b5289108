"""Reads closed candles window by window, from the newest back; the venue gives the newest first and marks none open."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from operator import itemgetter

import numpy as np

from desk.adapters.venue_http.reply import Reply, Unreadable
from desk.adapters.venue_http.session import Request, VenueSession
from desk.adapters.venue_http.tables import in_order, read_table, to_candles
from desk.adapters.venues.coinbase import requests
from desk.adapters.venues.coinbase.names import VENUE
from desk.adapters.venues.coinbase.reading import UNREADABLE
from desk.errors import DataError, InvalidOrder, MalformedCandles, VenueUnavailable
from desk.model.candles import Candles, FloatArray
from desk.model.timeframe import Timeframe

WINDOW = 349
"""Lengths in one request: the venue refuses more than 350 candles and does not say whether both ends count."""

EMPTY_WINDOWS = 3
"""After so many windows without a trade there is taken to be nothing older."""

_COLUMNS = ("start", "open", "high", "low", "close", "volume")


async def read_candles(
    session: VenueSession, instrument: str, timeframe: Timeframe, *, until: datetime, count: int
) -> Candles:
    """Return at most `count` candles that were closed at `until`, oldest first.

    Raises:
        DataError: the venue does not have the instrument, or its candles are malformed.
        VenueUnavailable: try again.
    """
    closed = end = int(timeframe.floor(until).timestamp())
    found, length, empty = np.empty((0, 6)), min(count, WINDOW), 0
    while len(found) < count and empty < EMPTY_WINDOWS and end > 0:
        start = max(0, end - length * timeframe.seconds)
        window = await _window(session, requests.candles(instrument, timeframe, start, end))
        known, found = len(found), in_order(np.concatenate((found, window[window[:, 0] < closed])))
        # A short first window saves most of the bytes where little is wanted; a market that trades seldom needs more.
        end, length, empty = start, WINDOW, 0 if len(found) > known else empty + 1
    return to_candles(instrument, timeframe, found).tail(count)


def candle_table(reply: Reply, name: str) -> FloatArray:
    """Return open time in seconds, open, high, low, close and volume, oldest first and each time once.

    Args:
        name: of the request.

    Raises:
        VenueUnavailable: the reply has no rows, or one that is not a candle.
    """
    try:
        return in_order(read_table(reply, _COLUMNS, rows=itemgetter("candles"))[::-1])
    except (Unreadable, MalformedCandles) as error:
        raise VenueUnavailable(VENUE, name, UNREADABLE, str(error)) from None


async def _window(session: VenueSession, request: Request) -> FloatArray:
    try:
        table: FloatArray = await session.read(replace(request, reading=partial(candle_table, name=request.name)))
        return table
    except InvalidOrder as error:
        raise DataError(str(error)) from error
