"""What closed trades brought: of accounts, by day, week or month, together."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from console.services.opening import OpenDesk
from desk.model.records import ClosedTrade


class Period(StrEnum):
    """How long a part of time is; a week begins on Monday, all in UTC."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class PeriodResult:
    """What the trades brought that were closed in a period, in account currency, after fees."""

    first_day: date
    profit: Decimal
    trades: int


async def closed_trades_of(
    desk: OpenDesk, names: Collection[str], since: datetime | None = None
) -> Mapping[str, Sequence[ClosedTrade]]:
    """Return the round trips of accounts that are over, oldest first, by account."""
    return {name: await desk.ledger.closed_trades(name, since) for name in names}


def by_period(trades: Iterable[ClosedTrade], period: Period, *, today: date, count: int) -> tuple[PeriodResult, ...]:
    """Return the last periods, the newest first, those without a trade among them."""
    found: dict[date, list[Decimal]] = {}
    begin = _beginning(today, period)
    for _ in range(count):
        found[begin] = []
        begin = _beginning(begin - timedelta(days=1), period)
    for trade in trades:
        begun = _beginning(trade.closed_at.astimezone(UTC).date(), period)
        if begun in found:
            found[begun].append(trade.profit)
    return tuple(PeriodResult(day, sum(profits, Decimal(0)), len(profits)) for day, profits in found.items())


def _beginning(day: date, period: Period) -> date:
    """The first day of the period that a day is in."""
    match period:
        case Period.DAY:
            return day
        case Period.WEEK:
            return day - timedelta(days=day.weekday())
        case Period.MONTH:
            return day.replace(day=1)
