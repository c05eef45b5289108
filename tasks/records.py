"""Writing a finished cycle down, where the ledger and the Prefect UI find it."""

import asyncio

from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact

from blocks.account import OpenAccount
from desk.model.cycle import CycleRecord
from desk.model.orders import Order
from desk.steps.cycles import OpenCycle, finish
from desk.steps.repair import sync_fills
from desk.steps.report import markdown_of, rows_of, state_of
from tasks.house import READ_RETRIES, desk_task


# Tried again like a read: all that it writes it may write twice.
@desk_task(timeout_seconds=30, retries=READ_RETRIES, keeps_result=False)
async def record_cycle(account: OpenAccount, record: CycleRecord, orders: tuple[Order, ...]) -> OpenCycle:
    """Book the fills, note the money, and close the cycle's record."""
    name, ledger, now = account.spec.name, account.ledger, account.clock.now()
    money = record.snapshot.money if record.snapshot else None
    if orders or money is None:
        await sync_fills(name, trading=account.trading, books=ledger, now=now, notifier=account.notifier)
        money = await account.trading.account()
    return await finish(
        record,
        state_of(orders),
        ledger,
        orders=orders,
        money=money,
        durations=account.durations,
        now=account.wall.now(),
        lease=account.lease,
    )


async def publish(record: CycleRecord) -> None:
    """Show the cycle as artifacts of the flow run: a table of decisions and a summary."""
    key = f"scan-{record.key.account}"
    title = f"{record.key.account}, candle closed {record.key.candle_close:%Y-%m-%d %H:%M} UTC"
    await asyncio.gather(
        acreate_table_artifact(rows_of(record), key=f"{key}-decisions", description=title),
        acreate_markdown_artifact(markdown_of(record), key=f"{key}-summary", description=title),
    )
