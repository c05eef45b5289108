"""What closed trades came to, by account and by strategy, instrument, regime, hour or reason, and how it is told."""

from dataclasses import dataclass
from datetime import datetime

from console.naming import account_of
from console.services.opening import OpenDesk
from desk.monitor.estimates import Estimate
from desk.monitor.performance import Grouping, Performance, grouped, left_out, performance_of


@dataclass(frozen=True, slots=True)
class GroupPerformance:
    """The closed trades of a group of an account.

    Attributes:
        group: what they have in common; empty where that is not known.
        adjusted: how many were left out because they were adjusted.
        currency: of the amounts.
    """

    account: str
    group: str
    performance: Performance
    adjusted: int
    currency: str


@dataclass(frozen=True, slots=True)
class FleetPerformance:
    """A row for each account and group, and how many trades were left out because they were adjusted."""

    rows: tuple[GroupPerformance, ...]
    adjusted: int


async def fleet_performance(
    desk: OpenDesk, *, account: str | None = None, by: Grouping = Grouping.STRATEGY, since: datetime | None = None
) -> FleetPerformance:
    """Return what trades came to that were closed since then, of one account or of all.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
    """
    names = list(desk.fleet.accounts) if account is None else [account_of(desk.fleet, account).name]
    found = {name: await desk.ledger.closed_trades(name, since) for name in names}
    adjusted = {name: left_out(closed, by) for name, closed in found.items()}
    rows = tuple(
        GroupPerformance(
            name, group, performance_of(trades), adjusted[name].get(group, 0), desk.fleet.account(name).currency
        )
        for name, closed in found.items()
        for group, trades in grouped(closed, by).items()
    )
    return FleetPerformance(rows, sum(sum(one.values()) for one in adjusted.values()))


def tell_performance(done: Performance) -> dict[str, object]:
    """Return the figures as people read them, by name."""
    rate, mean, factor = done.win_rate, done.mean_multiple, done.profit_factor
    return {
        "trades": done.trades,
        "win rate": f"{rate.value:.2f} ({rate.low:.2f}-{rate.high:.2f})",
        "profit": f"{done.profit:,.2f}",
        "a trade": f"{done.expectancy:,.2f}",
        "R a trade": "" if mean is None else _range(mean),
        "profit factor": "" if factor is None else f"{factor:.2f}",
        "max drawdown": _drawdown(done),
    }


def _range(estimate: Estimate) -> str:
    """Student's interval reaches as far down as up."""
    return f"{estimate.value:+.2f} ± {estimate.high - estimate.value:.2f}"


def _drawdown(done: Performance) -> str:
    multiple = done.drawdown_multiple
    return f"{done.drawdown:,.2f}" if multiple is None else f"{done.drawdown:,.2f} ({multiple:.1f} R)"
