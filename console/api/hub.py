"""Looks at the ledger once for everybody who listens, and tells each what has changed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from console.services.updates import Sight, Update, UpdateKind, differences
from desk.errors import DeskError
from desk.ports import Clock

_EVERY = 3.0
_FORGOTTEN_AFTER = timedelta(seconds=10)
_MOST_WAITING = 1000
Look = Callable[[Sight | None], Awaitable[Sight]]


class Changes(NamedTuple):
    """When it was noticed last that anything had changed, and when that a trading state had; None for never."""

    at: datetime | None = None
    ordered_at: datetime | None = None


class UpdateHub:
    """The updates of one server; while nobody asks for them the ledger is left alone.

    Args:
        clock: of the server.
        every: seconds between two looks.
    """

    def __init__(self, clock: Clock, *, every: float = _EVERY) -> None:
        self._clock, self._every = clock, every
        self._changes = Changes()
        self._asked_at: datetime | None = None
        self._listeners: set[asyncio.Queue[Update | None]] = set()
        self._sight: Sight | None = None
        self._has_looked = asyncio.Event()

    def changes(self, now: datetime) -> Changes:
        """Return when something was noticed last; who stops asking is forgotten after 10 seconds."""
        self._asked_at = now
        return self._changes

    async def looked(self) -> None:
        """Wait until what changes is told: until the ledger has answered once."""
        await self._has_looked.wait()

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[Update | None]]:
        """Give what will happen; None ends it, for who has not taken 1,000 updates."""
        queue: asyncio.Queue[Update | None] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    async def run(self, look: Look) -> None:
        """Look again and again, until this is cancelled."""
        while True:
            if self._is_wanted():
                await self._look(look)
            else:
                self._sight = None
                self._has_looked.clear()
            await asyncio.sleep(self._every)

    def _is_wanted(self) -> bool:
        asked_at = self._asked_at
        return bool(self._listeners) or (asked_at is not None and self._clock.now() - asked_at < _FORGOTTEN_AFTER)

    async def _look(self, look: Look) -> None:
        try:
            sight = await look(self._sight)
        except DeskError:
            # Who asks for a page is told so there; what has changed meanwhile is told when the ledger answers again.
            return
        now = self._clock.now()
        found = differences(self._sight, sight, now) if self._sight else ()
        self._sight = sight
        self._has_looked.set()
        if found:
            is_ordered = any(one.type is UpdateKind.STATE for one in found)
            self._changes = Changes(now, now if is_ordered else self._changes.ordered_at)
        for queue in tuple(self._listeners):
            self._tell(queue, found)

    def _tell(self, queue: asyncio.Queue[Update | None], found: tuple[Update, ...]) -> None:
        if queue.qsize() + len(found) > _MOST_WAITING:
            self._listeners.discard(queue)
            queue.put_nowait(None)
            return
        for one in found:
            queue.put_nowait(one)
