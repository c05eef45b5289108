"""Watches an account: books what was filled, and keeps every position protected until a look finds nothing to do.

The caller holds the account's lease. Every order is planned in the ledger before it is sent, so that whoever dies in
the middle is continued by the next pass; a stop that hangs on a position is set again without harm.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from desk.errors import AccessDenied, DataError, VenueError, VenueUnavailable
from desk.execution.guarding import naked, watch
from desk.execution.placing import OrderDesk, abandon_orders, place_orders, resolve_current, resolve_orders
from desk.execution.stops import Decided
from desk.execution.watching import Action, Cancel, Look, Place, SetStop, Tell, WatchPolicy
from desk.model.books import AccountState, Position, Quote
from desk.model.excursions import Excursion
from desk.model.messages import MessageKind
from desk.model.orders import Order, OrderState
from desk.model.timeframe import Timeframe
from desk.ports import Feed, Message, Notifier
from desk.steps.excursions import excursions_in_quotes
from desk.steps.repair import Books, repair_books, sync_fills
from desk.steps.report import describe_order

PAUSES = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0)
"""Seconds before each further look: longer in all than a stop may be refused before its position is closed."""

_NOT_EVERYTHING = "the watch could not do everything"
_THEN = ": "


class WatchLog(Books, Protocol):
    """What the ledger knows of an account, besides what it knows of every order."""

    async def decided_positions(self, account: str) -> tuple[Decided, ...]:
        """Return what the account holds by its fills, with the orders that the watch has planned for it."""
        ...

    async def unsettled_watch_orders(self, account: str) -> tuple[Order, ...]:
        """Return the orders of the watch that were not sent, or whose outcome is not known."""
        ...

    async def recall_order(self, client_order_id: str) -> object | None:
        """Return something where the ledger has an order of this id, None where it is not the desk's."""
        ...

    async def record_equity(
        self, account: str, at: datetime, equity: Decimal, cash: Decimal, *, seen: Sequence[Excursion] = ()
    ) -> None:
        """Commit the account's money at a time, and what was seen of the ways of its trades."""
        ...


async def no_stops_to_set(instrument: str, price: Decimal) -> None:
    """Stand in where the stops of a venue are orders, or where it has none."""
    raise LookupError(f"{instrument}: a stop at {price} is to be set at a venue where none hangs on a position")


@dataclass(frozen=True, slots=True)
class WatchTools:
    """What watching an account needs.

    Attributes:
        present: tells the account's time.
        timeframe, lookback: of the candles in which the best price since an entry is looked for.
        half_spread_bps: put around quotes of one price, where the way of a trade is noted.
        set_stop: gives all of a position a stop, where the venue lets one hang on it; saying it twice does no harm.
        sleep: waits for so many seconds.
        pauses: seconds before each further look.
    """

    desk: OrderDesk
    log: WatchLog
    feed: Feed
    present: Callable[[], datetime]
    notifier: Notifier
    timeframe: Timeframe = Timeframe.M5
    lookback: int = 300
    half_spread_bps: Decimal = Decimal(0)
    set_stop: Callable[[str, Decimal], Awaitable[None]] = no_stops_to_set
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    pauses: tuple[float, ...] = PAUSES


@dataclass(frozen=True, slots=True)
class Watched:
    """What a pass has done.

    Attributes:
        done: a line for each thing.
        left: what it could not do, and why, a line each.
        held: how many positions there are.
        money: the account's at the end.
    """

    done: tuple[str, ...]
    left: tuple[str, ...]
    held: int
    money: AccountState


@dataclass(slots=True)
class _Pass:
    """What accumulates while an account is looked at again and again."""

    naked_since: dict[str, datetime] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    unknown: frozenset[str] = frozenset()
    messages: list[Message] = field(default_factory=list)


