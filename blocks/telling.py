"""Tells people what is due: what was not taken yet, what repeats, what goes on failing, and how the day was."""

from datetime import datetime, timedelta
from decimal import Decimal

from blocks.resources import resources
from desk.accounts import AccountSpec
from desk.adapters.clocks import SystemClock
from desk.adapters.ledger.facts import AccountSummary
from desk.steps.telling import DayOfAccount, digest_day, digest_of, escalation_of

_DAY = timedelta(days=1)


async def tell_what_is_due() -> None:
    """Send what waits, and write down and send what is to be told now."""
    outbox = resources().outbox
    await outbox.deliver()
    await outbox.tell_repeats()
    await _escalate()
    await _sum_up()


async def _escalate() -> None:
    fleet, shared = resources().fleet(), resources()
    after = fleet.messages.escalate_after
    for account in fleet.accounts.values() if after else ():
        failing = await shared.ledger.failing(account.name, after) if account.active else None
        if failing is not None:
            occasion, message = escalation_of(failing, after)
            await shared.outbox.tell(message, occasion=occasion)


async def _sum_up() -> None:
    digest = resources().fleet().messages.digest
    now = SystemClock().now()
    day = digest_day(now, digest.at, digest.timezone) if digest else None
    occasion = f"digest of {day}"
    if day is None or await resources().ledger.is_told(occasion):
        return
    days = await _days(now - _DAY)
    await resources().outbox.tell(digest_of(day, days), occasion=occasion)


async def _days(since: datetime) -> list[DayOfAccount]:
    summaries = {summary.account: summary for summary in await resources().ledger.summaries()}
    accounts = resources().fleet().accounts.values()
    return [await _day(account, summaries.get(account.name), since) for account in accounts]


async def _day(account: AccountSpec, found: AccountSummary | None, since: datetime) -> DayOfAccount:
    ledger = resources().ledger
    closed = await ledger.closed_trades(account.name, since)
    scans, failed = await ledger.scans_since(account.name, since)
    return DayOfAccount(
        account.name,
        account.currency,
        found.equity if found else None,
        profit=sum((trade.profit for trade in closed), Decimal(0)),
        closed=len(closed),
        open_positions=found.open_positions if found else 0,
        scans=scans,
        failed=failed,
    )
