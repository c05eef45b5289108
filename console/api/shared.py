"""One reading for all the open pages that show the same."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from desk.ports import Clock

T = TypeVar("T")
_KEPT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Reading:
    begun_at: datetime
    task: asyncio.Future[Any]

    @property
    def has_failed(self) -> bool:
        return self.task.done() and (self.task.cancelled() or self.task.exception() is not None)


class Shared:
    """What was read in the last minute, by what it is about; who comes while it is read waits for the same."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._readings: dict[Hashable, _Reading] = {}

    async def newest(self, about: Hashable, read: Callable[[], Awaitable[T]], since: datetime) -> T:
        """Return what was read then or later; read it now where nobody has.

        Args:
            about: what is read. A question that two visitors may not both ask has the visitor in it.
            read: reads it; what it raises is raised to all who wait, and not kept.
            since: how old it may be; the present for who has just changed it.
        """
        now = self._clock.now()
        self._readings = {key: one for key, one in self._readings.items() if now - one.begun_at < _KEPT}
        found = self._readings.get(about)
        if found is None or found.begun_at < since or found.has_failed:
            found = self._readings[about] = _Reading(now, asyncio.ensure_future(read()))
        # A browser that leaves while it waits ends nobody else's reading.
        return cast(T, await asyncio.shield(found.task))
