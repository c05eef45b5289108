"""Reconciling from a name: cash is compared too, and what the watch wrote long ago is thinned out."""

from datetime import datetime, timedelta
from decimal import Decimal

from blocks.reconciling import reconcile_account
from desk.adapters.clocks import SystemClock
from desk.execution.cash import CashKind


async def remember(ledger, account) -> list[datetime]:
    """Write what the watch has seen within an hour, two days ago."""
    hour = SystemClock().now().replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
    times = [hour + timedelta(minutes=minute) for minute in (10, 20, 30)]
    for at in times:
        await ledger.record_equity(account, at, Decimal(100_000), Decimal(100_000))
    return times


async def test_what_the_watch_wrote_days_ago_is_thinned_out(installation):
    times = await remember(installation.ledger, "trader")
    await reconcile_account("trader", run="first")
    assert [point.at for point in await installation.ledger.equity_curve("trader")] == times[2:]


async def test_an_account_on_a_clock_of_its_own_keeps_what_was_written(installation):
    times = await remember(installation.ledger, "player")
    await reconcile_account("player", run="first")
    assert [point.at for point in await installation.ledger.equity_curve("player")] == times


async def test_the_cash_of_a_paper_account_is_counted_from_the_first_look_on(installation):
    first, second = [await reconcile_account("trader", run=run) for run in ("first", "second")]
    assert first.cash.booked.kind is CashKind.OPENING
    assert (second.cash.ledger, second.cash.venue, second.cash.booked) == (100_000, 100_000, None)
