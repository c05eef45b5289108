"""Trades of one account under numbers, for programs of others, which count trades and pages from the beginning."""

from bisect import bisect
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Row
from sqlalchemy.orm import aliased
from sqlmodel import col

from desk.adapters.ledger.codec import from_json, trade_from
from desk.adapters.ledger.costs import with_entry
from desk.adapters.ledger.excursions import extremes_of, with_excursion
from desk.adapters.ledger.repository import Repository, table_of
from desk.adapters.ledger.tables import FillRow, OrderRow, TradeRow
from desk.model.excursions import Extremes
from desk.model.orders import Barriers
from desk.model.records import Trade


@dataclass(frozen=True, slots=True)
class NumberedTrade:
    """A trade and its place in the order in which the account's were opened.

    Attributes:
        number: from 1; it stays as long as no older trade becomes known.
        first_stop: of the order that opened it; None where there was none.
        rate: what a unit of the quote currency was worth in the account's at its first fill; None where not known.
        extremes: of its way, in quote currency; None where that was not seen.
    """

    number: int
    trade: Trade
    first_stop: Decimal | None
    rate: Decimal | None
    extremes: Extremes | None = None

    @property
    def entry_value(self) -> Decimal | None:
        """What was bought or sold at the entry, in account currency; None where no rate was known."""
        return None if self.rate is None else self.trade.entry_notional * self.rate


class NumberedTrades(Repository):
    """Trades counted from the first."""

    async def open_trades(self, account: str) -> tuple[NumberedTrade, ...]:
        """Return those that are open, oldest first."""
        async with self.database.read() as session:
            rows = (await (await session.connection()).execute(_OPEN, {"account": account})).all()
        return tuple(_told(row, row.before + 1) for row in sorted(rows, key=_place))

    async def past_trades(self, account: str, *, skip: int, limit: int) -> tuple[NumberedTrade, ...]:
        """Return those that are over, oldest first, without the first `skip`, at most `limit`."""
        asked = {"account": account, "skip": skip, "limit": limit}
        async with self.database.read() as session:
            connection = await session.connection()
            waiting = sorted(map(_place, (await connection.execute(_OPEN_ONES, {"account": account})).all()))
            rows = (await connection.execute(_PAST, asked)).all()
        # Of those before it, as many are over as were passed over, and the others are open.
        return tuple(_told(row, skip + at + bisect(waiting, _place(row))) for at, row in enumerate(rows, start=1))

    async def count_past_trades(self, account: str) -> int:
        """Return how many are over."""
        query = sqlalchemy.select(sqlalchemy.func.count()).where(
            col(TradeRow.account) == account, col(TradeRow.closed_at).is_not(None)
        )
        async with self.database.read() as session:
            return (await (await session.connection()).execute(query)).scalar_one()


_ACCOUNT = col(TradeRow.account) == sqlalchemy.bindparam("account")
_ORDER = (col(TradeRow.opened_at), col(TradeRow.opened_by))
_QUERY = with_excursion(
    with_entry(sqlalchemy.select(*table_of(TradeRow).columns, col(OrderRow.barriers), col(FillRow.rate)))
)


def _before() -> ColumnElement[int]:
    """How many of the account were opened before a trade; of those at the same time, by the name of their order."""
    other = aliased(TradeRow)
    same = col(other.account) == col(TradeRow.account)
    until = col(other.opened_at) <= col(TradeRow.opened_at)
    before = (col(other.opened_at) < col(TradeRow.opened_at)) | (col(other.opened_by) < col(TradeRow.opened_by))
    counted = sqlalchemy.select(sqlalchemy.func.count()).select_from(other).where(same, until, before)
    return counted.correlate(TradeRow).scalar_subquery()


def _past() -> sqlalchemy.Select[Any]:
    page = (
        sqlalchemy.select(col(TradeRow.account), col(TradeRow.opened_by))
        .where(_ACCOUNT, col(TradeRow.closed_at).is_not(None))
        .order_by(*_ORDER)
        .offset(sqlalchemy.bindparam("skip"))
        .limit(sqlalchemy.bindparam("limit"))
        .subquery()
    )
    here = (col(TradeRow.account) == page.c.account) & (col(TradeRow.opened_by) == page.c.opened_by)
    return _QUERY.join(page, here).order_by(*_ORDER)


# Sorted by us, since they are few: asked for in their order, every trade that is over would be looked at.
_IS_OPEN = col(TradeRow.closed_at).is_(None)
_OPEN = _QUERY.add_columns(_before().label("before")).where(_ACCOUNT, _IS_OPEN)
_OPEN_ONES = sqlalchemy.select(*_ORDER).where(_ACCOUNT, _IS_OPEN)
_PAST = _past()


def _place(row: Row[Any]) -> tuple[datetime, str]:
    return row.opened_at, row.opened_by


def _told(row: Row[Any], number: int) -> NumberedTrade:
    trade = trade_from(TradeRow(**{column.name: getattr(row, column.name) for column in table_of(TradeRow).columns}))
    barriers = None if row.barriers is None else from_json(Barriers, row.barriers)
    stop = barriers.stop if barriers else None
    return NumberedTrade(number, trade, stop, row.rate, extremes_of(trade, row))
