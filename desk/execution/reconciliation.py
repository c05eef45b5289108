"""Compares what the ledger knows of an account with what its venue says, and names what is to be done about it. Pure.

A part of the venue's report that could not be read leads to nothing: a failure is not an empty answer. Nor is an empty
answer a proof: an order that the venue does not list is asked for by its id before anything is concluded.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from desk.execution.lifecycle import is_legal
from desk.execution.plan import is_ours
from desk.model.books import AccountState, Position
from desk.model.instrument import Side
from desk.model.orders import Order, OrderState

T = TypeVar("T")

GRACE = timedelta(seconds=30)
"""How long an order or a position is left alone after its last change: venues tell of it with a delay."""

MOST_QUESTIONS = 20
"""How many orders are asked for by id in one pass; the others wait for the next."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A part of a report that could not be read; `why` is the venue's error."""

    why: str


@dataclass(frozen=True, slots=True)
class VenueReport:
    """What a venue says of an account, part by part; each was read or failed by itself.

    Attributes:
        positions, open_orders: an empty one means that there are none.
    """

    money: AccountState | Failed
    positions: tuple[Position, ...] | Failed
    open_orders: tuple[Order, ...] | Failed

    @property
    def failures(self) -> tuple[str, ...]:
        """What could not be read, and why."""
        parts = {"money": self.money, "positions": self.positions, "open orders": self.open_orders}
        return tuple(f"{name}: {part.why}" for name, part in parts.items() if isinstance(part, Failed))


@dataclass(frozen=True, slots=True)
class OrderActions:
    """What is to be done about orders.

    Attributes:
        to_record: the venue's word on orders that the ledger has otherwise.
        to_ask: orders that the venue does not list and that are old enough to be asked for, the longest known first.
        external: orders at the venue that the desk did not send.
    """

    to_record: tuple[Order, ...] = ()
    to_ask: tuple[Order, ...] = ()
    external: tuple[Order, ...] = ()


def compare_orders(
    known: Iterable[Order], listed: tuple[Order, ...] | Failed, *, held: Iterable[Position] = (), now: datetime
) -> OrderActions:
    """Compare the orders that the ledger takes for working with those that the venue lists.

    Args:
        known: not final; `at` is the time of the last change. Those whose outcome is not known are asked for elsewhere.
        listed: what works at the venue.
        held: the desk's positions. What can only reduce one of them is its stop or target, whatever its name: venues
            give names of their own to what came attached to an entry.
        now: the time of the look.
    """
    if isinstance(listed, Failed):
        return OrderActions()
    ours = {order.client_order_id: order for order in known}
    names = {order.client_order_id for order in listed}
    guarded = {(position.instrument, position.side.opposite) for position in held}
    told = (order for order in listed if _says_more(ours.get(order.client_order_id), order))
    missing = (order for name, order in ours.items() if name not in names and _is_missed(order, now))
    return OrderActions(
        to_record=tuple(told),
        to_ask=tuple(sorted(missing, key=lambda order: (order.at, order.client_order_id))[:MOST_QUESTIONS]),
        external=tuple(order for order in listed if _is_external(order, ours, guarded)),
    )


def is_settled(changed_at: datetime, now: datetime) -> bool:
    """Return whether the last change is old enough for the venue to tell of it in every answer."""
    return now - changed_at >= GRACE


def settle(known: OrderState, told: OrderState | None) -> OrderState | None:
    """Return the state that follows from asking for one order by its id.

    An order that the venue had and has no more was not refused: it may have been filled, and its fills may come late.
    So it is CANCELLED, from where FILLED is legal, and never REJECTED.

    Args:
        known: what the ledger has.
        told: what the venue has; None where it definitely has no such order.

    Returns:
        The new state, or None where the ledger stays as it is: venues forget orders that have ended.
    """
    if told is None:
        return None if known.is_final else OrderState.CANCELLED
    return told if told is not known and is_legal(known, told) else None


def _is_missed(order: Order, now: datetime) -> bool:
    return order.state in (OrderState.ACKED, OrderState.PARTIAL) and is_settled(order.at, now)


def _says_more(known: Order | None, told: Order) -> bool:
    if known is None:
        return False
    return settle(known.state, told.state) is not None or told.filled_quantity > known.filled_quantity


def _is_external(order: Order, known: Mapping[str, Order], guarded: Collection[tuple[str, Side]]) -> bool:
    """Whether somebody else sent it; stops and targets of our entries are ours by what they do or by their names."""
    if order.client_order_id in known:
        return False
    guards = (order.instrument, order.side) in guarded or is_ours(order.client_order_id)
    return not (order.reduce_only and guards)
