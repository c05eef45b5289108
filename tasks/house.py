"""The house style of a task: a name that says account and candle, a result that a retry of its flow run reuses."""

from collections.abc import Callable, Coroutine
from functools import wraps
from time import perf_counter
from typing import Any, ParamSpec, TypeVar

from prefect import State, Task
from prefect.client.schemas.objects import TaskRun
from prefect.context import TaskRunContext
from prefect.runtime import flow_run, task_run
from prefect.tasks import exponential_backoff
from prefect.utilities.annotations import quote

from desk.adapters.logs.events import log
from desk.errors import VenueUnavailable

P = ParamSpec("P")
R = TypeVar("R")

READ_RETRIES = 3
"""How often a read is tried again before its cycle goes on without it."""


class DeskTask(Task[P, Coroutine[Any, Any, R]]):
    """A task whose inputs are passed on as they are.

    Prefect walks through every value that a task is given, to find futures in it: a tenth of a scan's CPU time for
    candles and decisions that hold none.
    """

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Run the task for an open account, the first input; `options` are those of every Prefect task."""
        account, *others = inputs
        return super().__call__(account, *(quote(value) for value in others), **options)


def desk_task(
    *, timeout_seconds: float, retries: int = 0, keeps_result: bool = True
) -> Callable[[Callable[P, Coroutine[Any, Any, R]]], Task[P, Coroutine[Any, Any, R]]]:
    """Make a task of an async function whose first parameter is the open account.

    Tasks have no tags: for each tagged task run Prefect asks its server for a concurrency slot. The flow run has them.

    Args:
        timeout_seconds: of one attempt.
        retries: only for reads, and only after `VenueUnavailable`; the pause doubles from half a second, with jitter.
        keeps_result: whether a retry of the flow run reuses the result. Inputs are never hashed: they are live
            objects, and an order must not depend on a cache.
    """

    def make(function: Callable[P, Coroutine[Any, Any, R]]) -> Task[P, Coroutine[Any, Any, R]]:
        return DeskTask(
            _timed(function),
            name=function.__name__,
            task_run_name=_task_run_name,
            timeout_seconds=timeout_seconds,
            retries=retries,
            retry_delay_seconds=exponential_backoff(0.5),
            retry_jitter_factor=0.5,
            retry_condition_fn=_is_worth_retrying,
            persist_result=keeps_result,
            cache_key_fn=_once_per_flow_run if keeps_result else None,
        )

    return make


def _timed(function: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Note the seconds of the call in the open account, for the cycle's record."""

    @wraps(function)
    async def timed(*args: P.args, **kwargs: P.kwargs) -> R:
        started = perf_counter()
        try:
            return await function(*args, **kwargs)
        finally:
            account, seconds = args[0], round(perf_counter() - started, 4)
            account.durations[function.__name__] = seconds  # type: ignore[attr-defined]
            log.info("stage ended", stage=function.__name__, seconds=seconds)

    return timed


def is_last_attempt() -> bool:
    """Whether the running task will not be tried again."""
    return int(task_run.run_count or 1) > READ_RETRIES


async def _is_worth_retrying(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    outcome = await state.aresult(raise_on_failure=False)
    return isinstance(outcome, VenueUnavailable)


def _once_per_flow_run(context: TaskRunContext, _parameters: dict[str, Any]) -> str | None:
    run = flow_run.id
    return f"scans/{run}/{context.task.name}" if run else None


def _task_run_name() -> str:
    return f"{task_run.task_name} · {task_run.parameters['account'].key}"
