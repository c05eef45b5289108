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

    async def past_trades(
        self, account: str, *, skip: int, limit: int, closed_last_first: bool = False
    ) -> tuple[NumberedTrade, ...]:
        """Return those that are over by number, or by when they were closed, without the first `skip`."""
        if closed_last_first:
            return await self._by_closing(account, skip, limit)
        asked = {"account": account, "skip": skip, "limit": limit}
        async with self.database.read() as session:
            connection = await session.connection()
            waiting = sorted(map(_place, (await connection.execute(_OPEN_ONES, {"account": account})).all()))
            rows = (await connection.execute(_PAST, asked)).all()
        # Of those before it, as many are over as were passed over, and the others are open.
        return tuple(_told(row, skip + at + bisect(waiting, _place(row))) for at, row in enumerate(rows, start=1))

    async def numbered_trade(self, account: str, number: int) -> NumberedTrade | None:
        """Return the trade of this number, or None where there is none."""
        if number < 1:
            return None
        asked = {"account": account, "skip": number - 1, "limit": 1}
        async with self.database.read() as session:
            row = (await (await session.connection()).execute(_ANY, asked)).first()
        return None if row is None else _told(row, number)

    async def count_past_trades(self, account: str) -> int:
        """Return how many are over."""
        query = sqlalchemy.select(sqlalchemy.func.count()).where(
            col(TradeRow.account) == account, col(TradeRow.closed_at).is_not(None)
        )
        async with self.database.read() as session:
            return (await (await session.connection()).execute(query)).scalar_one()

    async def _by_closing(self, account: str, skip: int, limit: int) -> tuple[NumberedTrade, ...]:
        newest = (NUMBERED.c.closed_at.desc(), NUMBERED.c.number.desc())
        ordered = sqlalchemy.select(NUMBERED).where(NUMBERED.c.closed_at.is_not(None)).order_by(*newest)
        page = ordered.offset(skip).limit(limit).subquery()
        here = (col(TradeRow.account) == page.c.account) & (col(TradeRow.opened_by) == page.c.opened_by)
        found = _QUERY.add_columns(page.c.number).join(page, here)
        async with self.database.read() as session:
            again = found.order_by(page.c.closed_at.desc(), page.c.number.desc())
            rows = (await (await session.connection()).execute(again, {"account": account})).all()
        return tuple(_told(row, row.number) for row in rows)


_ACCOUNT = col(TradeRow.account) == sqlalchemy.bindparam("account")
_ORDER = (col(TradeRow.opened_at), col(TradeRow.opened_by))
_NUMBER = sqlalchemy.func.row_number().over(order_by=_ORDER)
NUMBERED = (
    sqlalchemy.select(_NUMBER.label("number"), col(TradeRow.account), col(TradeRow.opened_by), col(TradeRow.closed_at))
    .where(_ACCOUNT)
    .subquery()
)
"""The trades of `account`, a parameter, with their numbers: every one is looked at for that."""
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


def _page(*wanted: ColumnElement[bool]) -> sqlalchemy.Select[Any]:
    page = (
        sqlalchemy.select(col(TradeRow.account), col(TradeRow.opened_by))
        .where(_ACCOUNT, *wanted)
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
_PAST, _ANY = _page(col(TradeRow.closed_at).is_not(None)), _page()


def _place(row: Row[Any]) -> tuple[datetime, str]:
    return row.opened_at, row.opened_by


def _told(row: Row[Any], number: int) -> NumberedTrade:
    trade = trade_from(TradeRow(**{column.name: getattr(row, column.name) for column in table_of(TradeRow).columns}))
    barriers = None if row.barriers is None else from_json(Barriers, row.barriers)
    stop = barriers.stop if barriers else None
    return NumberedTrade(number, trade, stop, row.rate, extremes_of(trade, row))
