"""A value that is read from the venue and kept for a while."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from desk.ports import Clock

T = TypeVar("T")


class Kept(Generic[T]):
    """Reads when asked and answers from memory until the value is too old; a failure is not remembered."""

    def __init__(self, read: Callable[[], Awaitable[T]], *, keep_for: timedelta, clock: Clock) -> None:
        self._read = read
        self._keep_for = keep_for
        self._clock = clock
        self._value: tuple[datetime, T] | None = None

    async def get(self) -> T:
        """Return the value, read now or not too long ago."""
        now = self._clock.now()
        if self._value is not None and timedelta(0) <= now - self._value[0] < self._keep_for:
            return self._value[1]
        value = await self._read()
        self._value = (now, value)
        return value
