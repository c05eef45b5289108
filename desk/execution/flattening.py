"""What is next on the way to an account without positions and orders; decided from a fresh look, again and again.

An order that protects a position stays at the venue until the position is gone, because closing it may fail; it is
taken away first only where a closing order was refused while it was there: on a spot market it holds the coins.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from desk.execution.plan import client_order_id
from desk.model.books import Position
from desk.model.orders import Order, OrderIntent, OrderState, OrderType

FLATTEN = "flatten"
"""The strategy of the orders that close."""


@dataclass(frozen=True, slots=True)
class Flattening:
    """An order to close what an account has.

    Attributes:
        begun_at: names it beside the account; its closing orders carry it where others carry their candle.
        instruments: what is to be closed; empty for everything.
    """

    account: str
    begun_at: datetime
    instruments: frozenset[str] = frozenset()

    def concerns(self, instrument: str) -> bool:
        """Return whether the instrument is to be closed."""
        return not self.instruments or instrument in self.instruments


@dataclass(frozen=True, slots=True)
class Look:
    """What venue and ledger say now, of the instruments that are to be closed.

    Attributes:
        orders: that are working at the venue.
        unresolved: orders whose outcome is not known though the venue was asked.
        closings: the orders of this flattening so far, as the ledger has them.
        shut: instruments whose market does not trade now.
    """

    orders: tuple[Order, ...] = ()
    positions: tuple[Position, ...] = ()
    unresolved: tuple[Order, ...] = ()
    closings: tuple[Order, ...] = ()
    shut: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Steps:
    """What to do before the next look: first cancel, then close."""

    cancels: tuple[Order, ...]
    closings: tuple[OrderIntent, ...]


def next_steps(flattening: Flattening, look: Look) -> Steps:
    """Return what brings the account nearer to flat; nothing where all that is left has to be waited for."""
    held = {position.instrument for position in look.positions}
    refused = {order.instrument for order in look.closings if order.state is OrderState.REJECTED}
    kept = held - (refused - look.shut)
    cancels = tuple(order for order in look.orders if not (order.reduce_only and _protects(order, look, kept)))
    return Steps(cancels, tuple(_closing(flattening, position, look) for position in _closable(look)))


def what_is_left(look: Look) -> tuple[str, ...]:
    """Return in words what is not closed yet, and why where it is known."""
    return (
        *(_position(position, look) for position in look.positions),
        *(f"{_name(order)}: its outcome is not known" for order in look.unresolved),
        *(f"{_name(order)}: it is still working" for order in look.orders),
    )


def _protects(order: Order, look: Look, kept: set[str]) -> bool:
    """Whether an order that reduces has something to reduce; one of ours that did not fill at once has not."""
    return order.instrument in kept and order.client_order_id not in {ours.client_order_id for ours in look.closings}


def _closable(look: Look) -> tuple[Position, ...]:
    """Positions of markets that trade, where no order of ours may still be filled."""
    ours = {order.client_order_id for order in look.closings}
    waiting = {order.instrument for order in look.unresolved}
    waiting |= {order.instrument for order in look.orders if order.client_order_id in ours}
    return tuple(one for one in look.positions if one.instrument not in look.shut | waiting)


def _closing(flattening: Flattening, position: Position, look: Look) -> OrderIntent:
    attempts = Counter(order.instrument for order in look.closings)
    leg = f"attempt {attempts[position.instrument] + 1}"
    name = client_order_id(flattening.account, FLATTEN, position.instrument, flattening.begun_at, leg)
    return OrderIntent(
        client_order_id=name,
        account=flattening.account,
        strategy=FLATTEN,
        instrument=position.instrument,
        candle_close=flattening.begun_at,
        side=position.side.opposite,
        type=OrderType.MARKET,
        quantity=abs(position.quantity),
        reduce_only=True,
    )


def _position(position: Position, look: Look) -> str:
    text = f"position {position.quantity} {position.instrument}"
    if position.instrument in look.shut:
        return f"{text}: its market is closed"
    closings = [order for order in look.closings if order.instrument == position.instrument]
    if not closings:
        return f"{text}: not closed yet"
    last = closings[-1]
    return f"{text}: order {len(closings)} to close it is {last.state}{f' ({last.reason})' if last.reason else ''}"


def _name(order: Order) -> str:
    name = order.client_order_id or order.venue_order_id
    return f"order {name}, {order.side} {order.quantity} {order.instrument}"
