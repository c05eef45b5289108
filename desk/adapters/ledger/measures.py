"""What the whole ledger counts to, and where the newest of each account stands: what `/metrics` is made of.

Each process of the desk writes into the ledger, so that what is counted there is counted for all of them together.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Row
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import SQLModel, col, func
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.tables import (
    AdjustmentRow,
    CycleRow,
    EquityRow,
    ExternalRow,
    FillRow,
    FindingRow,
    LeaseRow,
    NoTradeRow,
    OrderRow,
    SignalRow,
    TradeRow,
)

_Column = Mapped[Any] | ColumnElement[Any]
Counts = Mapping[tuple[str, ...], int]
"""How often, by what the rows are told apart by; the account comes first."""

SETTLED_AFTER = timedelta(hours=2)
"""A cycle so much older than the newest of its account is not written any more: a run lasts minutes."""

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wealth:
    """An account's money when it was last written down, in its currency; `peak` is the highest equity up to then."""

    at: datetime
    equity: Decimal
    cash: Decimal
    peak: Decimal


@dataclass(frozen=True, slots=True)
class Measures:
    """Counts over everything that the ledger has.

    Attributes:
        cycles, orders: by account and state.
        signals: by account, strategy and sign of the score: `1`, `0` or `-1`.
        refusals: by account and reason.
        fills, adjustments: by account.
        closed_trades: by account and strategy.
        externals: by account and kind; what the desk did not make, as it is now.
        wealth: the newest, by account.
    """

    cycles: Counts
    signals: Counts
    refusals: Counts
    closed_trades: Counts
    orders: Counts
    fills: Counts
    adjustments: Counts
    externals: Counts
    wealth: Mapping[str, Wealth]


@dataclass(slots=True)
class _Kept:
    """What was counted of an account for good: its rows up to a time."""

    until: datetime = _EVER
    cycles: Counter[tuple[str, ...]] = field(default_factory=Counter)
    signals: Counter[tuple[str, ...]] = field(default_factory=Counter)
    refusals: Counter[tuple[str, ...]] = field(default_factory=Counter)
    closed_trades: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def add(self, other: "_Kept") -> "_Kept":
        """Return both together."""
        return _Kept(
            other.until,
            self.cycles + other.cycles,
            self.signals + other.signals,
            self.refusals + other.refusals,
            self.closed_trades + other.closed_trades,
        )


class Counting:
    """Counts the ledger again and again, and of what was counted before only what is new.

    The first count reads every row, account by account: a second for half a million of them. A cycle of the distant
    past that is written afterwards, by a replay, is counted by the next process.
    """

    def __init__(self, database: Database) -> None:
        """Count the rows of a database, from its event loop."""
        self._database = database
        self._kept: dict[str, _Kept] = {}

    async def count(self, accounts: Collection[str]) -> Measures:
        """Return the counts as they are now.

        Args:
            accounts: that may have cycles, besides those that were ever held.
        """
        async with self._database.read() as session:
            names = {row.account for row in await _rows(session, sqlalchemy.select(col(LeaseRow.account)))}
            orders = await _count(session, col(OrderRow.account), col(OrderRow.state))
            fills = await _count(session, col(FillRow.account))
            adjustments = await _count(session, col(AdjustmentRow.account))
            externals = await _count(session, col(ExternalRow.account), col(ExternalRow.kind))
            wealth = await _wealth(session)
        total = _Kept()
        for name in sorted(names.union(accounts)):
            total = total.add(await self._of_account(name))
        cycles, signals, refusals, closed = total.cycles, total.signals, total.refusals, total.closed_trades
        return Measures(cycles, signals, refusals, closed, orders, fills, adjustments, externals, wealth)

    async def _of_account(self, name: str) -> _Kept:
        kept = self._kept.setdefault(name, _Kept())
        async with self._database.read() as session:
            until = await _settled_until(session, name, kept.until)
            if until - kept.until > SETTLED_AFTER:
                kept = self._kept[name] = kept.add(await _between(session, name, kept.until, until))
            return kept.add(await _between(session, name, kept.until, None))


async def _settled_until(session: AsyncSession, account: str, since: datetime) -> datetime:
    """Up to when nothing of an account changes any more: neither its cycles, nor a trade that is open yet."""
    newest = sqlalchemy.select(func.max(col(CycleRow.candle_close))).where(col(CycleRow.account) == account)
    opened = sqlalchemy.select(func.min(col(TradeRow.opened_at))).where(
        col(TradeRow.account) == account, col(TradeRow.opened_at) >= since, col(TradeRow.closed_at).is_(None)
    )
    last = (await (await session.connection()).execute(newest)).scalar_one()
    first = (await (await session.connection()).execute(opened)).scalar_one()
    if last is None:
        return since
    return max(since, min(last - SETTLED_AFTER, first or last))


async def _between(session: AsyncSession, account: str, since: datetime, until: datetime | None) -> _Kept:
    def of(table: type[SQLModel], time: Mapped[Any]) -> list[ColumnElement[bool]]:
        wanted = [table.account == account, time >= since]  # type: ignore[attr-defined]
        return wanted if until is None else [*wanted, time < until]

    def by_close(table: type[SQLModel]) -> list[ColumnElement[bool]]:
        return of(table, table.candle_close)  # type: ignore[attr-defined]

    refused = col(FindingRow.reason)
    signals = (col(SignalRow.account), col(SignalRow.strategy), _sign())
    closed = [*of(TradeRow, col(TradeRow.opened_at)), col(TradeRow.closed_at).is_not(None)]
    refusals = await _count(session, col(NoTradeRow.account), col(NoTradeRow.reason), wanted=by_close(NoTradeRow))
    findings = [*by_close(FindingRow), refused.is_not(None)]
    return _Kept(
        since if until is None else until,
        await _count(session, col(CycleRow.account), col(CycleRow.state), wanted=by_close(CycleRow)),
        await _count(session, *signals, wanted=by_close(SignalRow)),
        # What was passed over before a proposal, and what a rule cut or refused, are told with the same reasons.
        refusals + await _count(session, col(FindingRow.account), refused, wanted=findings),
        await _count(session, col(TradeRow.account), col(TradeRow.strategy), wanted=closed),
    )


def _sign() -> ColumnElement[Any]:
    score = col(SignalRow.score)
    return sqlalchemy.case((score > 0, 1), (score < 0, -1), else_=0)


async def _wealth(session: AsyncSession) -> dict[str, Wealth]:
    seen = aliased(EquityRow)
    mine = sqlalchemy.select(func.max(col(seen.at))).where(col(seen.account) == col(LeaseRow.account))
    newest = (col(EquityRow.account) == col(LeaseRow.account)) & (
        col(EquityRow.at) == mine.correlate(LeaseRow).scalar_subquery()
    )
    columns = (col(EquityRow.account), col(EquityRow.at), col(EquityRow.equity), col(EquityRow.cash))
    query = sqlalchemy.select(*columns, col(EquityRow.peak)).select_from(LeaseRow).join(EquityRow, newest)
    return {row.account: Wealth(row.at, row.equity, row.cash, row.peak) for row in await _rows(session, query)}


async def _count(
    session: AsyncSession, *columns: _Column, wanted: Collection[ColumnElement[bool]] = ()
) -> Counter[tuple[str, ...]]:
    rows = await _rows(session, sqlalchemy.select(*columns, func.count()).where(*wanted).group_by(*columns))
    return Counter({tuple(str(name) for name in names): count for *names, count in rows})


async def _rows(session: AsyncSession, query: sqlalchemy.Select[Any]) -> list[Row[Any]]:
    return list((await (await session.connection()).execute(query)).all())
