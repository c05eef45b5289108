"""Plays the parts of the story as the flows do, without a Prefect server."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from prefect import Task
from prefect.logging import disable_run_logger

import flows.scan as scanning
from blocks.reconciling import reconcile_account
from blocks.watching import watch_by_name
from drill.crashes.staging import Stage, stand_in, watched
from drill.crashes.story import Part


async def _scan(account: str, run: str, at: datetime) -> None:
    stand_in(scanning, flow_run=SimpleNamespace(id=run, scheduled_start_time=at))
    with disable_run_logger():
        state = await scanning.scan.fn(account)
    assert state.is_completed(), f"{account}: expected a scan that ends, found {state}"


async def _watch(account: str, run: str, _at: datetime) -> None:
    done = await watch_by_name(account, run=run)
    assert done.watched is not None, f"{account}: expected a watch, found that {done.why}"
    assert not done.watched.left, f"{account}: expected nothing undone, found {done.watched.left}"


async def _reconcile(account: str, run: str, _at: datetime) -> None:
    done = await reconcile_account(account, run=run)
    assert done is not None, f"{account}: expected to hold the account, found another run that does"
    assert not done.unread, f"{account}: expected to read everything, found {done.unread}"


_FLOWS: Mapping[str, Callable[[str, str, datetime], Awaitable[None]]] = {
    "scan": _scan,
    "watch": _watch,
    "reconcile": _reconcile,
}


async def play(part: Part, account: str, attempt: int) -> None:
    """Run one part; a scan that is started again has the name of the run that died, as Prefect's retries have."""
    again = "" if part.flow == "scan" else f" {attempt}"
    await _FLOWS[part.flow](account, str(uuid5(NAMESPACE_OID, f"{account} {part.name}{again}")), part.at)


def leave_out_prefect(stage: Stage) -> None:
    """Let the flow of a scan call the functions of its tasks, each watched, and show nothing in a UI.

    What is left out is what the server hears of; the code between the calls is the flow's own.
    """
    tasks = {name: value for name, value in vars(scanning).items() if isinstance(value, Task)}
    bare = {name: watched(f"task {task.name}", task.fn, stage) for name, task in tasks.items()}
    stand_in(scanning, **bare, publish=_show_nothing)


async def _show_nothing(*_shown: Any) -> None:  # whatever would be shown
    """Stand in for the artifacts of a run."""
