"""Placing orders: no retries here, because an order whose outcome is not known must be asked for, never sent again."""

from blocks.account import OpenAccount
from desk.execution import placing
from desk.model.cycle import CycleRecord
from desk.model.orders import Order
from tasks.house import desk_task


@desk_task(tags=["orders"], timeout_seconds=60)
async def place_orders(account: OpenAccount, record: CycleRecord) -> tuple[Order, ...]:
    """Send each order of the decision once; those of a candle that is too old by now are given up."""
    if account.is_late:
        return await placing.give_up(
            record.decision.intents, account.order_desk, f"the candle closed {account.lateness} ago"
        )
    return await placing.place_orders(record.decision.intents, account.order_desk)
