"""Placing orders: no retries here, because an order whose outcome is not known must be asked for, never sent again."""

from prefect import get_run_logger

from blocks.account import OpenAccount
from blocks.watching import look_after
from desk.execution import placing
from desk.model.cycle import CycleRecord
from desk.model.orders import Order
from desk.steps import scan
from desk.steps.report import describe_order
from tasks.house import desk_task


@desk_task(timeout_seconds=60)
async def place_orders(account: OpenAccount, record: CycleRecord) -> tuple[Order, ...]:
    """Send each order of the decision once; those of a candle that is too old by now are given up."""
    intents, desk = record.decision.intents, account.order_desk
    if why := account.reason_to_give_up(record):
        orders = await placing.give_up(intents, desk, why)
    else:
        orders = await placing.place_orders(intents, desk)
    for order in orders:
        get_run_logger().info("%s: %s", order.client_order_id, describe_order(order))
    return orders


# Not kept for a retry: what is held then is looked at anew.
@desk_task(timeout_seconds=30, keeps_result=False)
async def protect_rest(account: OpenAccount) -> None:
    """Look after what has no stop; a failure is logged, and the next watch tries again."""
    log = get_run_logger()

    async def look() -> None:
        done = await look_after(account)
        for line in (*done.done, *done.left):
            log.info("%s", line)

    await scan.protect_rest(look, log.warning)
