"""Looks after what nobody else does: flattenings that stopped in the middle, and accounts that nobody watches."""

from typing import Any

from prefect import State, flow
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from blocks.flattening import abandoned_flattenings, go_on_flattening
from blocks.watching import neglected, reminding_notifier, strangers, tell_strangers
from desk.adapters.settings import settings
from desk.execution.flattening import Flattening
from desk.ports import Message
from flows.hooks import free_watched
from tasks.watch import watch_once

TIMEOUT_SECONDS = 240


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
    """Go on with what was to be closed, watch what is neglected, one after the other, and tell of what cannot be."""
    abandoned = await abandoned_flattenings()
    open_still = [one.account for one in abandoned if not await _is_flat(one)]
    unknown, names = await strangers(), await neglected()
    await tell_strangers(unknown)
    ill = [name for name in names if not await _is_well(name)]
    if undone := dict.fromkeys((*open_still, *unknown, *ill)):
        return Failed(message=f"not looked after: {', '.join(undone)}")
    closed = f", {len(abandoned)} flattenings were ended" if abandoned else ""
    return Completed(message=f"{len(names)} accounts were watched that nobody else watches{closed}")


async def _is_flat(flattening: Flattening) -> bool:
    """Go on with one flattening; what is wrong with it must not keep the accounts from being watched."""
    try:
        done = await go_on_flattening(flattening, run=str(flow_run.id))
    except Exception as error:  # noqa: BLE001 - told to a person, and the run fails in the end
        reason = f"{type(error).__name__}: {error}"
        get_run_logger().error("%s: %s", flattening.account, reason)
        advice = "Close what is open at the venue, and mend the cause."
        await reminding_notifier().send(Message(f"{flattening.account}: not closed", f"{reason}\n{advice}", "error"))
        return False
    return done.is_flat


async def _is_well(name: str) -> bool:
    """Watch one account; what is wrong with it must not keep the others from being watched."""
    try:
        done = await watch_once(name, run=str(flow_run.id))
    except Exception as error:  # noqa: BLE001 - told to a person, and the run fails in the end
        reason = f"{type(error).__name__}: {error}"
        get_run_logger().error("%s: %s", name, reason)
        advice = "Its positions are not watched: look at the venue, and mend the cause."
        await reminding_notifier().send(Message(f"{name}: not watched", f"{reason}\n{advice}", "error"))
        return False
    return done.watched is None or not done.watched.left
