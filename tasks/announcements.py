"""Telling a person."""

from blocks.account import OpenAccount
from desk.model.cycle import CycleRecord
from desk.steps.breaker import tell_trips
from desk.steps.report import message_of
from tasks.house import desk_task


@desk_task(timeout_seconds=30, keeps_result=False)
async def notify(account: OpenAccount, record: CycleRecord) -> None:
    """Tell a person of the cycle and of what the breaker did, each once; one with nothing to tell is left alone."""
    await tell_trips(account.spec.name, account.ledger, account.notifier, now=account.wall.now())
    message = message_of(record)
    if message is not None:
        await account.notifier.send(message)
        await account.ledger.mark_notified(account.key, account.wall.now())
