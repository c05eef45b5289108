"""Looks again until the venue shows what it has been told: its reads lag behind its writes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to look, and how long to wait in between.

    Attributes:
        pauses: before the second look and each further one; their sum has to be longer than the venue's lag.
        sleep: waits for seconds.
    """

    pauses: tuple[timedelta, ...] = tuple(timedelta(milliseconds=pause) for pause in (100, 300, 600, 1000))
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def until(self, done: Callable[[T], bool], look: Callable[[], Awaitable[T]]) -> T:
        """Look until what is seen is done, and return the last that was seen; a look that fails ends it."""
        seen = await look()
        for pause in self.pauses:
            if done(seen):
                return seen
            await self.sleep(pause.total_seconds())
            seen = await look()
        return seen
