"""Two accounts side by side: what their trades and days brought, how sure the difference is, what else may make it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from console.failures import NotUnderstood
from console.naming import account_of
from console.services.opening import OpenDesk
from desk.accounts import Fleet
from desk.adapters.ledger.ledger import Ledger
from desk.model.records import ClosedTrade
from desk.monitor.comparing import Comparison, compare_days, compare_samples
from desk.monitor.returns import daily_returns

_Told = tuple[Sequence[float], dict[date, float]]
"""Of an account what each trade brought, in R, and what each day did."""

_TESTED = ("difference", "p (Student)", "p (permutation)", "permutations")
_SHAPING = ("venue", "mode", "feed", "currency", "instruments", "timeframe", "strategies")


@dataclass(frozen=True, slots=True)
class AccountsCompared:
    """Two accounts side by side.

    Attributes:
        differ_in: what shapes their decisions and is not the same; a comparison says something of the strategies only
            where these alone differ.
        found: by what is compared; None where there is too little of it.
    """

    accounts: tuple[str, str]
    differ_in: tuple[str, ...]
    found: Mapping[str, Comparison | None]


async def compare_accounts(desk: OpenDesk, first: str, second: str, *, since: datetime | None) -> AccountsCompared:
    """Return how two accounts compare, from a time on.

    Raises:
        NotUnderstood: there is no such account, or both are the same.
    """
    names = account_of(desk.fleet, first).name, account_of(desk.fleet, second).name
    if first == second:
        raise NotUnderstood(f"expected two accounts, found '{first}' twice")
    (trades, days), (other_trades, other_days) = [await _read(desk.ledger, name, since) for name in names]
    found = {"R a trade": compare_samples(trades, other_trades), "daily return": compare_days(days, other_days)}
    return AccountsCompared(names, tuple(_differing(desk.fleet, names)), found)


def tell_comparison(name: str, names: tuple[str, str], one: Comparison | None) -> dict[str, str]:
    """Return the figures of a comparison as people read them; empty where there is too little."""
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


def tell_verdict_of(one: Comparison | None) -> str:
    """Return what a comparison says."""
    if one is None:
        return "too few to compare; two of each account are needed"
    if one.is_significant:
        return "chance alone seldom makes such a difference"
    if one.lacking is None:
        return "no difference that could be told from chance"
    more = f"some {one.lacking} more of each account would tell, were it as large as it looks"
    return f"chance alone may explain the difference; {more}"


async def _read(ledger: Ledger, account: str, start: datetime | None) -> _Told:
    trades = await ledger.closed_trades(account, start)
    equity = await ledger.equity_curve(account, since=start)
    moved = await ledger.moved(account)
    return _multiples(trades), daily_returns(((point.at, point.equity) for point in equity), moved)


def _multiples(trades: Sequence[ClosedTrade]) -> list[float]:
    ended = (trade.multiple for trade in trades if trade.is_whole)
    return [multiple for multiple in ended if multiple is not None]


def _differing(fleet: Fleet, names: tuple[str, str]) -> list[str]:
    first, second = (fleet.account(name) for name in names)
    found = [part for part in _SHAPING if getattr(first, part) != getattr(second, part)]
    return found if fleet.policies[names[0]] == fleet.policies[names[1]] else [*found, "policy"]
