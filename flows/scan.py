"""Scans an account: from the candle that closed last to orders, or to the reasons why there are none."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime
from typing import Any

from prefect import State, flow
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed

from blocks.account import AccountBlock, OpenAccount
from blocks.resources import resources
from desk.adapters.logs.events import about, cycle_name, log
from desk.adapters.settings import settings
from desk.errors import LeaseLost
from desk.model.cycle import CycleRecord, CycleState
from desk.model.orders import Order
from desk.steps.cycles import OpenCycle, finish, take_up
from desk.steps.report import state_of
from desk.steps.scan import needs_a_look
from flows.hooks import record_cancelled, record_crashed, record_failed, scan_run_name
from tasks.announcements import notify
from tasks.books import repair_books, take_snapshot
from tasks.decisions import propose_trades, risk_check
from tasks.market import choose_instruments, compute_signals, fetch_candles
from tasks.orders import place_orders, protect_rest
from tasks.records import publish, record_cycle

TIMEOUT_SECONDS = 100
"""Below the lease of `blocks.account.LEASE_FOR`, so that a run ends before another may take its account."""

_NAMES = {CycleState.TRADED: "Traded", CycleState.HELD: "Held", CycleState.SKIPPED_STALE: "SkippedStale"}


@flow(
    name="scan",
    flow_run_name=scan_run_name,
    timeout_seconds=TIMEOUT_SECONDS,
    # Both are said here because Prefect would ask its server for them twice in every run, each time with a new client.
    persist_result=False,
    result_storage=settings().results.resolve(),
    on_failure=[record_failed],
    on_crashed=[record_crashed],
    on_cancellation=[record_cancelled],
)
async def scan(account: str, at: datetime | None = None) -> State[Any]:
    """Scan one account: fetch candles, compute signals, risk check, place orders, notify.

    Args:
        account: its name in accounts.yaml.
        at: scan as of this past time, aware; leave it empty for now.
    """
    opened = AccountBlock(name=account).open(run=str(flow_run.id), at=at, scheduled_for=flow_run.scheduled_start_time)
    with about(account=account, cycle=cycle_name(opened.key.candle_close), run=opened.holder):
        return await _scan(opened, account)


async def _scan(opened: OpenAccount, account: str) -> State[Any]:
    async with opened.held() as is_held:
        if not is_held:
            return Cancelled(name="AccountBusy", message=f"{opened.key}: another run holds the account")
        await resources().remember_configuration(account)
        cycle = await take_up(opened.fresh_record, opened.ledger, flow_run_id=opened.holder, now=opened.wall.now())
        if not cycle.is_finished:
            cycle, shown = await _run(opened, cycle)
            log.info(
                "cycle ended", state=cycle.record.state, orders=len(cycle.record.orders), detail=cycle.record.detail
            )
            # Awaited here and not where the cycle runs: what cannot be shown must not change what was recorded.
            await asyncio.gather(shown, notify(opened, cycle.record))
        elif not cycle.is_announced:
            await asyncio.gather(publish(cycle.record), notify(opened, cycle.record))
        return _state_of(cycle.record)


async def _run(account: OpenAccount, cycle: OpenCycle) -> tuple[OpenCycle, Awaitable[None]]:
    """Run a cycle from where it stands; what an earlier run decided is carried out and not decided again."""
    record, orders = cycle.record, tuple[Order, ...]()
    account.superseded_by = cycle.superseded_by
    try:
        if not cycle.is_decided and (why := account.reason_to_give_up(record)):
            return await _close(account, record, CycleState.SKIPPED_STALE, why), asyncio.sleep(0)
        await repair_books(account)
        if not cycle.is_decided:
            record = await _decide(account, record)
        orders = await place_orders(account, record)
        if needs_a_look(record, orders, account.keeping):
            await protect_rest(account)
        return await _record(account, record, orders)
    except LeaseLost:
        raise  # the cycle is another run's now, and so is its record
    except Exception as error:
        # With an order that may have been sent the cycle is not "no trade".
        state = CycleState.FAILED if record.decision.intents else CycleState.NO_TRADE
        log.exception("cycle ended", state=state)
        await _close(account, record, state, f"{type(error).__name__}: {error}", orders)
        raise


async def _record(
    account: OpenAccount, record: CycleRecord, orders: tuple[Order, ...]
) -> tuple[OpenCycle, Awaitable[None]]:
    """Close the cycle, and begin meanwhile to show it in the UI; the second value ends when it is shown."""
    publishing = asyncio.create_task(publish(replace(record, state=state_of(orders), orders=orders)))
    try:
        return await record_cycle(account, record, orders), publishing
    except BaseException:
        publishing.cancel()
        raise


async def _decide(account: OpenAccount, record: CycleRecord) -> CycleRecord:
    if account.policy.universe is not None:
        account.policy = await choose_instruments(account)
    markets = await fetch_candles(account)
    signals = await compute_signals(account, markets)
    snapshot = await take_snapshot(account, markets)
    proposals = await propose_trades(account, snapshot, signals)
    return await risk_check(account, record, snapshot, proposals)


async def _close(
    account: OpenAccount, record: CycleRecord, state: CycleState, detail: str, orders: tuple[Order, ...] = ()
) -> OpenCycle:
    return await finish(
        record,
        state,
        account.ledger,
        orders=orders,
        detail=detail,
        durations=account.durations,
        now=account.wall.now(),
        lease=account.lease,
    )


def _state_of(record: CycleRecord) -> State[Any]:
    return Completed(name=_NAMES[record.state], message=f"{record.key}: {record.state}, {len(record.orders)} orders")
