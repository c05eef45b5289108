"""Scans an account from where its cycle stands to its end, for whoever runs without Prefect; flows do it task by task.

The caller holds the account's lease, and has taken the cycle up.
"""

from asyncio import timeout
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from desk.decide import Policy, compute_signals, propose_trades, risk_check, with_market_facts
from desk.errors import AccessDenied, LeaseLost, LedgerUnwritable
from desk.execution.placing import OrderDesk, give_up, place_orders
from desk.execution.stops import StopKeeping, cover_of
from desk.model.books import Snapshot
from desk.model.cycle import CycleRecord, CycleState, Decision
from desk.model.externals import Externals
from desk.model.orders import Order, OrderIntent
from desk.ports import Feed, Notifier
from desk.steps.breaker import TripLog, check_breaker
from desk.steps.cycles import CycleLog, OpenCycle, finish, record_decision
from desk.steps.excursions import with_excursions
from desk.steps.markets import fetch_markets
from desk.steps.repair import Books, repair_books, sync_fills
from desk.steps.report import state_of
from desk.steps.side_data import SideData
from desk.steps.snapshot import History, take_snapshot
from desk.steps.surroundings import Company
from desk.steps.universe import ChoiceLog, enter_universe

_REST_WITHIN = 20
"""Seconds for what has no stop; an order that is cut off by it is asked for by the next run."""

DECISION_HOLDS = timedelta(minutes=2)
"""How old the money and prices of a decision may be when its orders are sent."""


class ScanLog(CycleLog, Books, History, TripLog, ChoiceLog, Protocol):
    """What the ledger keeps of an account's cycles, orders, fills and trips."""


@dataclass(frozen=True, slots=True)
class ScanTools:
    """What scanning an account needs, besides what it decides by.

    Attributes:
        present: tells the account's time.
        wall: tells the machine's, for the times of records.
        venue: where the account trades.
        late_after: how long after its close a candle may be traded.
        repair: brings the ledger up to the venue before anything is decided; without it only orders and fills are.
        company: whom the account has around it; None where that is not known.
        look_after: watches the account once, as `protect_rest` does; without it what has no stop waits for the next
            watch.
        keeping: how the venue keeps the stop of an instrument.
        side_data: where figures besides candles come from; None for nowhere.
    """

    desk: OrderDesk
    log: ScanLog
    feed: Feed
    notifier: Notifier
    present: Callable[[], datetime]
    wall: Callable[[], datetime]
    venue: str
    late_after: timedelta
    externals: Externals = Externals.IGNORE
    repair: Callable[[], Awaitable[object]] | None = None
    company: Company | None = None
    side_data: SideData | None = None
    look_after: Callable[[], Awaitable[object]] | None = None
    keeping: Callable[[str], StopKeeping] = lambda _instrument: StopKeeping.DESK


async def scan_account(cycle: OpenCycle, policy: Policy, tools: ScanTools) -> OpenCycle:
    """Carry a cycle out: what an earlier run decided is not decided again, and nothing is sent twice.

    Raises:
        VenueError: a read failed, or the credentials are not accepted; the cycle is closed as what it came to.
        LeaseLost: another run has taken the account over, and the cycle with it.
        LedgerError: what is done cannot be written down.
    """
    record, orders = cycle.record, tuple[Order, ...]()
    try:
        if not cycle.is_decided and (why := _too_late(cycle, record, tools)):
            return await _close(record, CycleState.SKIPPED_STALE, tools, detail=why)
        await _repair(record, tools)
        if not cycle.is_decided:
            record = await _decide(record, policy, tools)
        orders = await _send(cycle, record, tools)
        if tools.look_after is not None and needs_a_look(record, orders, tools.keeping):
            await tools.look_after()
        return await _finish(record, orders, tools)
    except LeaseLost:
        raise  # the cycle is another run's now, and so is its record
    except Exception as error:
        # With an order that may have been sent the cycle is not "no trade".
        state = CycleState.FAILED if record.decision.intents else CycleState.NO_TRADE
        await _close(record, state, tools, orders=orders, detail=f"{type(error).__name__}: {error}")
        raise


def reason_to_give_up(
    record: CycleRecord, now: datetime, *, late_after: timedelta, superseded_by: datetime | None
) -> str:
    """Return why nothing more may be sent for a cycle's decision; empty where it may.

    Args:
        record: of the cycle.
        now: the account's time.
        late_after: how long after its close a candle may be traded.
        superseded_by: a newer candle that the account has acted on, where there is one.
    """
    lateness = now - record.key.candle_close
    if lateness > late_after:
        return f"the candle closed {lateness} ago"
    if superseded_by is not None:
        return f"the account has acted on the candle of {superseded_by:%Y-%m-%d %H:%M} UTC"
    if record.snapshot is not None and now - record.snapshot.at > DECISION_HOLDS:
        return f"it was decided at {record.snapshot.at:%Y-%m-%d %H:%M:%S} UTC, on prices that are old by now"
    return ""


def needs_a_look(record: CycleRecord, orders: Iterable[Order], keeping: Callable[[str], StopKeeping]) -> bool:
    """Return whether something of an account has no stop, so that it cannot wait for the next watch.

    A closing order has not closed everything, or a position of the decision had no stop where its venue keeps them.

    Args:
        record: of a cycle that was carried out.
        orders: what became of its intents.
        keeping: how the venue keeps the stop of an instrument.
    """
    has_bare = record.snapshot is not None and _has_bare_positions(record.snapshot, keeping)
    return has_bare or leaves_a_rest(record.decision.intents, orders)


