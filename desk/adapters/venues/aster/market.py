"""Aster's market data: instruments, closed candles, best prices, books, funding."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from desk.adapters.venue_http.tables import to_candles
from desk.adapters.venues.aster.calls import AsterCalls
from desk.adapters.venues.aster.candles import INTERVALS, candle_table
from desk.adapters.venues.aster.catalogue import Catalogue, Listing
from desk.adapters.venues.aster.wire import (
    BOOK_TICKERS,
    DEPTH,
    FUNDING_INFO,
    PREMIUM,
    BookTickerWire,
    to_milliseconds,
)
from desk.adapters.venues.candle_lengths import named
from desk.errors import DataError
from desk.model.books import Quote
from desk.model.candles import Candles, FloatArray
from desk.model.depth import LEVELS, Depth, Funding, Level
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe
from desk.ports import Clock

LARGEST_PAGE = 1_500


class AsterMarket:
    """The feed of Aster's perpetuals, with books and funding. It has trades only: candles are without bid and ask.

    Args:
        clock: tells which candle is still forming.
    """

    base_timeframe = Timeframe.M1

    def __init__(self, calls: AsterCalls, catalogue: Catalogue, clock: Clock) -> None:
        self._calls = calls
        self._catalogue = catalogue
        self._clock = clock

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return every listed perpetual by name, halted ones too."""
        return {name: listing.instrument for name, listing in (await self._catalogue.listings()).items()}

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        """Return at most `count` candles that were closed at `until`, oldest first; fewer where there are no more.

        Raises:
            DataError: the venue does not list the instrument, or its data are malformed.
            VenueUnavailable: try again.
        """
        symbol = await self._symbol(instrument)
        closed = timeframe.floor(min(until, self._clock.now()))
        table = await self._table(symbol, timeframe, closed, count)
        return to_candles(instrument, timeframe, table).tail(count)

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        """Return the best prices of now, in one call; those that the venue does not list or quote are missing."""
        listings = await self._catalogue.listings()
        wanted = {listings[name].symbol: listings[name] for name in instruments if name in listings}
        if not wanted:
            return {}
        only = {"symbol": next(iter(wanted))} if len(wanted) == 1 else {}
        tickers = await self._calls.ask("ticker/bookTicker", "best prices", BOOK_TICKERS, **only)
        now = self._clock.now()
        quoted = {one.symbol: one for one in tickers if one.symbol in wanted and 0 < one.bid <= one.ask}
        return {wanted[symbol].instrument.name: _quote(wanted[symbol], one, now) for symbol, one in quoted.items()}

    async def depth(self, instrument: str, *, at: datetime) -> Depth:
        """Return the book of now, whatever `at` is; see `desk.ports.DepthFeed`."""
        symbol = await self._symbol(instrument)
        told = await self._calls.ask("depth", f"book of {symbol}", DEPTH, symbol=symbol, limit=LEVELS)
        bids, asks = ([Level(price, quantity) for price, quantity in side] for side in (told.bids, told.asks))
        return Depth.sorted(instrument, bids, asks, told.at or self._clock.now())

    async def funding(self, instrument: str, *, at: datetime) -> Funding | None:
        """Return the funding that is paid next; None where the venue does not tell how often, which is not guessed."""
        symbol = await self._symbol(instrument)
        premium, terms = await asyncio.gather(
            self._calls.ask("premiumIndex", f"funding of {symbol}", PREMIUM, symbol=symbol),
            self._calls.ask("fundingInfo", f"funding interval of {symbol}", FUNDING_INFO, symbol=symbol),
        )
        hours = next((one.hours for one in terms if one.symbol == symbol), None)
        if hours is None:
            return None
        return Funding(instrument, premium.rate, timedelta(hours=hours), premium.at or self._clock.now())

    async def _symbol(self, instrument: str) -> str:
        listing = (await self._catalogue.listings()).get(instrument)
        if listing is None:
            raise DataError(f"expected an instrument that Aster lists, found {instrument}")
        return listing.symbol

    async def _table(self, symbol: str, timeframe: Timeframe, closed: datetime, count: int) -> FloatArray:
        """Candles in order of time, from pages that go back from the last candle that is closed."""
        found, end = np.empty((0, 6)), to_milliseconds(closed) - 1
        while len(found) < count:
            size = min(count - len(found), LARGEST_PAGE)
            page = await self._page(symbol, timeframe, end, size)
            if not len(page):
                break
            found, end = np.concatenate((page, found)), round(page[0, 0] * 1_000) - 1
        return found

    async def _page(self, symbol: str, timeframe: Timeframe, end: int, size: int) -> FloatArray:
        table = await self._calls.ask_public(
            "klines",
            f"candles of {symbol}",
            candle_table,
            symbol=symbol,
            interval=named(timeframe, INTERVALS, venue="aster", instrument=symbol),
            endTime=end,
            limit=size,
        )
        # Only what was asked for: never a candle that is still forming.
        return table[table[:, 0] <= end / 1_000]


def _quote(listing: Listing, ticker: BookTickerWire, now: datetime) -> Quote:
    return Quote(listing.instrument.name, ticker.bid, ticker.ask, ticker.at or now, listing.tradable)
