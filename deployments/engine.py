"""Runs one flow run with Prefect's own engine, adjusted to sharing an event loop with other runs."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import Abort, Pause
from prefect.flow_engine import AsyncFlowRunEngine
from prefect.flows import Flow
from prefect.utilities.callables import get_call_parameters, parameters_to_args_kwargs

PrefectFlow = Flow[Any, Any]


class WorkerStopped(BaseException):
    """Why a run was interrupted: its worker had to end before the run did."""


@dataclass(slots=True)
class Interruption:
    """Why a run's task was cancelled; set before it is.

    Attributes:
        cancelled: a person, or the server, asked for it.
        reason: anything else, in words.
    """

    cancelled: bool = False
    reason: str = ""


class SharedLoopEngine(AsyncFlowRunEngine[Any, Any]):
    """Prefect's engine for a run that shares its event loop and its process."""

    def __init__(self, flow: PrefectFlow, flow_run: FlowRun, interruption: Interruption) -> None:
        super().__init__(flow=flow, flow_run=flow_run, parameters=_parameters(flow, flow_run))
        self._interruption = interruption

    async def handle_crash(self, exc: BaseException) -> None:
        """Report why the run was interrupted, with the hooks that belong to it.

        Prefect's engine takes every cancellation of the task for a crash. It knows better only through a flag of the
        process, which would speak for all runs of ours.
        """
        if self._interruption.cancelled:
            await self.handle_cancellation(exc)
        elif self._interruption.reason:
            await super().handle_crash(WorkerStopped(self._interruption.reason))
        else:
            await super().handle_crash(exc)

    @contextmanager
    def setup_flow_run_suspension_request(self) -> Iterator[Any]:
        """Leave out the observer of suspensions.

        It is a thread with an event loop and a websocket for every run, and it blocks the caller's loop, which is
        everybody's here, while it connects and while it ends.
        """
        yield self._get_flow_run_suspension_request()


async def run_flow(flow: PrefectFlow, flow_run: FlowRun, interruption: Interruption) -> State[Any] | None:
    """Run `flow` as `flow_run` and return the last state that the engine knows of.

    Whatever the flow raises ends in a state, as in a process of its own: this does not raise for it, not even for
    `SystemExit`, which would otherwise end the event loop and all runs on it.

    Raises:
        Exception: the engine itself failed, mostly because the API did not answer; the state is unknown.
    """
    engine = SharedLoopEngine(flow, flow_run, interruption)
    try:
        async with engine.start():
            while engine.is_running():
                async with engine.run_context():
                    await cast(Coroutine[Any, Any, Any], engine.call_flow_fn())
    except (Abort, Pause):
        # The server refused the run, or the flow suspended itself; either is a state that the server has already.
        return None
    except (asyncio.CancelledError, SystemExit, KeyboardInterrupt):
        pass  # reported by the engine on the way out
    return engine.state


def _parameters(flow: PrefectFlow, flow_run: FlowRun) -> dict[str, Any]:
    arguments, keywords = parameters_to_args_kwargs(flow.fn, flow_run.parameters)
    return get_call_parameters(flow.fn, arguments, keywords)