async def watch_account(policy: WatchPolicy, candle_close: datetime, tools: WatchTools) -> Watched:
    """Bring the ledger up to the venue, and do what has to be done until nothing has, or patience is over.

    Args:
        policy: of the account.
        candle_close: the newest candle that the account may act on; its own entries are left to its scan, which may
            still send them.
        tools: ports of the account, whose lease is held.

    Raises:
        VenueError: a read failed; nothing is concluded from that.
        LedgerError: what is done cannot be written down; nothing more was sent.
    """
    account, kept = policy.account, _Pass()
    now, notifier = tools.present(), tools.notifier
    await _settle(account, tools)
    await _settle_current(account, candle_close, tools)
    await repair_books(account, candle_close, desk=tools.desk, books=tools.log, now=now, notifier=notifier)
    try:
        look = await _until_quiet(policy, tools, kept)
    finally:  # what was done is told, also where a later look failed
        for message in kept.messages:
            await notifier.send(message)
    money = await tools.desk.trading.account()
    seen = excursions_in_quotes(look, candle_close, half_spread_bps=tools.half_spread_bps)
    await tools.log.record_equity(account, tools.present(), money.equity, money.cash, seen=seen)
    return Watched(tuple(kept.done), tuple(kept.left), len(look.positions), money)


async def _until_quiet(policy: WatchPolicy, tools: WatchTools, kept: _Pass) -> Look:
    look = await _look(policy, tools, kept)
    for pause in (*tools.pauses, None):
        actions = watch(look, policy)
        if pause is None or all(isinstance(action, Tell) for action in actions):
            _tell(policy, actions, kept)
            break
        kept.left = [line for action in actions for line in await _carry_out(action, tools, kept)]
        await tools.sleep(pause)
        await _settle(policy.account, tools)
        await sync_fills(
            policy.account,
            trading=tools.desk.trading,
            books=tools.log,
            now=tools.present(),
            notifier=tools.notifier,
        )
        look = await _look(policy, tools, kept)
    return look


async def _look(policy: WatchPolicy, tools: WatchTools, kept: _Pass) -> Look:
    """Read what there is now; the ledger is up to what the venue knew a moment ago."""
    account, desk, log, now = policy.account, tools.desk, tools.log, tools.present()
    # One after the other: an order whose position is gone by the second read has no use.
    orders = await desk.trading.open_orders()
    positions = await desk.trading.positions()
    decided = {one.instrument: one for one in await log.decided_positions(account)}
    instruments = await tools.feed.instruments()
    # A venue may refuse a whole call for one instrument that it does not list any more.
    quotes = await _quotes(tools.feed, [one.instrument for one in positions if one.instrument in instruments], now)
    kept.unknown = frozenset(position.instrument for position in positions if position.instrument not in instruments)
    look = Look(
        at=tools.present(),
        positions=tuple(position for position in positions if position.instrument in instruments),
        orders=orders,
        decided=decided,
        quotes=quotes,
        instruments=instruments,
        best=await _best_prices(positions, decided, quotes, policy, tools),
        busy=frozenset(order.instrument for order in await log.unresolved_orders(account)),
    )
    return _noting_naked(look, kept)


def _noting_naked(look: Look, kept: _Pass) -> Look:
    kept.naked_since = {name: kept.naked_since.get(name, look.at) for name in naked(look)}
    return replace(look, naked_since=kept.naked_since)


async def _settle(account: str, tools: WatchTools) -> None:
    """Ask for the watch's own orders without an outcome, whatever their candle, and give up what was never sent."""
    ours = await tools.log.unsettled_watch_orders(account)
    await resolve_orders([order for order in ours if order.state.is_unresolved], tools.desk)
    planned = [order for order in ours if order.state is OrderState.PLANNED]
    await abandon_orders(planned, tools.desk, "its run ended before it was sent, and the watch looks anew")


async def _settle_current(account: str, candle_close: datetime, tools: WatchTools) -> None:
    """Ask for this candle's orders without an outcome: who has the lease asks, and their positions cannot wait."""
    early = await tools.log.unresolved_orders(account, before=candle_close)
    every = await tools.log.unresolved_orders(account)
    await resolve_current([order for order in every if order not in early], tools.desk)


async def _quotes(feed: Feed, instruments: list[str], at: datetime) -> Mapping[str, Quote]:
    """The prices of what is held; without any, stops are placed all the same, and nothing is closed."""
    try:
        return await feed.quotes(instruments, at=at) if instruments else {}
    except (VenueUnavailable, DataError):
        return {}


async def _best_prices(
    positions: Iterable[Position],
    decided: Mapping[str, Decided],
    quotes: Mapping[str, Quote],
    policy: WatchPolicy,
    tools: WatchTools,
) -> dict[str, Decimal]:
    wanted = [one for one in positions if one.instrument in quotes and _needs_best(decided.get(one.instrument), policy)]
    found = [
        await _best_price(position, decided[position.instrument], quotes[position.instrument], tools)
        for position in wanted
    ]
    return {one.instrument: best for one, best in zip(wanted, found, strict=True) if best is not None}


