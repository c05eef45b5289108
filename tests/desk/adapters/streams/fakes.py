"""A stream whose connections are written by hand, and somebody who remembers what it says."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta

from desk.adapters.streams.backoff import Backoff
from desk.adapters.streams.events import Event, Heartbeat
from desk.adapters.streams.supervised import StreamStatus

AT = datetime(2026, 1, 14, 15, tzinfo=UTC)
BEAT = Heartbeat(AT)
AT_ONCE = Backoff(first_pause=timedelta(0))


class WrittenSource:
    """Gives one list per connection: what is said, and at its end an error or nothing more; then it is silent.

    `opened` counts connections, `closed` those that were ended; they are kept, so that the collector ends none of them.
    """

    def __init__(self, *connections: list[Event | Exception | None]) -> None:
        self._connections = list(connections)
        self.opened = 0
        self.closed = 0
        self._kept: list[AsyncGenerator[Event, None]] = []

    def messages(self) -> AsyncGenerator[Event, None]:
        self._kept.append(self._connection())
        return self._kept[-1]

    async def _connection(self) -> AsyncGenerator[Event, None]:
        self.opened += 1
        said = self._connections.pop(0) if self._connections else []
        try:
            for one in said:
                if one is None:
                    return
                if isinstance(one, Exception):
                    raise one
                yield one
            await asyncio.Event().wait()
        finally:
            self.closed += 1


class Memory:
    """Implements `Listener`: remembers everything, in order."""

    def __init__(self) -> None:
        self.log: list[Event | str] = []
        self.statuses: list[StreamStatus] = []
        self._news = asyncio.Event()

    def heard(self, event: Event) -> None:
        self._note(event)

    def missed(self) -> None:
        self._note("missed")

    def turned(self, status: StreamStatus) -> None:
        self.statuses.append(status)
        self._note(status.state.value)

    async def until(self, count: int) -> list[Event | str]:
        """Wait for so many entries and return the first of them."""
        await self.when(lambda: len(self.log) >= count)
        return self.log[:count]

    async def when(self, condition: Callable[[], bool]) -> None:
        """Wait until something is noted with which the condition holds."""
        async with asyncio.timeout(3):
            while not condition():
                self._news.clear()
                await self._news.wait()

    def _note(self, entry: Event | str) -> None:
        self.log.append(entry)
        self._news.set()
