"""Compares two accounts: what their trades and their days brought, and how sure the difference is."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from console.failures import NotUnderstood
from console.ledgers import ask
from console.naming import account_of
from console.showing import print_json, print_line, print_rows
from console.times import parse_since
from desk.accounts import Fleet, load_fleet
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings
from desk.model.records import ClosedTrade
from desk.monitor.comparing import Comparison, compare_days, compare_samples
from desk.monitor.returns import daily_returns

Row = dict[str, object]
Told = tuple[Sequence[float], dict[date, float]]
"""Of an account what each trade brought, in R, and what each day did."""

_TESTED = ("difference", "p (Student)", "p (permutation)", "permutations")
_SHAPING = ("venue", "mode", "feed", "currency", "instruments", "timeframe", "strategies")


def show_comparison(first: str, second: str, *, since: str | None, as_json: bool) -> int:
    """Print both means, their difference and its significance, of trades and of days.

    Raises:
        NotUnderstood: there is no such account, both are the same, or `since` is neither a time nor a length.
    """
    fleet = load_fleet(settings().config)
    names = account_of(fleet, first).name, account_of(fleet, second).name
    if first == second:
        raise NotUnderstood(f"expected two accounts, found '{first}' twice")
    start = parse_since(since)

    async def read(ledger: Ledger) -> tuple[Told, Told]:
        return await _read(ledger, names[0], start), await _read(ledger, names[1], start)

    (trades, days), (other_trades, other_days) = ask(read)
    found = {"R a trade": compare_samples(trades, other_trades), "daily return": compare_days(days, other_days)}
    differing = _differing(fleet, names)
    if as_json:
        told = {_key(name): _told(one) for name, one in found.items()}
        print_json({"accounts": names, "differ_in": differing, **told})
    else:
        _print(names, differing, found)
    return 0


async def _read(ledger: Ledger, account: str, start: datetime | None) -> Told:
    trades = await ledger.closed_trades(account, start)
    equity = await ledger.equity_curve(account, since=start)
    moved = await ledger.moved(account)
    return _multiples(trades), daily_returns(((point.at, point.equity) for point in equity), moved)


def _multiples(trades: Sequence[ClosedTrade]) -> list[float]:
    ended = (trade.multiple for trade in trades if trade.is_whole)
    return [multiple for multiple in ended if multiple is not None]


def _differing(fleet: Fleet, names: tuple[str, str]) -> list[str]:
    """What else may be the reason: a comparison says something of the strategies only where these alone differ."""
    first, second = (fleet.account(name) for name in names)
    found = [part for part in _SHAPING if getattr(first, part) != getattr(second, part)]
    return found if fleet.policies[names[0]] == fleet.policies[names[1]] else [*found, "policy"]


def _told(one: Comparison | None) -> Row | None:
    return None if one is None else {**asdict(one), "p_error": one.p_error}


def _key(name: str) -> str:
    return name.lower().replace(" ", "_")


def _print(names: tuple[str, str], differing: Sequence[str], found: dict[str, Comparison | None]) -> None:
    print_line(f"{names[0]} and {names[1]} differ in: {', '.join(differing) or 'nothing that shapes decisions'}")
    print_rows([_row(name, names, one) for name, one in found.items()], as_json=False)
    for name, one in found.items():
        print_line(f"{name}: {_verdict(one)}")


def _row(name: str, names: tuple[str, str], one: Comparison | None) -> Row:
    if one is None:
        return {"mean of": name, **dict.fromkeys([*names, *_TESTED], "")}
    form = "+.3f" if name == "R a trade" else "+.3%"
    gap = one.difference
    return {
        "mean of": name,
        **{name: f"{mean:{form}} ({count})" for name, mean, count in zip(names, one.means, one.counts, strict=True)},
        "difference": "" if gap is None else f"{gap.value:{form}} ± {format(gap.high - gap.value, form[1:])}",
        "p (Student)": "" if one.p_student is None else f"{one.p_student:.4f}",
        "p (permutation)": f"{one.p_permutation:.4f} ± {one.p_error:.4f}",
        "permutations": f"{one.permutations:,}",
    }


def _verdict(one: Comparison | None) -> str:
    if one is None:
        return "too few to compare; two of each account are needed"
    if one.is_significant:
        return "chance alone seldom makes such a difference"
    if one.lacking is None:
        return "no difference that could be told from chance"
    more = f"some {one.lacking} more of each account would tell, were it as large as it looks"
    return f"chance alone may explain the difference; {more}"
