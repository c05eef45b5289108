"""One look at the prices of now for all accounts that decide within the same few seconds."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.errors import DataError, OrderRefused
from desk.model.books import Quote
from desk.model.candles import Candles
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe
from desk.ports import Clock, Feed


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    at: datetime
    names: frozenset[str]
    task: asyncio.Task[Mapping[str, Quote]]


class SharedQuotes:
    """Implements `desk.ports.Feed` over one whose quotes are those of now, whatever time is asked about.

    One call asks for every instrument in use, and serves whoever asks within the next seconds. Such quotes are for
    decisions, whose rules look at the time of a quote. Orders are not matched or bound by them: a paper venue, and a
    price bound, ask the feed behind this one. A failure is not remembered. Instruments of a call that the venue
    refuses are asked for by themselves, until it answers: one that it does not know must not take the others' quotes.

    For one event loop; one caller who gives up does not take the answer from the others.

    Args:
        kept: for how long an answer serves.
        in_use: for how long an instrument is asked for along with others after somebody asked for it. Zero is for those
            who look at a whole listing now and then: nothing is asked for that the caller of the moment does not want.
    """

    def __init__(
        self,
        inner: Feed,
        clock: Clock,
        *,
        kept: timedelta = timedelta(seconds=15),
        in_use: timedelta = timedelta(hours=1),
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._kept = kept
        self._in_use = in_use
        self._used: dict[str, datetime] = {}
        self._suspects: frozenset[str] = frozenset()
        self._last: _Look | None = None

    @property
    def base_timeframe(self) -> Timeframe:
        """The inner feed's."""
        return self._inner.base_timeframe

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return every instrument of the inner feed, by name."""
        return await self._inner.instruments()

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        """Return the inner feed's candles."""
        return await self._inner.candles(instrument, timeframe, until=until, count=count)

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        """Return the best prices of at most `kept` ago; `at` is not looked at, and each quote has its own time."""
        if not instruments:
            return {}
        quotes = await (self._shared(instruments) if self._suspects.isdisjoint(instruments) else self._own(instruments))
        return {name: quotes[name] for name in instruments if name in quotes}

    async def _shared(self, instruments: Sequence[str]) -> Mapping[str, Quote]:
        now = self._clock.now()
        self._used |= dict.fromkeys(instruments, now)
        look = self._last
        if look is None or not look.names.issuperset(instruments) or not timedelta(0) <= now - look.at < self._kept:
            look = self._last = self._look(now)
        try:
            return await asyncio.shield(look.task)
        except (OrderRefused, DataError):
            return await self._own(instruments)

    async def _own(self, instruments: Sequence[str]) -> Mapping[str, Quote]:
        """Ask for the caller's instruments only; after a refusal they are not asked for along with others."""
        try:
            quotes = await self._ask(instruments, self._clock.now())
        except (OrderRefused, DataError):
            self._suspects |= frozenset(instruments)
            self._used = {name: at for name, at in self._used.items() if name not in self._suspects}
            raise
        self._suspects -= frozenset(instruments)
        return quotes

    def _look(self, now: datetime) -> _Look:
        self._used = {name: at for name, at in self._used.items() if now - at <= self._in_use}
        look = _Look(now, frozenset(self._used), asyncio.create_task(self._ask(sorted(self._used), now)))
        look.task.add_done_callback(lambda _: self._land(look))
        return look

    async def _ask(self, names: Iterable[str], now: datetime) -> Mapping[str, Quote]:
        return await self._inner.quotes(list(names), at=now)

    def _land(self, look: _Look) -> None:
        # Asking for the exception marks a failure as seen where every caller has given up.
        if (look.task.cancelled() or look.task.exception() is not None) and self._last is look:
            self._last = None
