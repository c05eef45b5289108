"""Brings the ledger of an account and its venue to one mind, and tells people what they must look at.

The same for a start, a restart and a schedule. A second run finds nothing to do: what was made good is equal, and what
is listed is listed already.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from desk.errors import VenueError
from desk.execution.adjusting import Difference, adjust, compare_positions, tolerances_of
from desk.execution.placing import OrderDesk
from desk.execution.reconciliation import Failed, OrderActions, VenueReport, compare_orders, is_settled, settle
from desk.model.externals import ExternalKind, Externals
from desk.model.orders import Fill, Order
from desk.ports import Notifier, Trading
from desk.steps.cash import compare_cash
from desk.steps.externals import flatten, list_externals, note, seen
from desk.steps.reconciling import Accounting, Reconciliation, Terms, Work, messages_of
from desk.steps.repair import repair_books

T = TypeVar("T")

_MOVING = timedelta(minutes=30)
"""How long a difference that is another one at each look is taken for something under way."""

_MOMENT = timedelta(microseconds=1)


async def reconcile(terms: Terms, *, desk: OrderDesk, books: Accounting, notifier: Notifier) -> Reconciliation:
    """Compare orders, fills, positions and money of an account with its venue's, and do what follows.

    Raises:
        VenueError: unresolved orders or fills could not be read; nothing is concluded from that.
        LeaseLost: another run has taken the account over.
    """
    work = Work(terms, desk, books, notifier)
    repairs = await repair_books(
        terms.account, terms.candle_close, desk=desk, books=books, now=terms.now, notifier=notifier
    )
    report = await ask_venue(desk.trading)
    actions, settled = await _settle_orders(work, report)
    adjusted, waiting, apart = await _compare_positions(work, report)
    closed = await flatten(work, actions, report, (*waiting, *apart))
    cash = await compare_cash(work, report, differs=bool(adjusted or waiting or apart or closed))
    found = await list_externals(work, report, actions, apart)
    fresh = await note(work, report, found)
    done = Reconciliation(
        terms.account,
        repairs,
        settled,
        adjusted,
        waiting,
        found,
        fresh,
        closed,
        report.failures,
        tuple(work.failures),
        cash,
    )
    for message in messages_of(done):
        await notifier.send(message)
    return done


async def ask_venue(trading: Trading) -> VenueReport:
    """Return what a venue says of an account; what it does not answer is a failure of that part alone."""
    money, positions, orders = await asyncio.gather(
        _part(trading.account()), _part(trading.positions()), _part(trading.open_orders())
    )
    return VenueReport(money, positions, orders)


async def _part(question: Awaitable[T]) -> T | Failed:
    try:
        return await question
    except VenueError as error:
        return Failed(str(error))


async def _settle_orders(work: Work, report: VenueReport) -> tuple[OrderActions, tuple[Order, ...]]:
    account = work.terms.account
    known = (
        *await work.books.open_orders(account),
        *await work.books.unresolved_orders(account),
        *await work.books.planned_orders(account),
    )
    held = await work.books.positions(account)
    actions = compare_orders(known, report.open_orders, held=held, now=work.terms.now)
    for order in actions.to_record:
        await work.desk.log.record_order(account, order)
    asked = [await _ask(work, order) for order in actions.to_ask]
    settled = (*actions.to_record, *(order for order in asked if order is not None))
    if settled:
        await work.sync()
    return actions, settled


async def _ask(work: Work, known: Order) -> Order | None:
    """Ask for one order by its id, and return it where it is not what the ledger has."""
    try:
        found = await work.desk.trading.find_order(known.client_order_id)
    except VenueError as error:
        work.failures.append(f"order {known.client_order_id}: {error}")
        return None
    after = settle(known.state, found.state if found else None)
    if found is None and after is not None:
        why = "the venue does not know it any more"
        await work.desk.log.record_outcome(known.client_order_id, after, detail=why, lease=work.desk.lease)
        return replace(known, state=after, reason=why)
    if found is None or (after is None and found.filled_quantity <= known.filled_quantity):
        return None
    await work.desk.log.record_order(work.terms.account, found)
    return found


Compared = tuple[tuple[Difference, ...], tuple[Difference, ...], tuple[Difference, ...]]
"""Positions that were adjusted, that are too young to be judged, and that are left as they are."""


async def _compare_positions(work: Work, report: VenueReport) -> Compared:
    if isinstance(report.positions, Failed):
        return (), (), ()
    found = await _differences(work, report)
    if found:
        # A fill may have come between the look at the fills and the look at the positions.
        await work.sync()
        found = await _differences(work, report)
    waiting = await _waiting(work, found)
    adjusted, apart = await _settle_positions(work, [one for one in found if one not in waiting], report)
    left = [kept for one in (*waiting, *apart) for kept in seen(one)]
    await work.books.note_externals(work.terms.account, ExternalKind.DIFFERENCE, left, work.terms.now)
    return adjusted, waiting, apart


async def _waiting(work: Work, found: Sequence[Difference]) -> tuple[Difference, ...]:
    """Return the differences that time may still explain: one side is told of a trade later than the other.

    The position may be late, so nothing is judged just after a fill. The fill may be late as well: what the desk itself
    has traded must differ in the same way as at an earlier look, or for so long that it is no fill under way.
    """
    if not found:
        return ()
    account, now, names = work.terms.account, work.terms.now, [one.instrument for one in found]
    unresolved = {order.instrument for order in await work.books.unresolved_orders(account)}
    newest = await work.books.newest_fills(account, names)
    traded = await work.books.traded_instruments(account, names)
    since = await work.books.differences_seen(account)

    def waits(one: Difference) -> bool:
        name = one.instrument
        position_may_be_late = name in newest and not is_settled(newest[name].at, now)
        is_new = not is_settled(since.get(str(one), now), now) and now - since.get(name, now) < _MOVING
        return name in unresolved or position_may_be_late or (name in traded and is_new)

    return tuple(one for one in found if waits(one))


async def _settle_positions(
    work: Work, old: Sequence[Difference], report: VenueReport
) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """Return which differences were adjusted, and which are left as they are."""
    if work.terms.externals is Externals.IGNORE:
        return (), tuple(old)
    newest = await work.books.newest_fills(work.terms.account, [one.instrument for one in old])
    adjusted = tuple([one for one in old if await _adjust(work, one, newest.get(one.instrument), report)])
    return adjusted, tuple(one for one in old if one not in adjusted)


async def _differences(work: Work, report: VenueReport) -> tuple[Difference, ...]:
    ours = await work.books.positions(work.terms.account)
    return compare_positions(ours, report.positions, tolerances=tolerances_of(work.terms.instruments))


async def _adjust(work: Work, difference: Difference, newest: Fill | None, report: VenueReport) -> bool:
    money, now = report.money, work.terms.now
    if isinstance(money, Failed):
        return False  # it could not be read, and without rates nothing can be booked
    named = replace(difference, after=newest.venue_trade_id if newest else "")
    at = now if newest is None else max(now, newest.at + _MOMENT)
    return await work.books.book_adjustment(
        named,
        adjust(work.terms.account, named, at=at),
        why=f"externals: {work.terms.externals}",
        conversion={**money.conversion, money.currency: Decimal(1)},
        lease=work.desk.lease,
        now=now,
    )
