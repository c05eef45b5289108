"""Keeps a stream open: reconnects when it breaks or falls quiet, and tells of every change of its state once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, Self

from desk.adapters.streams.backoff import Backoff
from desk.adapters.streams.events import Event, Source, StreamGap
from desk.errors import VenueError
from desk.ports import Clock


class StreamState(StrEnum):
    """How a stream is."""

    CONNECTING = "connecting"
    LIVE = "live"
    QUIET = "quiet"
    BROKEN = "broken"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """A state, since when, and what led to it.

    Attributes:
        stream: its name.
        reason: in words; empty where it is as it should be.
    """

    stream: str
    state: StreamState
    since: datetime
    reason: str = ""

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self.stream} {self.state} since {self.since:%Y-%m-%d %H:%M:%S} UTC{reason}"


class Listener(Protocol):
    """Whoever wants to know what a stream says; called from its task, and quick."""

    def heard(self, event: Event) -> None:
        """Take in what was said."""
        ...

    def missed(self) -> None:
        """Something may have been said unheard: the connection is new, or the venue has left something out."""
        ...

    def turned(self, status: StreamStatus) -> None:
        """Take in that the stream is in another state."""
        ...


class SupervisedStream:
    """One stream, open from entering the context to leaving it.

    It is live from the first message of a connection, and quiet when there was none for a while, heartbeats included;
    then it is opened again, as it is when it breaks, and stays quiet or broken until something comes.

    Args:
        name: for messages: `prices of oanda-1`.
        source: gives connections.
        listeners: told in this order.
        clock: gives the times of changes, and how long a connection has lived.
        quiet_after: the longest silence of a healthy connection, its opening included; above the venue's heartbeat.
        backoff: the pauses between connections.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        name: str,
        source: Source,
        listeners: Sequence[Listener],
        *,
        clock: Clock,
        quiet_after: timedelta,
        backoff: Backoff | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._source = source
        self._listeners = tuple(listeners)
        self._clock = clock
        self._quiet_after = quiet_after.total_seconds()
        self._backoff = backoff or Backoff()
        self._sleep = sleep
        self._task: asyncio.Task[None] | None = None
        self.status = StreamStatus(name, StreamState.CONNECTING, clock.now())

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name=self.status.stream)
        return self

    async def __aexit__(self, *_exception: object) -> None:
        """Close the connection.

        Raises:
            Exception: a listener or the source failed in a way that is no venue's fault; the stream is broken since.
        """
        assert self._task is not None, f"{self.status.stream}: expected a stream that was opened"
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.result()
        self._turn(StreamState.CLOSED)

    async def _run(self) -> None:
        failures = 0
        try:
            while True:
                opened = self._clock.now()
                error = await self._listen()
                was_good = self._clock.now() - opened >= self._backoff.good_while
                failures = 1 if was_good else failures + 1
                await self._sleep(self._backoff.pause(failures, error).total_seconds())
        except Exception as mistake:
            self._turn(StreamState.BROKEN, f"{type(mistake).__name__}: {mistake}")
            raise

    async def _listen(self) -> VenueError | None:
        """Pass on what one connection says, and return the error that ended it; None where it fell quiet or ended."""
        try:
            async with aclosing(self._source.messages()) as messages:
                await self._pass_on(messages)
        except TimeoutError:
            self._turn(StreamState.QUIET, f"nothing came for {self._quiet_after:g} s")
        except StopAsyncIteration:
            self._turn(StreamState.BROKEN, "the venue ended it")
        except VenueError as error:
            self._turn(StreamState.BROKEN, str(error))
            if isinstance(error, StreamGap):
                self._miss()
            return error
        return None

    async def _pass_on(self, messages: AsyncIterator[Event]) -> None:
        is_new = True
        while True:
            async with asyncio.timeout(self._quiet_after):
                event = await anext(messages)
            if is_new:
                self._turn(StreamState.LIVE)
                self._miss()
            is_new = False
            for listener in self._listeners:
                listener.heard(event)

    def _miss(self) -> None:
        for listener in self._listeners:
            listener.missed()

    def _turn(self, state: StreamState, reason: str = "") -> None:
        if state is self.status.state:
            return
        self.status = StreamStatus(self.status.stream, state, self._clock.now(), reason)
        for listener in self._listeners:
            listener.turned(self.status)
