"""What closed trades of an account came to, as freqtrade adds them up: by instrument, by tag, by time, by their end."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import fmean
from typing import Any, TypeVar

from console.naming import account_of
from console.services.freqtrade.account import capital_of
from console.services.freqtrade.writing import hundred
from console.services.opening import OpenDesk
from console.services.results import Period, by_period
from desk.model.records import ClosedTrade
from desk.monitor.performance import Grouping, grouped

S = TypeVar("S", bound="GroupSum")
T = TypeVar("T")
_NOTHING = Decimal(0)
_UNKNOWN = "Other"
"""What freqtrade says for a tag that there is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSum:
    """What some trades brought; ratios are of the value at the entry, added up."""

    profit_ratio: float
    profit_pct: float
    profit_abs: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSum(GroupSum):
    """The trades of an instrument; `profit` is `profit_pct` under its old name."""

    pair: str
    profit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySum(GroupSum):
    """The trades that a strategy opened."""

    enter_tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitSum(GroupSum):
    """The trades that ended for one reason."""

    exit_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MixSum(GroupSum):
    """The trades that one strategy opened and that ended for one reason."""

    mix_tag: str


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A day, week or month by its first day, in account currency, after fees.

    Attributes:
        rel_profit: of the balance that it began with.
        fiat_value: always 0, because nothing is converted.
    """

    date: date
    abs_profit: float
    rel_profit: float
    starting_balance: float
    fiat_value: float
    trade_count: int


@dataclass(frozen=True, slots=True)
class PeriodRows:
    """Periods, the newest first."""

    data: tuple[PeriodRow, ...]
    fiat_display_currency: str
    stake_currency: str


@dataclass(frozen=True, slots=True)
class EndCount:
    """How many trades that ended for a reason won, lost, and did neither."""

    wins: int
    losses: int
    draws: int


@dataclass(frozen=True, slots=True)
class TradeStats:
    """How trades ended, and how long those of each kind were held in the mean, in seconds; None without any."""

    exit_reasons: Mapping[str, EndCount]
    durations: Mapping[str, float | None]


async def pair_sums(desk: OpenDesk, account: str) -> tuple[PairSum, ...]:
    """Return what each instrument brought, most first.

    Raises:
        NotUnderstood: there is no such account; the message gives the nearest.
    """
    return await _apart(_pair_sums, await _closed(desk, account))


async def entry_sums(desk: OpenDesk, account: str, pair: str | None = None) -> tuple[EntrySum, ...]:
    """Return what each strategy brought, of one instrument or of all, most first; for errors see `pair_sums`."""
    return await _apart(_entry_sums, await _closed(desk, account, pair))


async def exit_sums(desk: OpenDesk, account: str, pair: str | None = None) -> tuple[ExitSum, ...]:
    """Return what trades brought by how they ended, most first; for errors see `pair_sums`."""
    return await _apart(_exit_sums, await _closed(desk, account, pair))


async def mix_sums(desk: OpenDesk, account: str, pair: str | None = None) -> tuple[MixSum, ...]:
    """Return what trades brought by strategy and end, most first; for errors see `pair_sums`."""
    return await _apart(_mix_sums, await _closed(desk, account, pair))


async def period_rows(desk: OpenDesk, account: str, period: Period, *, today: date, count: int) -> PeriodRows:
    """Return the last periods with the balance that each began with; for errors see `pair_sums`."""
    spec, closed = account_of(desk.fleet, account), await _closed(desk, account)
    capital = await capital_of(desk, spec, closed)
    rows = await _apart(lambda trades: _period_rows(trades, period, today, count, capital), closed)
    return PeriodRows(rows, "", spec.currency)


async def trade_stats(desk: OpenDesk, account: str) -> TradeStats:
    """Return how closed trades ended and how long they were held; for errors see `pair_sums`."""
    return await _apart(_trade_stats, await _closed(desk, account))


_KINDS: Mapping[str, Callable[[ClosedTrade], bool]] = {
    "wins": lambda one: one.profit > 0,
    "draws": lambda one: one.profit == 0,
    "losses": lambda one: one.profit < 0,
}


async def _closed(desk: OpenDesk, account: str, pair: str | None = None) -> Sequence[ClosedTrade]:
    found = await desk.ledger.closed_trades(account_of(desk.fleet, account).name)
    return [one for one in found if pair in (None, one.instrument)]


async def _apart(add_up: Callable[[Sequence[ClosedTrade]], T], trades: Sequence[ClosedTrade]) -> T:
    """Add up in a thread: of many trades it takes seconds, for which nobody could halt."""
    return await asyncio.to_thread(add_up, trades)


def _pair_sums(trades: Sequence[ClosedTrade]) -> tuple[PairSum, ...]:
    sums = {name: _summed(of_name) for name, of_name in grouped(trades, Grouping.INSTRUMENT).items()}
    return _most_first(PairSum(pair=name, profit=one["profit_pct"], **one) for name, one in sums.items())


def _entry_sums(trades: Sequence[ClosedTrade]) -> tuple[EntrySum, ...]:
    groups = grouped(trades, Grouping.STRATEGY)
    return _most_first(EntrySum(enter_tag=name or _UNKNOWN, **_summed(of_name)) for name, of_name in groups.items())


def _exit_sums(trades: Sequence[ClosedTrade]) -> tuple[ExitSum, ...]:
    groups = grouped(trades, Grouping.REASON)
    return _most_first(ExitSum(exit_reason=name or _UNKNOWN, **_summed(of_name)) for name, of_name in groups.items())


def _mix_sums(trades: Sequence[ClosedTrade]) -> tuple[MixSum, ...]:
    return _most_first(
        MixSum(mix_tag=f"{entry or _UNKNOWN} {reason or _UNKNOWN}", **_summed(ended))
        for entry, opened in grouped(trades, Grouping.STRATEGY).items()
        for reason, ended in grouped(opened, Grouping.REASON).items()
    )


def _period_rows(
    trades: Sequence[ClosedTrade], period: Period, today: date, count: int, capital: Decimal
) -> tuple[PeriodRow, ...]:
    balance = capital + sum((one.profit for one in trades), _NOTHING)
    rows: list[PeriodRow] = []
    for one in by_period(trades, period, today=today, count=count):
        balance -= one.profit
        relative = float(one.profit / balance) if balance > 0 else 0.0
        rows.append(PeriodRow(one.first_day, float(one.profit), relative, float(balance), 0.0, one.trades))
    return tuple(rows)


def _trade_stats(trades: Sequence[ClosedTrade]) -> TradeStats:
    reasons = grouped(trades, Grouping.REASON)
    return TradeStats(
        {name or _UNKNOWN: _ends(of_name) for name, of_name in reasons.items()},
        {name: _mean_seconds(one for one in trades if holds(one)) for name, holds in _KINDS.items()},
    )


def _ends(trades: Sequence[ClosedTrade]) -> EndCount:
    return EndCount(**{name: sum(map(holds, trades)) for name, holds in _KINDS.items()})


def _mean_seconds(trades: Iterable[ClosedTrade]) -> float | None:
    lasted: list[timedelta] = [one.closed_at - one.opened_at for one in trades]
    return fmean(one.total_seconds() for one in lasted) if lasted else None


def _summed(trades: Sequence[ClosedTrade]) -> dict[str, Any]:
    ratio = float(sum((one.gain or _NOTHING for one in trades), _NOTHING))
    profit = float(sum((one.profit for one in trades), _NOTHING))
    return asdict(GroupSum(profit_ratio=ratio, profit_pct=hundred(ratio), profit_abs=profit, count=len(trades)))


def _most_first(sums: Iterable[S]) -> tuple[S, ...]:
    return tuple(sorted(sums, key=lambda one: one.profit_abs, reverse=True))
