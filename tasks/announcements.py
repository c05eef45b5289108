"""Telling a person."""

from blocks.account import OpenAccount
from desk.model.cycle import CycleRecord
from desk.steps.report import message_of
from tasks.house import desk_task


@desk_task(tags=["notify"], timeout_seconds=30, keeps_result=False)
async def notify(account: OpenAccount, record: CycleRecord) -> None:
    """Send what there is to tell of the cycle; a cycle is announced once."""
    message = message_of(record)
    if message is not None:
        await account.notifier.send(message)
    await account.ledger.mark_notified(account.key, account.wall.now())
