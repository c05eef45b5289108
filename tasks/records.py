"""Writing a finished cycle down, where the ledger and the Prefect UI find it."""

import asyncio

from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact

from blocks.account import OpenAccount
from desk.model.cycle import CycleRecord
from desk.model.orders import Order
from desk.steps.cycles import finish
from desk.steps.repair import sync_fills
from desk.steps.report import markdown_of, rows_of, state_of
from tasks.house import desk_task


@desk_task(tags=["books"], timeout_seconds=30, keeps_result=False)
async def record_cycle(account: OpenAccount, record: CycleRecord, orders: tuple[Order, ...]) -> CycleRecord:
    """Book the fills, note the equity, close the cycle's record, and show it as artifacts of the flow run."""
    name, ledger, now = account.spec.name, account.ledger, account.clock.now()
    await sync_fills(name, trading=account.trading, books=ledger, now=now)
    money = await account.trading.account()
    await ledger.record_equity(name, now, equity=money.equity, cash=money.cash)
    finished = await finish(
        record, state_of(orders), ledger, orders=orders, durations=account.durations, now=account.wall.now()
    )
    await _publish(finished)
    return finished


async def _publish(record: CycleRecord) -> None:
    key = f"scan-{record.key.account}"
    title = f"{record.key.account}, candle closed {record.key.candle_close:%Y-%m-%d %H:%M} UTC"
    await asyncio.gather(
        acreate_table_artifact(rows_of(record), key=f"{key}-decisions", description=title),
        acreate_markdown_artifact(markdown_of(record), key=f"{key}-summary", description=title),
    )
