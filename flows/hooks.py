"""What happens around a scan: its name in the UI, and the record of a run that failed, crashed or was cancelled."""

from datetime import datetime
from typing import Any

from prefect import Flow, State
from prefect.client.schemas.objects import FlowRun
from prefect.logging import get_logger
from prefect.runtime import flow_run as running

from blocks.account import cycle_of, was_told, watch_holder
from blocks.resources import resources
from blocks.watching import reminding_notifier
from desk.adapters.clocks import SystemClock
from desk.errors import ConfigError
from desk.model.cycle import CycleState
from desk.ports import Message

_LOG = get_logger("scandesk")


def scan_run_name() -> str:
    """Name a scan by its account and candle; one that cannot be named so keeps the account's name."""
    parameters = running.parameters
    try:
        _, key = cycle_of(
            parameters["account"], at=moment(parameters.get("at")), scheduled_for=running.scheduled_start_time
        )
    except ConfigError:
        return str(parameters["account"])  # the flow itself fails with the reason in a moment
    return str(key)


# Prefect calls hooks by keyword: the parameters must have these names.
async def record_failed(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Record that a run raised an error, and tell a person."""
    await _record_end(flow_run, CycleState.FAILED, state)


async def record_crashed(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Record that a run died, free its account, and tell a person."""
    await _record_end(flow_run, CycleState.CRASHED, state)


async def record_cancelled(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Record that a run was cancelled, free its account, and tell a person."""
    await _record_end(flow_run, CycleState.CANCELLED, state)


async def free_accounts(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Give back the accounts that a run of a flow without cycles still holds."""
    await resources().ledger.release_leases_of(str(flow_run.id))


async def free_watched(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Give back the accounts that a run which watches still holds."""
    await resources().ledger.release_leases_of(watch_holder(str(flow_run.id)))


async def tell_watch_ended(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Free the account of a watch that ended badly, and tell a person, at most once an hour."""
    name, reason = str(flow_run.parameters.get("account")), state.message or state.name or "no reason was given"
    body = f"{reason}\nThe guardian takes over in some minutes. Look at the venue, and mend the cause."
    try:
        await free_watched(flow, flow_run, state)
    finally:  # a lease ends by itself, and a person does not hear of it by itself
        if not await was_told(name, await _error_of(state)):
            await reminding_notifier().send(Message(f"{name}: the watch failed", body, "error"))


async def _record_end(flow_run: FlowRun, end: CycleState, state: State[Any]) -> None:
    name, reason = str(flow_run.parameters.get("account")), state.message or state.name or str(end)
    try:
        await _write_end(name, flow_run, end, reason)
    finally:  # a ledger that cannot be written is one more thing to hear of
        if not await was_told(name, await _error_of(state)):
            await resources().notifier.send(Message(f"{name}: scan {end}", reason, "error"))


async def _error_of(state: State[Any]) -> object:
    """What a run raised, or something else where nothing is known of it."""
    return await state.aresult(raise_on_failure=False) if state.is_failed() else None


async def _write_end(name: str, flow_run: FlowRun, end: CycleState, reason: str) -> None:
    ledger, run = resources().ledger, str(flow_run.id)
    try:
        spec, key = cycle_of(name, at=moment(flow_run.parameters.get("at")), scheduled_for=flow_run.expected_start_time)
    except ConfigError as error:
        _LOG.error("scan of %s %s and has no cycle: %s", name, end, error)
    else:
        await ledger.record_run_end(key, end, reason, SystemClock().now(), mode=spec.mode, flow_run_id=run)
    await ledger.release_leases_of(run)


def moment(value: object) -> datetime | None:
    """Return a flow parameter as a time; Prefect hands over what it has stored, text or time."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value if isinstance(value, datetime) else None
