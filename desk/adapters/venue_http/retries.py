"""When a read is tried again: exponential back-off with jitter, and never sooner than the venue asks."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from desk.errors import RateLimited, VenueUnavailable

T = TypeVar("T")

_JITTER = random.SystemRandom().random


@dataclass(frozen=True, slots=True)
class Retries:
    """How patient a session is with reads; orders are never sent by it twice.

    Attributes:
        attempts: how often a read is sent at the most.
        first_pause: before the second attempt; each further one doubles.
        longest_pause: a venue that asks for more is given up for now.
        jitter: gives a fraction from 0 to 1; a pause is between half and all of its length.
        sleep: waits for seconds.
    """

    attempts: int = 4
    first_pause: timedelta = timedelta(milliseconds=250)
    longest_pause: timedelta = timedelta(seconds=20)
    jitter: Callable[[], float] = _JITTER
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self, read: Callable[[], Awaitable[T]]) -> T:
        """Run a read until it succeeds.

        Raises:
            VenueUnavailable: the last attempt's error, or one that asks for more patience than there is.
        """
        for attempt in range(1, self.attempts):
            try:
                return await read()
            except VenueUnavailable as error:
                pause = self._pause(attempt, error)
                if pause > self.longest_pause:
                    raise
                await self.sleep(pause.total_seconds())
        return await read()

    def _pause(self, attempt: int, error: VenueUnavailable) -> timedelta:
        backoff: timedelta = self.first_pause * (2.0 ** (attempt - 1) * (0.5 + self.jitter() / 2))
        asked = error.retry_after if isinstance(error, RateLimited) else timedelta(0)
        return max(backoff, asked)
