"""The account's books: what the venue knows, and the snapshot that a decision may look at."""

from blocks.account import OpenAccount
from desk.model.books import Snapshot
from desk.steps import repair, snapshot
from tasks.house import READ_RETRIES, desk_task


@desk_task(timeout_seconds=30, retries=READ_RETRIES, keeps_result=False)
async def repair_books(account: OpenAccount) -> repair.Repairs:
    """Settle orders of earlier cycles without a known outcome, and book what was filled since the last look."""
    return await repair.repair_books(
        account.spec.name,
        account.key.candle_close,
        desk=account.order_desk,
        books=account.ledger,
        now=account.clock.now(),
    )


# Not kept for a retry: prices and money are as old as the reading.
@desk_task(timeout_seconds=30, retries=READ_RETRIES, keeps_result=False)
async def take_snapshot(account: OpenAccount) -> Snapshot:
    """Ask venue, feed and ledger for everything that the decision may look at."""
    return await snapshot.take_snapshot(
        account.spec.name,
        account.spec.venue,
        account.policy.instruments,
        feed=account.feed,
        trading=account.trading,
        history=account.ledger,
        at=account.clock.now(),
    )
