"""What filled the trades of an account that are known by their numbers, with the orders behind it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy
from sqlalchemy import Row
from sqlalchemy.orm import aliased
from sqlmodel import col

from desk.adapters.ledger.codec import fill_from
from desk.adapters.ledger.numbered_trades import NUMBERED
from desk.adapters.ledger.repository import Repository, table_of
from desk.adapters.ledger.tables import FillRow, OrderRow, TradeRow
from desk.model.orders import Fill, OrderState, OrderType


@dataclass(frozen=True, slots=True)
class FilledOrder:
    """The order of a fill, as the desk asked for it.

    Attributes:
        quantity: as asked, in base units.
        price: the limit or stop price; None for a market order.
    """

    venue_order_id: str
    type: OrderType
    state: OrderState
    quantity: Decimal
    price: Decimal | None
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class TradeFill:
    """A fill of an instrument while a trade of it was open.

    Attributes:
        rate, fee_rate: what a unit of the quote and of the fee currency was worth in the account's; None where that was
            not known.
        order: None where the desk gave none, as where a venue closed by itself.
        opens: whether it opened a trade.
    """

    fill: Fill
    rate: Decimal | None
    fee_rate: Decimal | None
    order: FilledOrder | None
    opens: bool


class TradeFills(Repository):
    """Fills of trades that are known by their numbers."""

    async def trade_fills(self, account: str, numbers: Collection[int]) -> Mapping[int, Sequence[TradeFill]]:
        """Return what was filled of the instrument of each trade from its opening to its closing, oldest first.

        What belonged to the trade before or after it in the same instant is among that; a trade without a fill has no
        entry.
        """
        wanted = _QUERY.where(NUMBERED.c.number.in_(numbers))
        async with self.database.read() as session:
            rows = (await (await session.connection()).execute(wanted, {"account": account})).all()
        found: dict[int, list[TradeFill]] = {}
        for row in rows:
            found.setdefault(row.number, []).append(_told(row))
        return found


_OTHER = aliased(TradeRow)
_HERE = (col(TradeRow.account) == NUMBERED.c.account) & (col(TradeRow.opened_by) == NUMBERED.c.opened_by)
_WITHIN = (
    (col(FillRow.account) == col(TradeRow.account))
    & (col(FillRow.instrument) == col(TradeRow.instrument))
    & (col(FillRow.at) >= col(TradeRow.opened_at))
    & (col(TradeRow.closed_at).is_(None) | (col(FillRow.at) <= col(TradeRow.closed_at)))
)
_OPENED = (col(_OTHER.account) == col(FillRow.account)) & (col(_OTHER.opened_by) == col(FillRow.venue_trade_id))
_ORDER = {
    "asked_type": OrderRow.type,
    "asked_state": OrderRow.state,
    "asked_quantity": OrderRow.quantity,
    "asked_price": OrderRow.price,
    "planned_at": OrderRow.planned_at,
    "venue_order_id": OrderRow.venue_order_id,
}
_QUERY = (
    sqlalchemy.select(
        NUMBERED.c.number,
        *table_of(FillRow).columns,
        *(col(column).label(name) for name, column in _ORDER.items()),
        col(_OTHER.opened_by).label("opened"),
    )
    .select_from(NUMBERED)
    .join(TradeRow, _HERE)
    .join(FillRow, _WITHIN)
    .outerjoin(OrderRow, col(OrderRow.client_order_id) == col(FillRow.client_order_id))
    .outerjoin(_OTHER, _OPENED)
    .order_by(NUMBERED.c.number, col(FillRow.at), col(FillRow.venue_trade_id))
)


def _told(row: Row[Any]) -> TradeFill:
    found = FillRow(**{column.name: getattr(row, column.name) for column in table_of(FillRow).columns})
    return TradeFill(fill_from(found), row.rate, row.fee_rate, _order(row), row.opened is not None)


def _order(row: Row[Any]) -> FilledOrder | None:
    if row.asked_type is None:
        return None
    return FilledOrder(
        row.venue_order_id,
        OrderType(row.asked_type),
        OrderState(row.asked_state),
        row.asked_quantity,
        row.asked_price,
        row.planned_at,
    )
