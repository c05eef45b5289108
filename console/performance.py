"""Prints what closed trades came to, by account and by strategy, instrument, regime, hour or reason."""

from console.ledgers import ask
from console.services.opening import OpenDesk
from console.services.performing import fleet_performance, tell_performance
from console.showing import print_line, print_rows
from console.times import parse_since
from desk.accounts import load_fleet
from desk.adapters.settings import settings
from desk.monitor.performance import Grouping, Performance

Row = dict[str, object]


def show_performance(account: str | None, *, by: str, since: str | None, as_json: bool) -> int:
    """Print a row for each account and group of its closed trades.

    Raises:
        NotUnderstood: there is no such account, or `since` is neither a time nor a length.
    """
    fleet, start = load_fleet(settings().config), parse_since(since)
    grouping = Grouping(by)
    found = ask(lambda ledger: fleet_performance(OpenDesk(fleet, ledger), account=account, by=grouping, since=start))
    figures, unknown = (_facts, None) if as_json else (tell_performance, "not known")
    rows = [
        {
            "account": one.account,
            by: one.group or unknown,
            **figures(one.performance),
            "adjusted": one.adjusted,
            "currency": one.currency,
        }
        for one in found.rows
    ]
    print_rows(rows, as_json=as_json, empty="no closed trades")
    if found.adjusted and not as_json:
        print_line(f"Left out: {found.adjusted} closed trades that were adjusted; `--by reason` shows them.")
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
