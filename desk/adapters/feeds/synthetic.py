"""The embedded market: candles and quotes that are a function of seed, instrument and absolute time, to the last digit.

Any process asks for any time in any order and gets the same answer (with the same numpy); there is no state but caches.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from desk.adapters.feeds.books import made_book, made_funding
from desk.adapters.feeds.bounded import BoundedCache
from desk.adapters.feeds.catalogue import CATALOGUE, Listing
from desk.adapters.feeds.days import minute_candles
from desk.adapters.feeds.factors import DAY_SECONDS, EPOCH_DAY, MINUTES, FactorPaths
from desk.errors import DataError
from desk.matching.quoting import quote_of
from desk.model.assembling import join, no_candles
from desk.model.books import Quote
from desk.model.candles import Candles
from desk.model.depth import LEVELS, Depth, Funding
from desk.model.instrument import Instrument
from desk.model.resampling import resample
from desk.model.timeframe import Timeframe
from desk.registry import nearest

FindDay: TypeAlias = Callable[[Listing, Timeframe, int], Candles | None]

# A candle with bid and ask takes 112 bytes, so that this is about 50 MB.
_CANDLES_KEPT = 450_000
# Longer than the longest pause of any market.
_DAYS_TO_LAST_CANDLE = 5


class SyntheticFeed:
    """Implements `desk.ports.Feed`, `DepthFeed` and `FundingFeed`; its market opens on 2020-01-01, with nothing before.

    A candle exists exactly while the market is open, so that a quote is tradable exactly where a candle contains its
    time.

    Args:
        seed: the same seed gives the same market.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._paths = FactorPaths(seed)
        self._days: BoundedCache[tuple[str, Timeframe, int], Candles] = BoundedCache(
            _CANDLES_KEPT, lambda candles: len(candles) + 1
        )

    @property
    def base_timeframe(self) -> Timeframe:
        """M1: every longer candle is made from minutes."""
        return Timeframe.M1

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return the whole catalogue."""
        return {name: listing.instrument for name, listing in CATALOGUE.items()}

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        """Return at most `count` candles that were closed at `until`; see `desk.ports.Feed`."""
        listing = _listing(instrument)
        remembered = _collect(listing, timeframe, until, count, self._remembered_day)
        if remembered is not None:
            return remembered
        made = await asyncio.to_thread(_collect, listing, timeframe, until, count, self._day)
        assert made is not None
        return made

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        """Return the best prices as of `at`; see `quoting.quote_of`."""
        listings = [CATALOGUE[name] for name in instruments if name in CATALOGUE]
        day = _day_of(at)
        if all(self._remembered_day(listing, Timeframe.M1, day) is not None for listing in listings):
            quotes = [self._quote(listing, at) for listing in listings]
        else:
            quotes = await asyncio.to_thread(lambda: [self._quote(listing, at) for listing in listings])
        return {quote.instrument: quote for quote in quotes if quote is not None}

    async def depth(self, instrument: str, *, at: datetime) -> Depth | None:
        """Return the book as of `at` around the best prices; None while the market is closed."""
        listing = _listing(instrument)
        quote = (await self.quotes([instrument], at=at)).get(instrument)
        if quote is None or not quote.tradable:
            return None
        usual = listing.daily_volume / MINUTES / LEVELS
        return made_book(self._seed, listing.instrument, quote, at, usual=usual)

    async def funding(self, instrument: str, *, at: datetime) -> Funding | None:
        """Return the funding that a perpetual pays next."""
        return made_funding(self._seed, _listing(instrument).instrument, at)

    def _quote(self, listing: Listing, at: datetime) -> Quote | None:
        newest = _day_of(at)
        for day in range(newest, max(EPOCH_DAY, newest - _DAYS_TO_LAST_CANDLE) - 1, -1):
            minutes = self._day(listing, Timeframe.M1, day)
            quote = quote_of(listing.instrument, minutes, at, quiet_for=timedelta(0))
            if quote is not None:
                return quote
        return None

    def _remembered_day(self, listing: Listing, timeframe: Timeframe, day: int) -> Candles | None:
        return self._days.get((listing.instrument.name, timeframe, day))

    def _day(self, listing: Listing, timeframe: Timeframe, day: int) -> Candles:
        remembered = self._remembered_day(listing, timeframe, day)
        if remembered is not None:
            return remembered
        # Minutes that are only a step towards longer candles are not kept: they are most of the memory.
        minutes = self._remembered_day(listing, Timeframe.M1, day)
        if minutes is None:
            minutes = minute_candles(self._paths, self._seed, listing, day)
        candles = resample(minutes, timeframe)
        self._days.put((listing.instrument.name, timeframe, day), candles)
        return candles


def _collect(listing: Listing, timeframe: Timeframe, until: datetime, count: int, find: FindDay) -> Candles | None:
    """Go back day by day until there are enough candles; None as soon as a day is not found."""
    parts: list[Candles] = []
    missing, day = count, _day_of(until)
    while missing > 0 and day >= EPOCH_DAY:
        part = find(listing, timeframe, day)
        if part is None:
            return None
        parts.append(part if parts else part.until(until))
        missing -= len(parts[-1])
        day -= 1
    if not parts:
        return no_candles(listing.instrument.name, timeframe)
    return join(parts[::-1]).tail(count)


def _listing(instrument: str) -> Listing:
    if instrument not in CATALOGUE:
        raise DataError(f"synthetic feed: unknown instrument '{instrument}'; {nearest(instrument, CATALOGUE)}")
    return CATALOGUE[instrument]


def _day_of(at: datetime) -> int:
    return int(at.timestamp() // DAY_SECONDS)
