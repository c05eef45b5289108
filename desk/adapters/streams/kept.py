"""Streams that live as long as whoever opened them, each in a task of its own."""

import asyncio
import logging
from collections.abc import Callable

from desk.adapters.streams.supervised import SupervisedStream

_LOG = logging.getLogger("scandesk.streams")


class KeptStreams:
    """Keeps supervised streams open until it is closed; for one event loop."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._origins: dict[str, object] = {}

    def keep(self, name: str, origin: object, opened: Callable[[], SupervisedStream | None]) -> None:
        """Open a stream, unless that of the name is open from there; one from elsewhere ends first.

        Args:
            origin: whose stream it is; kept, so that nothing else can be taken for it.
            opened: makes the stream, only where it is needed; None where there is none.
        """
        if self._origins.get(name) is origin:
            return
        self._origins[name] = origin
        before = self._tasks.pop(name, None)
        if before is not None:
            before.cancel()
        stream = opened()
        if stream is not None:
            self._tasks[name] = asyncio.create_task(_keep(stream), name=name)

    async def close(self) -> None:
        """Close every stream; what broke one that should not have is logged."""
        for task in self._tasks.values():
            task.cancel()
        ended = await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        for name, error in zip(self._tasks, ended, strict=True):
            if error is not None and not isinstance(error, asyncio.CancelledError):
                _LOG.error("%s had broken: %s: %s", name, type(error).__name__, error, exc_info=error)
        self._tasks.clear()
        self._origins.clear()


async def _keep(stream: SupervisedStream) -> None:
    async with stream:
        await asyncio.Event().wait()
