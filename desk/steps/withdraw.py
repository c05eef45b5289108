"""Takes back what waits to be opened while the ledger cannot be written: nobody could book what it would become.

No ledger is asked: the orders are those that the venue has under an id of the desk. Stops and targets stay, because the
positions that they protect stay.
"""

from desk.errors import DeskError
from desk.execution.plan import is_ours
from desk.model.orders import Order
from desk.ports import Trading


async def withdraw_entries(trading: Trading) -> tuple[str, ...]:
    """Cancel the desk's orders that would open something, and return a line for each; nothing where none waits."""
    try:
        orders = await trading.open_orders()
    except DeskError as error:
        return (f"the orders at the venue could not be read: {error}",)
    return tuple([await _withdraw(order, trading) for order in orders if _opens(order)])


def _opens(order: Order) -> bool:
    return is_ours(order.client_order_id) and not (order.reduce_only or order.state.is_final)


async def _withdraw(order: Order, trading: Trading) -> str:
    name = f"{order.side} {order.quantity} {order.instrument}, order {order.client_order_id}"
    try:
        left = await trading.cancel(order.client_order_id)
    except DeskError as error:
        return f"{name}: could not be cancelled: {error}"
    return f"{name}: {left.state}, {left.filled_quantity} of it filled"
