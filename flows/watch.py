"""Watches an account: books fills, and keeps every position protected between its scans."""

from typing import Any

from prefect import State, flow
from prefect.runtime import flow_run
from prefect.states import Completed

from desk.adapters.settings import settings
from flows.hooks import tell_watch_ended
from tasks.watch import watch_once

TIMEOUT_SECONDS = 60
"""Below the lease of `blocks.watching.LEASE_FOR`, so that a run ends before another may take its account."""


@flow(
    name="watch",
    flow_run_name="watch {account}",
    timeout_seconds=TIMEOUT_SECONDS,
    persist_result=False,
    result_storage=settings().results.resolve(),
    on_failure=[tell_watch_ended],
    on_crashed=[tell_watch_ended],
    on_cancellation=[tell_watch_ended],
)
async def watch(account: str) -> State[Any]:
    """Watch one account once; a scan that holds it is not waited for.

    Args:
        account: its name in accounts.yaml.
    """
    done = await watch_once(account, run=str(flow_run.id))
    if done.watched is None:
        return Completed(name="NotWatched", message=f"{account}: {done.why}")
    if done.watched.left:
        return Completed(name="NotAllDone", message=f"{account}: {'; '.join(done.watched.left)}")
    return Completed(message=f"{account}: {done.watched.held} positions, {len(done.watched.done)} things done")
