"""The steps in the life of an order at the matching engine."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from desk.model.orders import Fill, Order, OrderIntent, OrderState

CUT_TO_POSITION = "cut to the position"


def new_order(intent: OrderIntent, number: int, at: datetime) -> Order:
    """Return the accepted order, nothing of it filled yet."""
    return Order(
        client_order_id=intent.client_order_id,
        venue_order_id=f"P{number}",
        instrument=intent.instrument,
        side=intent.side,
        type=intent.type,
        quantity=intent.quantity,
        filled_quantity=Decimal(0),
        state=OrderState.ACKED,
        at=at,
        price=intent.price,
        reduce_only=intent.reduce_only,
    )


def with_fill(order: Order, fill: Fill) -> Order:
    """Return the order with one more fill."""
    filled = order.filled_quantity + fill.quantity
    assert filled <= order.quantity, f"{order.client_order_id}: filled {filled} of {order.quantity}"
    state = OrderState.FILLED if filled == order.quantity else OrderState.PARTIAL
    return replace(order, filled_quantity=filled, state=state, at=fill.at, fills=(*order.fills, fill))


def ended(order: Order, state: OrderState, reason: str, at: datetime) -> Order:
    """Return the order in a final state, and why."""
    return replace(order, state=state, reason=reason, at=at)
