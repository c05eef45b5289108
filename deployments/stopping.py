"""Ends a worker well: take nothing new, let the runs finish, interrupt those that do not, and let them report."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from deployments.engine import Interruption
from deployments.execution import Execution
from deployments.flow_loop import FlowLoop

REPORT_WITHIN = 10.0
"""Seconds that an interrupted run has for its hooks and for telling the server."""


class StopRequest:
    """Whether the worker has been told to stop, and whether to hurry."""

    def __init__(self) -> None:
        self.requested = asyncio.Event()
        self.urgent = asyncio.Event()

    def request(self) -> None:
        """Ask the worker to stop; asking twice makes it hurry."""
        if self.requested.is_set():
            self.urgent.set()
        self.requested.set()

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Let SIGTERM and SIGINT ask for the stop while in the context; only the main thread can have them."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.request)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    async def comes_before(self, when: datetime | None) -> bool:
        """Wait until `when`; return early, with True, where the stop is requested before."""
        delay = (when - datetime.now(UTC)).total_seconds() if when else 0.0
        if delay > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.requested.wait(), delay)
        return self.requested.is_set()


async def drain(executions: Collection[Execution], loop: FlowLoop, urgent: asyncio.Event) -> None:
    """Return when all executions have ended, each within its own drain time, or have had their time to report."""
    await asyncio.gather(*(_end(execution, loop, urgent) for execution in executions))


async def interrupt(execution: Execution, loop: FlowLoop, why: str) -> None:
    """Cancel an execution and give it the time to report."""
    execution.interrupt(loop, Interruption(reason=why))
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(execution.ended.wait(), REPORT_WITHIN)


async def every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do `work` again and again, with `seconds` in between, until cancelled."""
    while True:
        await asyncio.sleep(seconds)
        await work()


async def _end(execution: Execution, loop: FlowLoop, urgent: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in (execution.ended, urgent)]
    await asyncio.wait(waits, timeout=execution.drain, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    if not execution.ended.is_set():
        why = f"The worker had to stop, and the run had not ended {execution.drain:g} s after that."
        await interrupt(execution, loop, why)