def _has_bare_positions(snapshot: Snapshot, keeping: Callable[[str], StopKeeping]) -> bool:
    """What others have is theirs to protect."""
    ours = (one for one in snapshot.positions if not snapshot.external.get(one.instrument))
    return any(
        cover_of(one, one.barriers, snapshot.open_orders, snapshot.instruments[one.instrument]).is_naked
        for one in ours
        # Nothing can be placed for what is not listed any more.
        if one.instrument in snapshot.instruments
        if keeping(one.instrument) is not StopKeeping.DESK
    )


def leaves_a_rest(intents: Iterable[OrderIntent], orders: Iterable[Order]) -> bool:
    """Return whether an order that closes has not closed all that it was about: its stop may have gone before it."""
    closing = {intent.client_order_id for intent in intents if intent.reduce_only}
    return any(order.client_order_id in closing and order.filled_quantity < order.quantity for order in orders)


async def protect_rest(look_after: Callable[[], Awaitable[object]], say: Callable[[str], object]) -> None:
    """Watch an account that has something without a stop: the next watch may be far away.

    The orders of the cycle are sent, and what they came to has to be written down: whatever goes wrong here is only
    said, and waits for the next watch.

    Raises:
        AccessDenied: the venue does not accept the credentials.
        LeaseLost: another run has taken the account over.
        LedgerUnwritable: what is done cannot be written down.
    """
    try:
        async with timeout(_REST_WITHIN):
            await look_after()
    except (AccessDenied, LeaseLost, LedgerUnwritable):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the cycle must be recorded
        say(f"what has no stop waits for the next watch: {type(error).__name__}: {error}")


def _too_late(cycle: OpenCycle, record: CycleRecord, tools: ScanTools) -> str:
    return reason_to_give_up(record, tools.present(), late_after=tools.late_after, superseded_by=cycle.superseded_by)


async def _repair(record: CycleRecord, tools: ScanTools) -> None:
    if tools.repair is not None:
        await tools.repair()
        return
    await repair_books(
        record.key.account,
        record.key.candle_close,
        desk=tools.desk,
        books=tools.log,
        now=tools.present(),
        notifier=tools.notifier,
    )


async def _decide(record: CycleRecord, policy: Policy, tools: ScanTools) -> CycleRecord:
    close = record.key.candle_close
    policy = await enter_universe(
        policy,
        record.key,
        config_version=record.config_version,
        feed=tools.feed,
        log=tools.log,
        at=tools.present(),
        lease=tools.desk.lease,
    )
    markets = (await fetch_markets(tools.feed, policy, close, tools.side_data)).given_up()
    decision = compute_signals(policy, markets.by_instrument, close, Decision(no_trades=markets.no_trades))
    snapshot = with_market_facts(await _look(record, policy, tools), markets.by_instrument)
    width = policy.costs.half_spread_bps
    snapshot = await with_excursions(snapshot, markets.by_instrument, tools.log, half_spread_bps=width)
    decision = risk_check(policy, snapshot, propose_trades(policy, snapshot, decision))
    return await record_decision(record, snapshot, decision, tools.log, now=tools.wall(), lease=tools.desk.lease)


async def _look(record: CycleRecord, policy: Policy, tools: ScanTools) -> Snapshot:
    taken = await take_snapshot(
        record.key.account,
        tools.venue,
        policy.instruments,
        feed=tools.feed,
        trading=tools.desk.trading,
        history=tools.log,
        at=tools.present(),
        externals=tools.externals,
        sync=lambda: _sync(record, tools),
        company=tools.company,
    )
    return await check_breaker(taken, tools.venue, policy.breaker, tools.log, now=tools.wall())


async def _send(cycle: OpenCycle, record: CycleRecord, tools: ScanTools) -> tuple[Order, ...]:
    intents = record.decision.intents
    if why := _too_late(cycle, record, tools):
        return await give_up(intents, tools.desk, why)
    return await place_orders(intents, tools.desk)


async def _finish(record: CycleRecord, orders: tuple[Order, ...], tools: ScanTools) -> OpenCycle:
    money = record.snapshot.money if record.snapshot else None
    if orders or money is None:
        await _sync(record, tools)
        money = await tools.desk.trading.account()
    return await finish(
        record,
        state_of(orders),
        tools.log,
        orders=orders,
        money=money,
        durations={},
        now=tools.wall(),
        lease=tools.desk.lease,
    )


async def _sync(record: CycleRecord, tools: ScanTools) -> int:
    return await sync_fills(
        record.key.account,
        trading=tools.desk.trading,
        books=tools.log,
        now=tools.present(),
        notifier=tools.notifier,
    )


async def _close(
    record: CycleRecord, state: CycleState, tools: ScanTools, *, orders: tuple[Order, ...] = (), detail: str
) -> OpenCycle:
    return await finish(
        record,
        state,
        tools.log,
        orders=orders,
        detail=detail,
        durations={},
        now=tools.wall(),
        lease=tools.desk.lease,
    )
