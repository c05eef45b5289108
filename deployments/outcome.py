"""Gives a flow run that nobody executes any more the state that it deserves, with its flow's hooks."""

import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import ObjectNotFound
from prefect.flows import Flow
from prefect.states import Cancelled, Crashed

Hook = Callable[..., Any]

log = logging.getLogger("prefect.scandesk.outcome")


async def settle(
    client: PrefectClient, flow_run_id: UUID, why: str, find_flow: Callable[[], Awaitable[Flow[Any, Any] | None]]
) -> State[Any] | None:
    """Report a run as crashed, or as cancelled where that was asked for, and call the flow's hooks.

    A run that has ended, waits or is suspended is left alone.

    Args:
        client: of the loop that the hooks run on.
        flow_run_id: one that is known not to be executed.
        why: for the state's message.
        find_flow: gives the flow, or None where it cannot be loaded; then there are no hooks to call.

    Returns:
        The new state, or None where nothing was done.
    """
    try:
        flow_run = await client.read_flow_run(flow_run_id)
    except ObjectNotFound:
        return None
    state = _deserved_state(flow_run, why)
    if state is None:
        return None
    await client.set_flow_run_state(flow_run_id, state, force=True)
    log.warning("flow run '%s' is settled as %s: %s", flow_run.name, state.name, why)
    flow = await find_flow()
    if flow is not None:
        hooks = flow.on_cancellation_hooks if state.is_cancelled() else flow.on_crashed_hooks
        await call_hooks(hooks, flow, flow_run, state)
    return state


async def call_hooks(hooks: list[Hook] | None, flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Call hooks one after the other, as Prefect does; one that fails is logged and does not stop the next."""
    for hook in hooks or []:
        try:
            result = hook(flow, flow_run, state)
            if inspect.isawaitable(result):
                await result
        except Exception:
            log.exception("hook %r of flow run '%s' failed", hook, flow_run.name)


def _deserved_state(flow_run: FlowRun, why: str) -> State[Any] | None:
    now = flow_run.state
    if now is None or now.is_running() or now.is_pending():
        return Crashed(message=why)
    return Cancelled(message=why) if now.is_cancelling() else None
