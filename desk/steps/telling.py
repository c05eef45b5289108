"""What people are told unasked: a failure that goes on, and how the day was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from desk.model.messages import Failing, MessageKind
from desk.ports import Message

_WHOSE = "fleet"
_LATEST = timedelta(hours=6)
"""How late a digest may be; the desk was not there, and tomorrow's comes by itself."""


@dataclass(frozen=True, slots=True)
class DayOfAccount:
    """How an account did in the 24 hours before a digest.

    Attributes:
        equity: the newest, in `currency`; None where none was ever written down.
        profit: of the trades that were closed, after fees.
        failed: how many of the scans failed.
    """

    account: str
    currency: str
    equity: Decimal | None
    profit: Decimal
    closed: int
    open_positions: int
    scans: int
    failed: int


def escalation_of(failing: Failing, after: int) -> tuple[str, Message]:
    """Return what is told of scans that go on failing, and its occasion: after so many, then twice as many."""
    level = after
    while level * 2 <= failing.scans:
        level *= 2
    occasion = f"{failing.account} fails since {failing.since.isoformat()}, {level}"
    said = failing.detail.partition("\n")[0]
    body = (
        f"The first was that of the candle of {failing.since:%Y-%m-%d %H:%M} UTC. The last one said:\n{said}\n"
        f"`desk why {failing.account}` has all of it. Mend the cause; this is told again after {level * 2}."
    )
    return occasion, Message(
        f"{failing.account}: {failing.scans} scans in a row have failed", body, "error", MessageKind.ESCALATION
    )


def digest_day(now: datetime, at: time, zone: str) -> date | None:
    """Return the day whose digest is due, in its zone; None where today's is not yet, or not any more."""
    local = now.astimezone(ZoneInfo(zone))
    for day in (local.date(), local.date() - timedelta(days=1)):
        due = datetime.combine(day, at, ZoneInfo(zone))
        if due <= local < due + _LATEST:
            return day
    return None


def digest_of(day: date, accounts: Iterable[DayOfAccount]) -> Message:
    """Return the summary of a day: a line for each account, and one for each currency."""
    listed = list(accounts)
    totals: dict[str, Decimal] = {}
    for one in listed:
        totals[one.currency] = totals.get(one.currency, Decimal(0)) + one.profit
    together = [f"Together {total:+,.2f} {currency}" for currency, total in totals.items()]
    failed = sum(one.failed for one in listed)
    well = f"{failed} of {sum(one.scans for one in listed)} scans failed." if failed else "No scan failed."
    body = "\n".join((*map(_line, listed), *together, well))
    return Message(f"{_WHOSE}: the 24 hours to {day}", body, "warning" if failed else "info", MessageKind.DIGEST)


def _line(one: DayOfAccount) -> str:
    equity = "" if one.equity is None else f", equity {one.equity:,.2f} {one.currency}"
    failed = f", {one.failed} of {one.scans} scans failed" if one.failed else ""
    return f"{one.account}: {one.profit:+,.2f} in {one.closed} closed trades, {one.open_positions} open{equity}{failed}"
