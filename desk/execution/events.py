"""What can become known of an order, and the order that follows: the life of an order as a fold over events.

Pure, and the same for whoever tells: a reply, a stream, a look into the history. What was said before changes nothing
when it is said again. Which change is legal says `desk.execution.lifecycle`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import reduce
from typing import ClassVar

from desk.execution.lifecycle import check_transition, state_for_filled
from desk.model.orders import Fill, Order, OrderState


@dataclass(frozen=True, slots=True)
class Change:
    """An event that says nothing of what was executed.

    Attributes:
        reason: whose words or what conclusion made it so.
    """

    state: ClassVar[OrderState]
    reason: str = ""


class Sending(Change):
    """It is about to leave; from here on it may be at the venue."""

    state = OrderState.SENDING


class Lost(Change):
    """It left, or may have left, and there was no answer that could be understood."""

    state = OrderState.UNKNOWN


class Absent(Change):
    """The venue definitely never had it, and it may be sent again under the same id."""

    state = OrderState.PLANNED


class Rejected(Change):
    """The venue said no."""

    state = OrderState.REJECTED


class Cancelled(Change):
    """What was left of it was taken back, by us, by hand or by the venue; or it was given up before it was sent."""

    state = OrderState.CANCELLED


class Expired(Change):
    """Its time ran out at the venue."""

    state = OrderState.EXPIRED


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The venue has it, under a name of its own."""

    venue_order_id: str


@dataclass(frozen=True, slots=True)
class Executed:
    """A part of it was filled; a fill is told once per venue trade id and counts once."""

    fill: Fill


Event = Change | Acknowledged | Executed


def fold(order: Order, event: Event) -> Order:
    """Return the order as it is after an event.

    More may be executed than was asked; the order is FILLED then, and who keeps the books halts the account.

    Raises:
        IllegalTransition: no order makes such a change; ask the venue what is true.
    """
    match event:
        case Executed(fill):
            return _execute(order, fill)
        case Acknowledged(venue_order_id):
            return _acknowledge(order, venue_order_id)
        case Change():
            check_transition(order.client_order_id, order.state, event.state)
            return replace(order, state=event.state, reason=event.reason)


def fold_all(order: Order, events: Iterable[Event]) -> Order:
    """Return the order as it is after events, oldest first."""
    return reduce(fold, events, order)


def _execute(order: Order, fill: Fill) -> Order:
    """What the venue said of the whole order may be ahead of the fills that it has told of so far."""
    if any(known.venue_trade_id == fill.venue_trade_id for known in order.fills):
        return order
    fills = tuple(sorted((*order.fills, fill), key=_age))
    filled = sum((each.quantity for each in fills), Decimal(0))
    if filled <= order.filled_quantity:
        return replace(order, fills=fills)
    state = state_for_filled(order.state, is_complete=filled >= order.quantity)
    check_transition(order.client_order_id, order.state, state)
    return replace(order, state=state, filled_quantity=filled, fills=fills)


def _acknowledge(order: Order, venue_order_id: str) -> Order:
    """An acknowledgement that its fills have overtaken brings the name and nothing else."""
    state = order.state if order.filled_quantity else OrderState.ACKED
    check_transition(order.client_order_id, order.state, state)
    return replace(order, state=state, venue_order_id=venue_order_id)


def _age(fill: Fill) -> tuple[datetime, int, str]:
    """Sort fills by time and, within one instant, by trade id, counting T9 before T10."""
    return fill.at, len(fill.venue_trade_id), fill.venue_trade_id
