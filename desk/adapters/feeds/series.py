"""One read of a live book, or of the funding of a perpetual, for all accounts that decide within the same moment."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from desk.model.depth import Depth, Funding
from desk.ports import Clock, DepthFeed, FundingFeed

T = TypeVar("T")

_BOOK_KEPT = timedelta(seconds=1)
_FUNDING_KEPT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Read(Generic[T]):
    at: datetime
    task: asyncio.Task[T]


class _Shared(Generic[T]):
    """Answers of a source whose answers are those of now. A failure is not remembered.

    For one event loop; one caller who gives up does not take the answer from the others.
    """

    def __init__(self, clock: Clock, kept: timedelta) -> None:
        self._clock = clock
        self._kept = kept
        self._reads: dict[str, _Read[T]] = {}

    async def get(self, name: str, ask: Callable[[datetime], Coroutine[Any, Any, T]]) -> T:
        """Return what was read of `name` less than `kept` ago, or what `ask` tells."""
        now, read = self._clock.now(), self._reads.get(name)
        if read is None or not timedelta(0) <= now - read.at < self._kept:
            read = self._begin(name, _Read(now, asyncio.create_task(ask(now))))
        return await asyncio.shield(read.task)

    def _begin(self, name: str, read: _Read[T]) -> _Read[T]:
        self._reads[name] = read
        read.task.add_done_callback(lambda _: self._land(name, read))
        return read

    def _land(self, name: str, read: _Read[T]) -> None:
        # Asking for the exception marks a failure as seen where every caller has given up.
        if (read.task.cancelled() or read.task.exception() is not None) and self._reads.get(name) is read:
            del self._reads[name]


class SharedDepth:
    """Implements `DepthFeed` over one that has the book of now only."""

    def __init__(self, inner: DepthFeed, clock: Clock) -> None:
        self._inner = inner
        self._books: _Shared[Depth | None] = _Shared(clock, _BOOK_KEPT)

    async def depth(self, instrument: str, *, at: datetime) -> Depth | None:
        """Return a book of at most a second ago; `at` is not looked at, and a book has its own time."""
        return await self._books.get(instrument, lambda now: self._inner.depth(instrument, at=now))


class SharedFunding:
    """Implements `FundingFeed` over one that has the funding of now only."""

    def __init__(self, inner: FundingFeed, clock: Clock) -> None:
        self._inner = inner
        self._rates: _Shared[Funding | None] = _Shared(clock, _FUNDING_KEPT)

    async def funding(self, instrument: str, *, at: datetime) -> Funding | None:
        """Return the funding of at most a minute ago; `at` is not looked at, and it has its own time."""
        return await self._rates.get(instrument, lambda now: self._inner.funding(instrument, at=now))
