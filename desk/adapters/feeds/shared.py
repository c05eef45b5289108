"""One fetch of candles for all accounts of a process that look at the same instrument at the same time."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from desk.adapters.feeds.bounded import BoundedCache
from desk.model.books import Quote
from desk.model.candles import Candles
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe
from desk.ports import Feed

Key: TypeAlias = tuple[str, Timeframe, datetime]

# A candle with bid and ask takes 112 bytes, so that this is about 50 MB.
_CANDLES_KEPT = 450_000


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    requested: int
    candles: Candles

    def serves(self, count: int) -> bool:
        # Fewer candles than requested means that there are no older ones.
        return count <= self.requested or len(self.candles) < self.requested


@dataclass(frozen=True, slots=True, eq=False)
class _Flight:
    requested: int
    task: asyncio.Task[Candles]

    def serves(self, count: int) -> bool:
        return count <= self.requested and self.task.get_loop() is asyncio.get_running_loop()


class SharedFeed:
    """Implements `desk.ports.Feed` over another one and remembers its candles; quotes are always fresh.

    Callers who ask while a fetch is under way wait for that fetch, and one who gives up does not take it from the
    others. Neither a failure nor an answer that lacks the newest closed candle (a venue that is a moment behind, a
    closed market) is remembered: the next caller asks again.

    Args:
        inner: the feed that is asked.
        candles_kept: how many candles to remember.

    Attributes:
        fetches: how often `inner` was asked for candles.
        hits: how often a caller was served by a remembered answer or by a fetch under way.
    """

    def __init__(self, inner: Feed, *, candles_kept: int = _CANDLES_KEPT) -> None:
        self._inner = inner
        self._answers: BoundedCache[Key, _Answer] = BoundedCache(candles_kept, lambda answer: len(answer.candles))
        self._flights: dict[Key, _Flight] = {}
        self.fetches = 0
        self.hits = 0

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
        key = (instrument, timeframe, timeframe.floor(until))
        answer = self._answers.get(key)
        if answer is not None and answer.serves(count):
            self.hits += 1
            return answer.candles.tail(count)
        flight = self._flights.get(key)
        if flight is not None and flight.serves(count):
            self.hits += 1
        else:
            flight = self._start(key, count)
        return (await asyncio.shield(flight.task)).tail(count)

    def _start(self, key: Key, count: int) -> _Flight:
        self.fetches += 1
        flight = _Flight(count, asyncio.create_task(self._fetch(key, count)))
        self._flights[key] = flight
        flight.task.add_done_callback(lambda _: self._land(key, flight))
        return flight

    async def _fetch(self, key: Key, count: int) -> Candles:
        instrument, timeframe, newest_close = key
        candles = await self._inner.candles(instrument, timeframe, until=newest_close, count=count)
        known = self._answers.get(key)
        complete = len(candles) > 0 and candles.closed_at == newest_close
        if complete and (known is None or known.requested < count):
            self._answers.put(key, _Answer(count, candles))
        return candles

    def _land(self, key: Key, flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if not flight.task.cancelled():
            # Marks a failure as seen where every caller has given up.
            flight.task.exception()
