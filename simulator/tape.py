"""The market as orders meet it: a feed, with the prices, halts and depths that somebody set by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import numpy as np

from desk.model.assembling import from_bars, middle, no_candles
from desk.model.books import Quote
from desk.model.candles import Candles, PriceBars
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe
from desk.ports import Feed

_BOTTOMLESS = 1e12


class Tape:
    """Implements `desk.ports.Feed` for the matching engine; the candles that are told to clients are the feed's own.

    A pinned instrument stays at its price: it is matched when it is pinned, not by candles. A halted one is not matched
    at all, and what happened in the meantime is not made up for.
    """

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._pins: dict[str, Quote] = {}
        self._halts: dict[str, datetime] = {}
        self._depths: dict[str, Decimal] = {}

    @property
    def base_timeframe(self) -> Timeframe:
        """The feed's."""
        return self._feed.base_timeframe

    @property
    def is_shallow(self) -> bool:
        """Whether any instrument has less than everybody wants."""
        return bool(self._depths)

    def pin(self, quote: Quote) -> None:
        """Hold an instrument at a price."""
        self._pins[quote.instrument] = quote

    def unpin(self, instrument: str) -> None:
        """Let an instrument follow the feed again."""
        self._pins.pop(instrument, None)

    def halt(self, instrument: str, at: datetime) -> None:
        """Stop trading in an instrument."""
        self._halts.setdefault(instrument, at)

    def resume(self, instrument: str) -> None:
        """Trade an instrument again."""
        self._halts.pop(instrument, None)

    def limit(self, instrument: str, depth: Decimal | None) -> None:
        """Let one order, and one candle, have no more than `depth` base units; None lifts it."""
        self._depths.pop(instrument, None)
        if depth is not None:
            self._depths[instrument] = depth

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return the feed's instruments."""
        return await self._feed.instruments()

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        """Return the candles that match orders; see the class."""
        pinned = self._pins.get(instrument)
        if pinned is not None:
            return self._with_depth(_flat_candle(pinned, timeframe, pinned.at))
        until = min(until, self._halts.get(instrument, until))
        return self._with_depth(await self._feed.candles(instrument, timeframe, until=until, count=count))

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        """Return the best prices as of `at`, pinned ones first; what is halted has a price and cannot be traded."""
        known = {**await self._feed.quotes(instruments, at=at), **self._pinned(instruments, at)}
        return {name: replace(quote, tradable=False) if name in self._halts else quote for name, quote in known.items()}

    def _pinned(self, instruments: Sequence[str], at: datetime) -> dict[str, Quote]:
        return {name: replace(self._pins[name], at=at) for name in instruments if name in self._pins}

    def _with_depth(self, candles: Candles) -> Candles:
        if not self.is_shallow:
            return candles
        depth = self._depths.get(candles.instrument)
        return replace(candles, volume=np.full(len(candles), _BOTTOMLESS if depth is None else float(depth)))


def nothing(candles: Mapping[str, Candles]) -> dict[str, Candles]:
    """Return the same instruments without a candle."""
    return {name: no_candles(name, kept.timeframe) for name, kept in candles.items()}


def _flat_candle(quote: Quote, timeframe: Timeframe, at: datetime) -> Candles:
    opened = int(timeframe.floor(at).timestamp()) - timeframe.seconds
    bid, ask = (PriceBars(*(np.array([float(price)]) for _ in range(4))) for price in (quote.bid, quote.ask))
    time = np.array([opened], dtype=np.int64)
    return from_bars(quote.instrument, timeframe, time, middle(bid, ask), np.array([1.0]), bid=bid, ask=ask)
