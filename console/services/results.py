"""What closed trades brought: of accounts, by day, together."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from console.services.opening import OpenDesk
from desk.model.records import ClosedTrade


@dataclass(frozen=True, slots=True)
class DayResult:
    """What the trades brought that were closed on a UTC day, in account currency, after fees."""

    day: date
    profit: Decimal
    trades: int


async def closed_trades_of(
    desk: OpenDesk, names: Collection[str], since: datetime | None = None
) -> Mapping[str, Sequence[ClosedTrade]]:
    """Return the round trips of accounts that are over, oldest first, by account."""
    return {name: await desk.ledger.closed_trades(name, since) for name in names}


def by_day(trades: Iterable[ClosedTrade], *, today: date, days: int) -> tuple[DayResult, ...]:
    """Return the last days, the newest first, those without a trade among them."""
    found: dict[date, list[Decimal]] = {today - timedelta(days=back): [] for back in range(days)}
    for trade in trades:
        day = trade.closed_at.astimezone(UTC).date()
        if day in found:
            found[day].append(trade.profit)
    return tuple(DayResult(day, sum(profits, Decimal(0)), len(profits)) for day, profits in found.items())
