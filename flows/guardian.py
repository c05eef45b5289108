"""Looks after what nobody else does: unwatched accounts, stopped flattenings, broken files, messages that wait."""

import asyncio
from typing import Any

from prefect import State, flow
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from blocks.account import was_told
from blocks.flattening import abandoned_flattenings, go_on_flattening
from blocks.heartbeat import tell_alive
from blocks.resources import resources
from blocks.telling import tell_what_is_due
from blocks.watching import neglected, reminding_notifier, strangers, tell_strangers
from desk.adapters.clocks import SystemClock
from desk.adapters.settings import settings
from desk.execution.flattening import Flattening
from desk.ports import Message
from flows.hooks import free_watched
from tasks.watch import watch_once

TIMEOUT_SECONDS = 240

_FOR_EACH = 60.0
"""Seconds for one account, so that a venue that hangs does not keep the guardian from those after it."""


@flow(
    name="guardian",
    flow_run_name="guardian",
    timeout_seconds=TIMEOUT_SECONDS,
    persist_result=False,
    result_storage=settings().results.resolve(),
    on_failure=[free_watched],
    on_crashed=[free_watched],
    on_cancellation=[free_watched],
)
async def guardian() -> State[Any]:
    """Watch what is neglected, go on with what was to be closed, one after the other, and tell of what cannot be.

    After that, messages that nobody has taken yet are sent, and what is due to be told.
    """
    unknown, names = await strangers(), await neglected()
    await tell_strangers(unknown)
    ill = [name for name in names if not await _is_well(name)]
    abandoned = await abandoned_flattenings()
    open_still = [one.account for one in abandoned if not await _is_flat(one)]
    await resources().configuration.tell(resources().notifier)
    await tell_alive(SystemClock().now())
    await tell_what_is_due()
    if undone := dict.fromkeys((*open_still, *unknown, *ill)):
        return Failed(message=f"not looked after: {', '.join(undone)}")
    closed = f", {len(abandoned)} flattenings were ended" if abandoned else ""
    return Completed(message=f"{len(names)} accounts were watched that nobody else watches{closed}")


async def _is_flat(flattening: Flattening) -> bool:
    """Go on with one flattening; what is wrong with it must not keep the accounts from being watched."""
    try:
        async with asyncio.timeout(_FOR_EACH):
            done = await go_on_flattening(flattening, run=str(flow_run.id))
    except Exception as error:  # noqa: BLE001 - told to a person, and the run fails in the end
        await _tell(
            flattening.account, "not closed", error, advice="Close what is open at the venue, and mend the cause."
        )
        return False
    return done.is_flat


async def _is_well(name: str) -> bool:
    """Watch one account; what is wrong with it must not keep the others from being watched."""
    try:
        async with asyncio.timeout(_FOR_EACH):
            done = await watch_once(name, run=str(flow_run.id))
    except Exception as error:  # noqa: BLE001 - told to a person, and the run fails in the end
        advice = "Its positions are not watched: look at the venue, and mend the cause."
        await _tell(name, "not watched", error, advice=advice)
        return False
    return done.watched is None or not done.watched.left


async def _tell(name: str, what: str, error: Exception, *, advice: str) -> None:
    """Tell of a failure, unless people know the reason already."""
    slow = f"it took more than {_FOR_EACH:.0f} seconds"
    reason = slow if isinstance(error, TimeoutError) else f"{type(error).__name__}: {error}"
    get_run_logger().error("%s: %s", name, reason)
    if not await was_told(name, error):
        await reminding_notifier().send(Message(f"{name}: {what}", f"{reason}\n{advice}", "error"))
