"""Sends each order once: written down before it is sent, asked for when its outcome is not known.

The order of writes is the promise: PLANNED is committed, then SENDING under the account's lease, then the order is
sent, then its outcome is committed. Whatever dies between two of these steps, the next run reads the state, asks the
venue by client order id where the order may have left, and goes on. Calls go through ports only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from desk.errors import AccessDenied, NotSent, OrderRefused, RateLimited, VenueError
from desk.execution.events import Absent, Cancelled, Change, Lost, Rejected, Sending, fold
from desk.model.orders import Order, OrderIntent, OrderState
from desk.ports import Lease, OrderLog, Trading

_NEVER_ARRIVED = "the venue never received it"
_SENDINGS = 3
"""How often an order is sent that closes a position without a stop and definitely did not leave."""


@dataclass(frozen=True, slots=True)
class OrderDesk:
    """What placing needs: a venue to trade at, a log to write to, and the right to do so."""

    trading: Trading
    log: OrderLog
    lease: Lease


async def place_orders(intents: Sequence[OrderIntent], desk: OrderDesk) -> tuple[Order, ...]:
    """Send what has not been sent, one after the other, and return every order as it is now.

    Called again with the same intents it sends nothing twice: an order with an outcome is returned as it is, one
    without is asked for, and only one that definitely never arrived is sent again, under the same id.

    Raises:
        LeaseLost: another run has taken the account over; nothing more was sent.
        AccessDenied: the venue does not accept the credentials.
        LedgerError: the log could not be written; nothing more was sent.
    """
    stored = await desk.log.store_intents(intents, lease=desk.lease)
    return tuple([await _place(intent, stored[intent.client_order_id], desk) for intent in intents])


async def give_up(intents: Sequence[OrderIntent], desk: OrderDesk, why: str) -> tuple[Order, ...]:
    """Cancel what has not been sent, ask for what may have been, and return every order as it is now."""
    stored = await desk.log.store_intents(intents, lease=desk.lease)
    return tuple([await _give_up(stored[intent.client_order_id], desk, why) for intent in intents])


async def resolve_orders(orders: Iterable[Order], desk: OrderDesk) -> tuple[Order, ...]:
    """Settle orders of earlier cycles whose outcome is not known; one that never arrived is given up."""
    return tuple([await _ask(order, desk, if_absent=Cancelled(_NEVER_ARRIVED)) for order in orders])


async def resolve_current(orders: Iterable[Order], desk: OrderDesk) -> tuple[Order, ...]:
    """Settle orders whose cycle is not over, for another run than theirs.

    Of those that never arrived, an entry may still be sent by its own run; one that closes is given up, so that its
    position can be looked after now.
    """
    never = {True: Cancelled(_NEVER_ARRIVED), False: Absent(_NEVER_ARRIVED)}
    return tuple([await _ask(order, desk, if_absent=never[order.reduce_only]) for order in orders])


async def abandon_orders(orders: Iterable[Order], desk: OrderDesk, why: str) -> tuple[Order, ...]:
    """Cancel orders of earlier cycles that were never sent."""
    return tuple([await _conclude(order, desk, Cancelled(why)) for order in orders])


async def _place(intent: OrderIntent, order: Order, desk: OrderDesk) -> Order:
    if order.state.is_unresolved:
        order = await _ask(order, desk, if_absent=Absent(_NEVER_ARRIVED))
    if order.state is not OrderState.PLANNED:
        return await _adopt(order, desk)
    return await _begin(intent, order, desk)


async def _give_up(order: Order, desk: OrderDesk, why: str) -> Order:
    if order.state.is_unresolved:
        return await _ask(order, desk, if_absent=Cancelled(_NEVER_ARRIVED))
    if order.state is OrderState.PLANNED:
        return await _conclude(order, desk, Cancelled(why))
    return await _adopt(order, desk)


async def _adopt(order: Order, desk: OrderDesk) -> Order:
    """Ask for an order that is known by its fills alone: its run died before the venue's word on it was recorded."""
    if order.venue_order_id or not order.filled_quantity:
        return order
    try:
        found = await desk.trading.find_order(order.client_order_id)
    except VenueError:
        return order  # it is filled, and only its name at the venue is missing
    if found is None:
        return order
    await desk.log.record_order(desk.lease.account, found)
    return found


async def _send(intent: OrderIntent, order: Order, desk: OrderDesk, *, sendings: int) -> Order:
    try:
        sent = await desk.trading.submit(intent)
    except NotSent as error:
        # A position that has no stop any more is worth more tries than a price that will not wait. An entry that a halt
        # has kept back is refused when it begins again, in the words of who ordered the halt.
        if sendings <= 1:
            return await _record(order, desk, Rejected(str(error)))
        absent = await _conclude(order, desk, Absent(str(error)))
        return await _begin(intent, absent, desk, sendings=sendings - 1)
    except (OrderRefused, RateLimited) as error:
        # Too many calls, by the venue's count or by ours: the order was not taken, and its price will not wait.
        return await _record(order, desk, Rejected(str(error)))
    except AccessDenied as error:
        await _record(order, desk, Rejected(str(error)))
        raise
    except Exception as error:
        # A time-out, a broken reply, even a bug of ours in reading it: the order may be at the venue.
        unknown = await _record(order, desk, Lost(f"{type(error).__name__}: {error}"))
        if not isinstance(error, VenueError):
            raise
        return await _ask(unknown, desk, if_absent=Cancelled(_NEVER_ARRIVED))
    await desk.log.record_order(intent.account, sent)
    return sent


async def _begin(intent: OrderIntent, order: Order, desk: OrderDesk, *, sendings: int = _SENDINGS) -> Order:
    if await desk.log.start_sending(intent.client_order_id, desk.lease):
        return await _send(intent, fold(order, Sending()), desk, sendings=sendings)
    # A halt refused it, or somebody else got there first: the log knows.
    return (await desk.log.store_intents([intent], lease=desk.lease))[intent.client_order_id]


async def _ask(order: Order, desk: OrderDesk, *, if_absent: Change) -> Order:
    """Ask the venue for an order that may have reached it; without a definite answer it stays unknown."""
    try:
        found = await desk.trading.find_order(order.client_order_id)
    except VenueError as error:
        return await _record(order, desk, Lost(f"asked, no answer: {error}"))
    if found is None:
        return await _conclude(order, desk, if_absent)
    await desk.log.record_order(desk.lease.account, found)
    return found


async def _record(order: Order, desk: OrderDesk, change: Change) -> Order:
    changed = fold(order, change)
    await desk.log.record_outcome(order.client_order_id, changed.state, detail=changed.reason)
    return changed


async def _conclude(order: Order, desk: OrderDesk, change: Change) -> Order:
    """Record what follows from the order not being at the venue, unless another run has the account now."""
    changed = fold(order, change)
    await desk.log.record_outcome(order.client_order_id, changed.state, detail=changed.reason, lease=desk.lease)
    return changed
