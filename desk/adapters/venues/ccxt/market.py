"""Market data of an exchange as the desk's feed: closed candles of trades, best prices."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from desk.adapters.venue_http.tables import in_order, to_candles
from desk.adapters.venues.candle_lengths import named
from desk.adapters.venues.ccxt.abilities import has, method_name
from desk.adapters.venues.ccxt.amounts import decimal_of, time_of
from desk.adapters.venues.ccxt.calls import CcxtCalls
from desk.adapters.venues.ccxt.catalogue import Catalogue, Listing
from desk.errors import MalformedCandles
from desk.model.books import Quote
from desk.model.candles import Candles, FloatArray
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe

PAGE = 500
"""Candles in one question; an exchange that gives fewer is asked again."""
EMPTY_PAGES = 3
"""After so many pages without a trade there is taken to be nothing older."""

_BATCHES = ("fetchBidsAsks", "fetchTickers")
TIMEFRAMES: Mapping[Timeframe, str] = {
    Timeframe.M1: "1m",
    Timeframe.M5: "5m",
    Timeframe.M10: "10m",
    Timeframe.M15: "15m",
    Timeframe.M30: "30m",
    Timeframe.H1: "1h",
    Timeframe.H2: "2h",
    Timeframe.H4: "4h",
    Timeframe.D1: "1d",
}


class CcxtMarket:
    """Implements `desk.ports.Feed`. Candles have trades only, no bid and ask."""

    base_timeframe = Timeframe.M1

    def __init__(self, calls: CcxtCalls, catalogue: Catalogue) -> None:
        self._calls = calls
        self._catalogue = catalogue

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return every spot market and linear perpetual, halted ones too."""
        return {name: listing.instrument for name, listing in (await self._catalogue.listings()).items()}

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        """Return at most `count` candles that were closed at `until`, oldest first; see `desk.ports.Feed`."""
        listing = await self._catalogue.listing(instrument)
        offered = self._calls.exchange.timeframes or {}
        names = {one: name for one, name in TIMEFRAMES.items() if name in offered}
        named(timeframe, names, venue=str(self._calls.exchange.id), instrument=instrument)
        end = closed = int(timeframe.floor(min(until, self._calls.clock.now())).timestamp())
        found, empty = np.empty((0, 6)), 0
        while len(found) < count and empty < EMPTY_PAGES:
            size = min(count - len(found), PAGE)
            start = end - size * timeframe.seconds
            page = await self._page(instrument, timeframe, start, size)
            known, found = len(found), in_order(np.concatenate((page[page[:, 0] < closed], found)))
            end, empty = start, 0 if len(found) > known else empty + 1
        found[:, 5] *= float(listing.unit)
        return to_candles(instrument, timeframe, found).tail(count)

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        """Return the best prices of now, in one call where the exchange has one; `at` is not looked at."""
        listings = await self._catalogue.listings()
        wanted = [name for name in dict.fromkeys(instruments) if name in listings]
        if not wanted:
            return {}
        tickers = await self._tickers(wanted)
        now = self._calls.clock.now()
        quoted = {name: _quote(listings[name], tickers[name], now) for name in wanted if name in tickers}
        return {name: quote for name, quote in quoted.items() if quote is not None}

    async def _page(self, instrument: str, timeframe: Timeframe, start: int, size: int) -> FloatArray:
        """Candles from a time in seconds on, oldest first."""
        name, length = f"{timeframe} candles of {instrument}", TIMEFRAMES[timeframe]
        rows = await self._calls.ask("fetch_ohlcv", name, instrument, length, start * 1_000, size)
        try:
            table = np.array([[float(cell) for cell in row[:6]] for row in rows]).reshape(-1, 6)
        except (TypeError, ValueError) as error:
            raise MalformedCandles(f"{instrument} {timeframe}: expected rows of six numbers ({error})") from None
        table[:, 0] /= 1_000
        return in_order(table)

    async def _tickers(self, names: Sequence[str]) -> Mapping[str, Any]:
        for name in _BATCHES:
            if has(self._calls.exchange, name):
                tickers: Mapping[str, Any] = await self._calls.ask(method_name(name), "best prices", list(names))
                return tickers
        return {name: await self._best(name) for name in names}

    async def _best(self, instrument: str) -> Mapping[str, Any]:
        book = await self._calls.ask("fetch_order_book", f"best prices of {instrument}", instrument)
        bid, ask = (side[0][0] if (side := book[name]) else None for name in ("bids", "asks"))
        return {"bid": bid, "ask": ask, "timestamp": book.get("timestamp")}


def _quote(listing: Listing, ticker: Mapping[str, Any], now: datetime) -> Quote | None:
    bid, ask = decimal_of(ticker.get("bid")), decimal_of(ticker.get("ask"))
    if not bid or not ask or not 0 < bid <= ask:
        return None
    at = time_of(ticker.get("timestamp")) or now
    return Quote(listing.instrument.name, bid, ask, at, listing.tradable)
