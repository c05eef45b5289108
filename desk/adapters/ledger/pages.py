"""Long lists page by page, the newest first: a page begins after the last place of the one before."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import Mapped
from sqlmodel import SQLModel, col, select

from desk.adapters.ledger.codec import record_from, summary_from, trade_from
from desk.adapters.ledger.facts import CycleSummary, EquityPoint, OrderRecord
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import CycleRow, EquityRow, OrderRow, TradeRow
from desk.model.records import Trade

Row = TypeVar("Row", bound=SQLModel)
Place = tuple[datetime, str]
"""Where in a list something is: its time, and a name that tells it from others of that time."""


class Pages(Repository):
    """Lists of one account; rows that arrive while somebody turns pages shift nothing."""

    async def cycle_page(self, account: str, *, before: Place | None, limit: int) -> tuple[CycleSummary, ...]:
        """Return cycles of older candles than that of `before`; a cycle has no name."""
        mine = (col(CycleRow.account) == account, *_older(col(CycleRow.candle_close), None, before))
        return tuple(map(summary_from, await self._page(CycleRow, mine, (col(CycleRow.candle_close),), limit)))

    async def order_page(self, account: str, *, before: Place | None, limit: int) -> tuple[OrderRecord, ...]:
        """Return orders by candle and client order id."""
        at, name = col(OrderRow.candle_close), col(OrderRow.client_order_id)
        mine = (col(OrderRow.account) == account, *_older(at, name, before))
        return tuple(map(record_from, await self._page(OrderRow, mine, (at, name), limit)))

    async def trade_page(self, account: str, *, before: Place | None, limit: int) -> tuple[Trade, ...]:
        """Return round trips by when they were opened, and by what."""
        at, name = col(TradeRow.opened_at), col(TradeRow.opened_by)
        mine = (col(TradeRow.account) == account, *_older(at, name, before))
        return tuple(map(trade_from, await self._page(TradeRow, mine, (at, name), limit)))

    async def equity_page(self, account: str, *, before: Place | None, limit: int) -> tuple[EquityPoint, ...]:
        """Return the account's money; a point has no name."""
        mine = (col(EquityRow.account) == account, *_older(col(EquityRow.at), None, before))
        rows = await self._page(EquityRow, mine, (col(EquityRow.at),), limit)
        return tuple(EquityPoint(row.at, row.equity, row.cash) for row in rows)

    async def _page(
        self, table: type[Row], wanted: Sequence[ColumnElement[bool]], order: Sequence[Mapped[object]], limit: int
    ) -> Sequence[Row]:
        newest_first = select(table).where(*wanted).order_by(*(column.desc() for column in order)).limit(limit)
        async with self.database.read() as session:
            return (await session.exec(newest_first)).all()


def _older(at: Mapped[datetime], name: Mapped[str] | None, before: Place | None) -> list[ColumnElement[bool]]:
    if before is None:
        return []
    time, last = before
    return [at < time] if name is None else [or_(at < time, and_(at == time, name < last))]