def _needs_best(decided: Decided | None, policy: WatchPolicy) -> bool:
    if decided is None:
        return False
    return decided.barriers.trailing_distance is not None or policy.break_even_at is not None


async def _best_price(position: Position, decided: Decided, quote: Quote, tools: WatchTools) -> Decimal | None:
    """The best price that the candles since the entry have seen, less what it costs to meet the market now."""
    now = tools.present()
    try:
        candles = await tools.feed.candles(position.instrument, tools.timeframe, until=now, count=tools.lookback)
    except (VenueUnavailable, DataError):
        return None  # the stop stays where it is until there are candles again
    since = candles.time >= decided.opened_at.timestamp()
    if not since.any():
        return None
    sign, half_spread = position.side.sign, quote.mid - quote.bid
    extreme = candles.high[since].max() if sign > 0 else candles.low[since].min()
    return Decimal(repr(float(extreme))) - sign * half_spread


async def _carry_out(action: Action, tools: WatchTools, kept: _Pass) -> list[str]:
    """Do one thing, and return what went wrong; one that fails does not keep the others from being done."""
    try:
        match action:
            case Place():
                return await _place(action, tools, kept)
            case SetStop(instrument, price, why):
                await tools.set_stop(instrument, price)
                kept.done.append(f"{instrument}: stop at {price}, {why}")
            case Cancel(order, why):
                await _cancel(order, tools)
                kept.done.append(f"{order.instrument}: cancelled {order.client_order_id}, {why}")
            case Tell():
                pass  # it is told at the end, where no look has found it mended
    except AccessDenied:
        raise  # the others would be denied as well, and the account is halted for it
    except VenueError as error:
        return [_undone(action, str(error))]
    return []


async def _place(action: Place, tools: WatchTools, kept: _Pass) -> list[str]:
    """Send an order once; what is refused is told at the end, if a later look has not mended it."""
    (order,) = await place_orders([action.intent], tools.desk)
    told = f"{describe_order(order)}: {action.why}"
    if order.state.is_final and not order.filled_quantity:
        return [_undone(action, told)]
    line = f"{order.type} order, {told}"
    kept.done.append(line)
    if action.is_loud:
        account = action.intent.account
        kept.messages.append(
            Message(f"{account}: the watch trades {order.instrument}", line, "warning", MessageKind.WATCH)
        )
    return []


async def _cancel(order: Order, tools: WatchTools) -> None:
    cancelled = await tools.desk.trading.cancel(order.client_order_id)
    if await tools.log.recall_order(order.client_order_id) is not None:
        await tools.desk.log.record_order(tools.desk.lease.account, cancelled)


def _tell(policy: WatchPolicy, actions: Iterable[Action], kept: _Pass) -> None:
    """Tell of what is left; what went wrong on the way and was mended by a later look is not."""
    undone = tuple(actions)
    is_over = all(isinstance(action, Tell) for action in undone)
    kept.left = [
        *([] if is_over else kept.left),
        *(_undone(action, action.why) for action in undone),
        *(f"{name}: held, and the feed does not know the instrument" for name in sorted(kept.unknown)),
    ]
    if kept.left:
        body = "\n".join((*kept.left, "The watch looks again at its next run; look at the venue yourself."))
        kept.messages.append(Message(f"{policy.account}: {_NOT_EVERYTHING}", body, "error"))


def alike(message: Message) -> Message:
    """Return the same for messages that leave the same undone, whatever attempts, figures and words of the venue."""
    if not message.title.endswith(_NOT_EVERYTHING):
        return message
    things = {line.partition(_THEN)[0] for line in message.body.splitlines()}
    return replace(message, body="\n".join(sorted(things)))


def _undone(action: Action, told: str) -> str:
    """One line: what it is about, the same at every attempt, and then all that changes."""
    match action:
        case Place(intent):
            thing, told = f"{intent.instrument}, {intent.type} order", f"{intent.client_order_id}, {told}"
        case Cancel(order):
            thing, told = f"{order.instrument}, cancel", f"{order.client_order_id}, {told}"
        case SetStop(instrument) | Tell(instrument):
            thing = instrument
    return f"{thing}{_THEN}{' '.join(told.split())}"
