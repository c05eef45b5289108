"""Candles that are fetched once and then grow: one call for the newest of every instrument that is in use."""

import asyncio
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.adapters.feeds.latest import BatchFeed, Pair
from desk.adapters.feeds.patience import PAUSES, Sleep, may_come
from desk.adapters.feeds.window import Window
from desk.errors import DataError, OrderRefused
from desk.model.books import Quote
from desk.model.candles import Candles
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe
from desk.ports import Clock

_NOTHING_NEW = timedelta(seconds=15)
"""For how long "there is nothing new" is believed."""

_IN_USE = timedelta(hours=1)
"""How long a pair is asked for along with others after somebody asked for it; twice its length where that is more."""

_FETCHED_AGAIN = timedelta(hours=1)
_SPREAD = timedelta(minutes=30)
"""How long a window grows before it is fetched again, and how much longer at the most."""


@dataclass(frozen=True, slots=True, eq=False)
class _Round:
    """One call for the newest candles.

    Attributes:
        asked_at: nothing that closed later can be in the answer.
    """

    asked_at: datetime
    pairs: frozenset[Pair]
    task: asyncio.Task[None]

    def covers(self, pair: Pair, close: datetime) -> bool:
        return pair in self.pairs and self.asked_at >= close


class GrowingFeed:
    """Implements `desk.ports.Feed` over one that tells the newest closed candles of many instruments in one call.

    The first question about a pair is a fetch. From then on the first caller after a close asks for the newest candle
    of every pair in use, and each window grows by it. Where the new candle does not follow the last one, the pair is
    fetched again, so that a window is always what a fetch would give; so it is after an hour or a little more, of which
    each pair has its own, since sources correct candles that they have told. A candle that an open market should have
    and the source does not tell yet is asked for a few times more.

    For one event loop. Callers who ask at the same time share calls, and one who gives up does not take the answer
    from the others; `SharedFeed` does the same for fetches, and belongs in front.
    """

    def __init__(self, inner: BatchFeed, clock: Clock, *, sleep: Sleep = asyncio.sleep) -> None:
        self._inner = inner
        self._clock = clock
        self._sleep = sleep
        self._windows: dict[Pair, Window] = {}
        self._used: dict[Pair, datetime] = {}
        self._told: dict[Pair, _Round] = {}

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
        pair, close = (instrument, timeframe), timeframe.floor(until)
        self._used[pair] = self._clock.now()
        window = await self._known(pair, close, count)
        for pause in PAUSES:
            if window.reaches(close) or not await may_come(self._inner, self._clock, *pair, close):
                break
            heard = self._told.get(pair)
            await self._sleep(pause)
            told = self._told.get(pair)
            await self._hear(pair, None if told is heard else told)
            window = await self._fitting(pair, close, count)
        return window.candles.until(close).tail(count)

    async def _known(self, pair: Pair, close: datetime, count: int) -> Window:
        """Return the window with what is known of `close`, after a call for it where there was none a moment ago."""
        window = self._serving(pair, close, count)
        if window is not None and not window.reaches(close):
            told = self._told.get(pair)
            is_news = told is not None and told.covers(pair, close) and not self._is_old(told)
            await self._hear(pair, told if is_news else None)
        return await self._fitting(pair, close, count)

    async def _fitting(self, pair: Pair, close: datetime, count: int) -> Window:
        """Return the window, fetched where there is none that goes back far enough."""
        window = self._serving(pair, close, count)
        if window is not None:
            return window
        (instrument, timeframe), now, before = pair, self._clock.now(), self._windows.get(pair)
        candles = await self._inner.candles(instrument, timeframe, until=close, count=count)
        fetched = Window.fetched(candles, count, close=close, at=now, before=before)
        newest = self._windows.get(pair)
        if newest is None or not len(newest.candles) or fetched.reaches(newest.candles.closed_at):
            self._windows[pair] = fetched
        return fetched

    def _serving(self, pair: Pair, close: datetime, count: int) -> Window | None:
        """Return the window where it goes back far enough and need not be fetched again yet."""
        window = self._windows.get(pair)
        if window is None or not window.holds(close, count):
            return None
        return window if timedelta(0) <= self._clock.now() - window.fetched_at < _lifetime(pair) else None

    async def _hear(self, pair: Pair, told: _Round | None) -> None:
        """Wait for a call that somebody has made; without one make it."""
        await asyncio.shield((told or self._ask(pair)).task)

    def _ask(self, pair: Pair) -> _Round:
        """Ask for the newest candle of the pair, and with it for that of every other one that is due."""
        now = self._clock.now()
        self._forget_unused(now)
        due = frozenset(one for one, window in self._windows.items() if not window.reaches(one[1].floor(now)))
        pairs = due | {pair}
        task = asyncio.create_task(self._grow(pairs))
        asked = _Round(now, pairs, task)
        self._told |= dict.fromkeys(pairs, asked)
        task.add_done_callback(lambda _: self._land(asked))
        return asked

    async def _grow(self, pairs: frozenset[Pair]) -> None:
        try:
            newest = await self._inner.latest(sorted(pairs))
        except (OrderRefused, DataError):
            newest = {}  # one pair that is gone or malformed must not take the others with it: each is fetched alone
        for pair in pairs & self._windows.keys():
            grown = self._windows[pair].extended(newest[pair]) if pair in newest else None
            if grown is None:
                del self._windows[pair]
            else:
                self._windows[pair] = grown

    def _land(self, asked: _Round) -> None:
        # Asking for the exception marks a failure as seen where every caller has given up.
        if asked.task.cancelled() or asked.task.exception() is not None:
            self._told = {pair: told for pair, told in self._told.items() if told is not asked}

    def _is_old(self, told: _Round) -> bool:
        return told.task.done() and not timedelta(0) <= self._clock.now() - told.asked_at < _NOTHING_NEW

    def _forget_unused(self, now: datetime) -> None:
        unused = [pair for pair, at in self._used.items() if now - at > max(_IN_USE, 2 * pair[1].duration)]
        for pair in unused:
            del self._used[pair]
            self._windows.pop(pair, None)
            self._told.pop(pair, None)


def _lifetime(pair: Pair) -> timedelta:
    """How long a pair's window grows: the same in every process, and another one for most other pairs."""
    instrument, timeframe = pair
    share = zlib.crc32(f"{instrument} {timeframe}".encode()) / 2**32
    return _FETCHED_AGAIN + share * _SPREAD
