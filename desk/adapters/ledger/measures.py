"""What the whole ledger counts to, and where the newest of each account stands: what `/metrics` is made of.

Each process of the desk writes into the ledger, so that what is counted there is counted for all of them together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Row
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import col, func
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.repository import Repository
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
    orders: Counts
    fills: Counts
    closed_trades: Counts
    adjustments: Counts
    externals: Counts
    wealth: Mapping[str, Wealth]


class Measuring(Repository):
    """Counts of the ledger's rows; nothing here changes it."""

    async def measure(self) -> Measures:
        """Count everything, of one state of the database."""
        async with self.database.read() as session:
            return Measures(
                cycles=await _count(session, col(CycleRow.account), col(CycleRow.state)),
                signals=await _count(session, col(SignalRow.account), col(SignalRow.strategy), _sign()),
                refusals=await _refusals(session),
                orders=await _count(session, col(OrderRow.account), col(OrderRow.state)),
                fills=await _count(session, col(FillRow.account)),
                closed_trades=await _count(
                    session, col(TradeRow.account), col(TradeRow.strategy), wanted=col(TradeRow.closed_at).is_not(None)
                ),
                adjustments=await _count(session, col(AdjustmentRow.account)),
                externals=await _count(session, col(ExternalRow.account), col(ExternalRow.kind)),
                wealth=await _wealth(session),
            )


def _sign() -> ColumnElement[Any]:
    score = col(SignalRow.score)
    return sqlalchemy.case((score > 0, 1), (score < 0, -1), else_=0)


async def _refusals(session: AsyncSession) -> Counts:
    """What was passed over before a proposal, and what a rule cut or refused, are told with the same reasons."""
    found = dict(await _count(session, col(NoTradeRow.account), col(NoTradeRow.reason)))
    account, reason = col(FindingRow.account), col(FindingRow.reason)
    for names, count in (await _count(session, account, reason, wanted=reason.is_not(None))).items():
        found[names] = found.get(names, 0) + count
    return found


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
    session: AsyncSession, *columns: _Column, wanted: ColumnElement[bool] | None = None
) -> dict[tuple[str, ...], int]:
    query = sqlalchemy.select(*columns, func.count()).group_by(*columns)
    rows = await _rows(session, query if wanted is None else query.where(wanted))
    return {tuple(str(name) for name in names): count for *names, count in rows}


async def _rows(session: AsyncSession, query: sqlalchemy.Select[Any]) -> list[Row[Any]]:
    return list((await (await session.connection()).execute(query)).all())
