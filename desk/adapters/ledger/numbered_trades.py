"""Trades of one account under numbers, for programs of others, which count trades and pages from the beginning."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy
from sqlalchemy import Row
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
        return await self._numbered(account, _CLOSED_AT.is_(None))

    async def past_trades(
        self, account: str, *, skip: int, limit: int, closed_last_first: bool = False
    ) -> tuple[NumberedTrade, ...]:
        """Return those that are over by number, or by when they were closed, without the first `skip`."""
        return await self._numbered(account, _CLOSED_AT.is_not(None), skip, limit, by_closing=closed_last_first)

    async def numbered_trade(self, account: str, number: int) -> NumberedTrade | None:
        """Return the trade of this number, or None where there is none."""
        found = await self._numbered(account, NUMBERED.c.number == number)
        return found[0] if found else None

    async def count_past_trades(self, account: str) -> int:
        """Return how many are over."""
        query = sqlalchemy.select(sqlalchemy.func.count()).where(
            col(TradeRow.account) == account, col(TradeRow.closed_at).is_not(None)
        )
        async with self.database.read() as session:
            return (await (await session.connection()).execute(query)).scalar_one()

    async def _numbered(
        self,
        account: str,
        wanted: sqlalchemy.ColumnElement[bool],
        skip: int = 0,
        limit: int | None = None,
        *,
        by_closing: bool = False,
    ) -> tuple[NumberedTrade, ...]:
        ordered = sqlalchemy.select(NUMBERED).where(wanted).order_by(*_order(NUMBERED, by_closing=by_closing))
        page = ordered.offset(skip).limit(limit).subquery()
        here = (col(TradeRow.account) == page.c.account) & (col(TradeRow.opened_by) == page.c.opened_by)
        found = _QUERY.add_columns(page.c.number).join(page, here).order_by(*_order(page, by_closing=by_closing))
        async with self.database.read() as session:
            rows = (await (await session.connection()).execute(found, {"account": account})).all()
        return tuple(map(_told, rows))


_NUMBER = sqlalchemy.func.row_number().over(order_by=(col(TradeRow.opened_at), col(TradeRow.opened_by)))
NUMBERED = (
    sqlalchemy.select(_NUMBER.label("number"), col(TradeRow.account), col(TradeRow.opened_by), col(TradeRow.closed_at))
    .where(col(TradeRow.account) == sqlalchemy.bindparam("account"))
    .subquery()
)
"""The trades of `account`, a parameter, with their numbers."""
_QUERY = with_excursion(
    with_entry(sqlalchemy.select(*table_of(TradeRow).columns, col(OrderRow.barriers), col(FillRow.rate)))
)
_CLOSED_AT = NUMBERED.c.closed_at


def _order(trades: sqlalchemy.Subquery, *, by_closing: bool) -> tuple[sqlalchemy.ColumnElement[Any], ...]:
    return (trades.c.closed_at.desc(), trades.c.number.desc()) if by_closing else (trades.c.number,)


def _told(row: Row[Any]) -> NumberedTrade:
    trade = trade_from(TradeRow(**{column.name: getattr(row, column.name) for column in table_of(TradeRow).columns}))
    barriers = None if row.barriers is None else from_json(Barriers, row.barriers)
    stop = barriers.stop if barriers else None
    return NumberedTrade(row.number, trade, stop, row.rate, extremes_of(trade, row))
