"""An event loop on a thread of its own, where the flow runs of a worker are executed side by side.

Not the worker's own loop: on the main thread Prefect's engine takes over SIGTERM, and a flow that computes for a
second would stop the worker from polling and from sending its heartbeat.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

from prefect.context import AsyncClientContext, SyncClientContext

T = TypeVar("T")

_END_WITHIN = 10.0


class WorkCancelled(Exception):
    """The work was cancelled, while the one that waits for it was not."""


class FlowLoop:
    """A running event loop on a daemon thread; leaving the context ends it and whatever still runs on it."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._serve, name="flow-loop", daemon=True)
        self._started: Future[tuple[asyncio.AbstractEventLoop, contextvars.Context]] = Future()
        self._closing = asyncio.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        self._loop, self._context = self._started.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(_END_WITHIN)

    async def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run `work` there and return what it returns; for callers on another loop."""
        done: Future[T] = Future()
        self._loop.call_soon_threadsafe(self._start, work, done)
        return await asyncio.wrap_future(done)

    def call_soon(self, callback: Callable[[], object]) -> None:
        """Call `callback` there, from any thread."""
        self._loop.call_soon_threadsafe(callback)

    def _serve(self) -> None:
        try:
            asyncio.run(self._hold_client())
        except Exception as error:
            if self._started.done():
                raise
            self._started.set_exception(error)

    async def _hold_client(self) -> None:
        """Keep one API client of each kind open for all runs: making one takes 20 ms of CPU time.

        The engine makes a synchronous one to find out where results are kept, even where it needs no answer.
        """
        async with AsyncClientContext.get_or_create():
            with SyncClientContext.get_or_create():
                self._started.set_result((asyncio.get_running_loop(), contextvars.copy_context()))
                await self._closing.wait()

    def _start(self, work: Callable[[], Coroutine[Any, Any, T]], done: Future[T]) -> None:
        task = self._loop.create_task(work(), context=self._context.copy())
        task.add_done_callback(lambda ended: _hand_over(ended, done))


def _hand_over(ended: asyncio.Task[T], done: Future[T]) -> None:
    """Copy the outcome, unless the caller has stopped waiting for it."""
    if not done.set_running_or_notify_cancel():
        return
    error = WorkCancelled("the work was cancelled before it ended") if ended.cancelled() else ended.exception()
    if error is not None:
        done.set_exception(error)
    else:
        done.set_result(ended.result())
