"""Prints what closed trades came to, by account and by strategy, instrument, regime, hour or reason."""

from collections.abc import Mapping, Sequence

from console.ledgers import ask
from console.naming import account_of
from console.showing import print_line, print_rows
from console.times import parse_since
from desk.accounts import load_fleet
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings
from desk.model.records import ClosedTrade
from desk.monitor.estimates import Estimate
from desk.monitor.performance import Grouping, Performance, grouped, left_out, performance_of

Row = dict[str, object]


def show_performance(account: str | None, *, by: str, since: str | None, as_json: bool) -> int:
    """Print a row for each account and group of its closed trades.

    Raises:
        NotUnderstood: there is no such account, or `since` is neither a time nor a length.
    """
    fleet, grouping = load_fleet(settings().config), Grouping(by)
    start = parse_since(since)
    names = list(fleet.accounts) if account is None else [account_of(fleet, account).name]

    async def read(ledger: Ledger) -> Mapping[str, Sequence[ClosedTrade]]:
        return {name: await ledger.closed_trades(name, start) for name in names}

    found = ask(read)
    adjusted = {name: left_out(closed, grouping) for name, closed in found.items()}
    figures, unknown = (_facts, None) if as_json else (_shown, "not known")
    rows = [
        {
            "account": name,
            by: group or unknown,
            **figures(performance_of(trades)),
            "adjusted": adjusted[name].get(group, 0),
            "currency": fleet.account(name).currency,
        }
        for name, closed in found.items()
        for group, trades in grouped(closed, grouping).items()
    ]
    print_rows(rows, as_json=as_json, empty="no closed trades")
    count = sum(sum(one.values()) for one in adjusted.values())
    if count and not as_json:
        print_line(f"Left out: {count} closed trades that were adjusted; `--by reason` shows them.")
    return 0


def _facts(done: Performance) -> Row:
    return {
        "trades": done.trades,
        "wins": done.wins,
        "win_rate": done.win_rate,
        "profit": done.profit,
        "expectancy": done.expectancy,
        "trades_with_known_risk": done.multiples,
        "expectancy_r": done.mean_multiple,
        "profit_factor": done.profit_factor,
        "max_drawdown": done.drawdown,
        "max_drawdown_r": done.drawdown_multiple,
    }


def _shown(done: Performance) -> Row:
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
