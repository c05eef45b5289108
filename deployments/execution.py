"""One flow run while a worker executes it: it can be interrupted, and it cannot last for ever."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from prefect.client.schemas.objects import FlowRun, State

from deployments.engine import Interruption, PrefectFlow, run_flow
from deployments.flow_loop import FlowLoop

OVERTIME = 60.0
"""Seconds beyond its time-out that a run may take for its hooks and its last reports."""


@dataclass(slots=True)
class Execution:
    """A flow run on the flow loop.

    Attributes:
        timeout: seconds; the engine fails the run after them.
        drain: seconds that it may go on for once its worker has been told to stop.
        ended: set by the worker when the run and its last report are over.
    """

    flow: PrefectFlow
    flow_run: FlowRun
    timeout: float
    drain: float
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    _interruption: Interruption = field(default_factory=Interruption)
    _task: asyncio.Task[Any] | None = None

    async def run(self, loop: FlowLoop) -> State[Any] | None:
        """Execute the flow on `loop` and return the last state known of it; see `engine.run_flow`."""
        return await loop.run(self._run)

    def interrupt(self, loop: FlowLoop, interruption: Interruption) -> None:
        """Cancel the flow, from any thread; the first interruption counts."""
        loop.call_soon(lambda: self._interrupt(interruption))

    async def _run(self) -> State[Any] | None:
        self._task = asyncio.current_task()
        limit = self.timeout + OVERTIME
        overtime = Interruption(reason=f"Expected the run to end within {limit:g} s, time-out and hooks included.")
        alarm = asyncio.get_running_loop().call_later(limit, self._interrupt, overtime)
        try:
            if self._is_interrupted():
                return None
            return await run_flow(self.flow, self.flow_run, self._interruption)
        finally:
            alarm.cancel()

    def _interrupt(self, interruption: Interruption) -> None:
        if self._is_interrupted():
            return
        self._interruption.cancelled = interruption.cancelled
        self._interruption.reason = interruption.reason
        if self._task is not None:
            self._task.cancel()

    def _is_interrupted(self) -> bool:
        return self._interruption.cancelled or bool(self._interruption.reason)
