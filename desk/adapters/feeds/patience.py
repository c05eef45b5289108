"""Waits a moment for a candle that has closed and that a live source does not tell yet."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from desk.adapters.feeds.expecting import expected_opens
from desk.model.books import Quote
from desk.model.candles import Candles
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe
from desk.ports import Clock, Feed

Sleep = Callable[[float], Awaitable[None]]

PAUSES = (0.25, 0.5, 1.0, 2.0)
"""Seconds before each further question."""

_LATE = timedelta(seconds=5)
"""For how long after its close a candle of an open market is waited for."""


async def may_come(feed: Feed, clock: Clock, instrument: str, timeframe: Timeframe, close: datetime) -> bool:
    """Whether the candle that closed then and is not there is perhaps only late."""
    if clock.now() - close >= _LATE:
        return False
    known = (await feed.instruments()).get(instrument)
    return known is not None and len(expected_opens(known.kind, timeframe, close - timeframe.duration, close)) > 0


class PatientFeed:
    """Implements `desk.ports.Feed` over one that may lag behind the market, asking it again within a few seconds.

    A candle that does not come in that time is missing from the answer, as one of a quiet period is.
    """

    def __init__(self, inner: Feed, clock: Clock, *, sleep: Sleep = asyncio.sleep) -> None:
        self._inner = inner
        self._clock = clock
        self._sleep = sleep

    @property
    def base_timeframe(self) -> Timeframe:
        """The inner feed's."""
        return self._inner.base_timeframe

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return every instrument of the inner feed, by name."""
        return await self._inner.instruments()

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        """Return the inner feed's quotes as of `at`."""
        return await self._inner.quotes(instruments, at=at)

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        """Return at most `count` candles that were closed at `until`; see `desk.ports.Feed`."""
        close = timeframe.floor(until)
        candles = await self._inner.candles(instrument, timeframe, until=until, count=count)
        for pause in PAUSES:
            is_there = len(candles) > 0 and candles.closed_at >= close
            if is_there or not await may_come(self._inner, self._clock, instrument, timeframe, close):
                break
            await self._sleep(pause)
            candles = await self._inner.candles(instrument, timeframe, until=until, count=count)
        return candles
