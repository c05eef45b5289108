"""Streams that live as long as whoever opened them, each in a task of its own."""

import asyncio
import logging

from desk.adapters.streams.supervised import SupervisedStream

_LOG = logging.getLogger("scandesk.streams")


class KeptStreams:
    """Keeps supervised streams open until it is closed; for one event loop."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def keep(self, stream: SupervisedStream) -> None:
        """Open a stream, unless one of its name is open."""
        name = stream.status.stream
        if name not in self._tasks:
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


async def _keep(stream: SupervisedStream) -> None:
    async with stream:
        await asyncio.Event().wait()
