"""Market data of Coinbase as the desk's feed: candles of trades, best prices, books, and what takes orders."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venues.coinbase import requests
from desk.adapters.venues.coinbase.candles import read_candles
from desk.adapters.venues.coinbase.clock import VenueClock
from desk.adapters.venues.coinbase.names import product_id
from desk.adapters.venues.coinbase.products import ProductList
from desk.adapters.venues.coinbase.reading import read
from desk.adapters.venues.coinbase.wire.market import Level as WireLevel
from desk.adapters.venues.coinbase.wire.market import OneBook, PriceBook, PriceBooks, Product
from desk.model.books import Quote
from desk.model.candles import Candles
from desk.model.depth import LEVELS, Depth, Level
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe

BookReader: TypeAlias = Callable[[VenueSession, Sequence[str]], Awaitable[tuple[PriceBook, ...]]]


async def batched_books(session: VenueSession, products: Sequence[str]) -> tuple[PriceBook, ...]:
    """Return the best prices of some products in one request, which needs a key."""
    return (await read(session, requests.best_prices(products), PriceBooks)).pricebooks


async def single_books(session: VenueSession, products: Sequence[str]) -> tuple[PriceBook, ...]:
    """Return the best prices of some products in a request each, which needs no key."""
    replies = await asyncio.gather(*(read(session, requests.book(name), OneBook) for name in products))
    return tuple(reply.pricebook for reply in replies)


class CoinbaseMarket:
    """Implements `desk.ports.Feed` and `DepthFeed`. Candles have trades only, no bid and ask.

    Args:
        clock: the venue's time, by which a candle is closed.
        books: how best prices are read.
    """

    def __init__(self, session: VenueSession, clock: VenueClock, *, books: BookReader = batched_books) -> None:
        self._session = session
        self._clock = clock
        self._books = books
        self._products = ProductList(session, clock)

    @property
    def base_timeframe(self) -> Timeframe:
        """The shortest that the venue has."""
        return Timeframe.M1

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return every spot instrument, by name, as it was within the last hour."""
        return await self._products.instruments()

    async def instrument(self, name: str) -> Instrument:
        """Return one instrument.

        Raises:
            DataError: the venue does not have it.
        """
        return await self._products.instrument(name)

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        """Return at most `count` candles that were closed at `until`, and are by the venue's clock; see the port."""
        closed = min(until, self._clock.now())
        return await read_candles(self._session, instrument, timeframe, until=closed, count=count)

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        """Return the best prices of now, whatever `at` is; an instrument without bid or ask is missing."""
        names = {name: product_id(name) for name in dict.fromkeys(instruments)}
        if not names:
            return {}
        products = tuple(names.values())
        books, states = await asyncio.gather(self._books(self._session, products), self._products.states(products))
        found = {book.product_id: book for book in books}
        quoted = {name: _quote(name, states.get(product), found) for name, product in names.items()}
        return {name: quote for name, quote in quoted.items() if quote is not None}

    async def depth(self, instrument: str, *, at: datetime) -> Depth:
        """Return the book of now, whatever `at` is; see `desk.ports.DepthFeed`."""
        await self._products.instrument(instrument)
        told = (await read(self._session, requests.book(product_id(instrument), LEVELS), OneBook)).pricebook
        return Depth.sorted(instrument, _levels(told.bids), _levels(told.asks), told.time)


def _levels(side: Iterable[WireLevel]) -> Iterator[Level]:
    return (Level(one.price, one.size) for one in side if one.price is not None)


def _quote(name: str, state: Product | None, books: Mapping[str, PriceBook]) -> Quote | None:
    """A product that is an alias of another may be quoted under the other's name: they share one book."""
    book = books.get(product_id(name)) or (books.get(state.alias) if state else None)
    bid, ask = (book.bids[0].price, book.asks[0].price) if book and book.bids and book.asks else (None, None)
    if book is None or bid is None or ask is None:
        return None
    return Quote(name, bid, ask, book.time, state is not None and state.takes_market_orders)
