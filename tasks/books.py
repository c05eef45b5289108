"""The account's books: what the venue knows, and the snapshot that a decision may look at."""

from blocks.account import OpenAccount
from blocks.reconciling import reconcile_held
from blocks.resources import resources
from desk.decide import with_market_facts
from desk.errors import VenueUnavailable
from desk.model.books import Snapshot
from desk.steps import repair, snapshot
from desk.steps.breaker import check_breaker, running_of
from desk.steps.excursions import with_excursions
from desk.steps.markets import Markets
from tasks.house import READ_RETRIES, desk_task


@desk_task(timeout_seconds=30, retries=READ_RETRIES, keeps_result=False)
async def repair_books(account: OpenAccount) -> repair.Repairs:
    """Settle orders of earlier cycles without a known outcome, and book what was filled since the last look.

    The first time in a process, everything is compared with the venue; nothing is traded before that was possible.
    """
    if account.spec.name not in resources().reconciled:
        done = await reconcile_held(account)
        if done.unread:
            raise VenueUnavailable(account.spec.venue, "first look at the account", "", "; ".join(done.unread))
        return done.repairs
    return await repair.repair_books(
        account.spec.name,
        account.key.candle_close,
        desk=account.order_desk,
        books=account.ledger,
        now=account.clock.now(),
        notifier=account.notifier,
    )


# Not kept for a retry: prices and money are as old as the reading.
@desk_task(timeout_seconds=30, retries=READ_RETRIES, keeps_result=False)
async def take_snapshot(account: OpenAccount, markets: Markets) -> Snapshot:
    """Ask venue, feed and ledger for everything that the decision may look at, and let the breaker look at it first.

    What the candles say besides signals is put to it, the ways of trades included.
    """
    taken = await snapshot.take_snapshot(
        account.spec.name,
        account.spec.venue,
        account.policy.instruments,
        feed=account.feed,
        trading=account.trading,
        history=account.ledger,
        at=account.clock.now(),
        externals=account.spec.externals,
        sync=lambda: _sync(account),
        company=account.company,
    )
    limits, now = account.policy.breaker, account.wall.now()
    running = running_of(account.clock, now)
    checked = await check_breaker(taken, account.spec.venue, limits, account.ledger, now=now, running=running)
    known, width = with_market_facts(checked, markets.by_instrument), account.policy.costs.half_spread_bps
    return await with_excursions(known, markets.by_instrument, account.ledger, half_spread_bps=width)


async def _sync(account: OpenAccount) -> int:
    return await repair.sync_fills(
        account.spec.name,
        trading=account.trading,
        books=account.ledger,
        now=account.clock.now(),
        notifier=account.notifier,
    )
