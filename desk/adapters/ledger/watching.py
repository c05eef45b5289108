"""What the watch of an account needs of the ledger: what the desk holds, why, and what the watch has done about it."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.codec import from_json, order_from
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import EquityRow, LeaseRow, OrderRow, PositionRow, TradeRow
from desk.execution.stops import Decided
from desk.execution.watching import WATCH
from desk.model.orders import Barriers, Order, OrderState

_UNFINISHED = tuple(state.value for state in OrderState if not state.is_final)


class Watching(Repository):
    """Questions of the watch and of the guardian."""

    async def decided_positions(self, account: str) -> tuple[Decided, ...]:
        """Return what the account holds by its fills, with the orders that the watch has planned for it."""
        mine = select(PositionRow).where(col(PositionRow.account) == account)
        async with self.database.read() as session:
            rows = (await session.exec(mine.order_by(col(PositionRow.instrument)))).all()
            return tuple([await _decided(session, row) for row in rows])

    async def unsettled_watch_orders(self, account: str) -> tuple[Order, ...]:
        """Return the orders of the watch that were not sent, or whose outcome is not known, oldest first."""
        unsettled = [state.value for state in OrderState if state.is_unresolved or state is OrderState.PLANNED]
        ours = (col(OrderRow.account) == account) & (col(OrderRow.strategy) == WATCH)
        wanted = select(OrderRow).where(ours, col(OrderRow.state).in_(unsettled)).order_by(col(OrderRow.planned_at))
        async with self.database.read() as session:
            return tuple(map(order_from, (await session.exec(wanted)).all()))

    async def has_business(self, account: str) -> bool:
        """Return whether the account holds something by its fills, or has an order that has not ended."""
        held = select(PositionRow.instrument).where(col(PositionRow.account) == account).limit(1)
        ordered = (col(OrderRow.account) == account) & col(OrderRow.state).in_(_UNFINISHED)
        async with self.database.read() as session:
            if (await session.exec(held)).first() is not None:
                return True
            return (await session.exec(select(OrderRow.client_order_id).where(ordered).limit(1))).first() is not None

    async def accounts_with_positions(self) -> frozenset[str]:
        """Return the accounts that hold something by their fills, those that are in no configuration any more too."""
        async with self.database.read() as session:
            return frozenset((await session.exec(select(PositionRow.account).distinct())).all())

    async def last_valued_at(self, account: str, at: datetime) -> datetime | None:
        """Return when the account's money was last written down, at `at` or before; None where it never was."""
        mine = select(EquityRow.at).where(col(EquityRow.account) == account, col(EquityRow.at) <= at)
        async with self.database.read() as session:
            return (await session.exec(mine.order_by(col(EquityRow.at).desc()).limit(1))).first()

    async def lease_holder(self, account: str) -> str:
        """Return who holds the account, perhaps longer than allowed; empty where nobody does."""
        async with self.database.read() as session:
            row = await session.get(LeaseRow, account)
        return row.holder if row else ""


async def _decided(session: AsyncSession, row: PositionRow) -> Decided:
    same = (col(TradeRow.account) == row.account) & (col(TradeRow.instrument) == row.instrument)
    trade = (await session.exec(select(TradeRow).where(same & col(TradeRow.closed_at).is_(None)))).one()
    anchor = trade.entry_candle_close or trade.opened_at
    ours = (
        (col(OrderRow.account) == row.account)
        & (col(OrderRow.instrument) == row.instrument)
        & (col(OrderRow.strategy) == WATCH)
        & (col(OrderRow.candle_close) == anchor)
    )
    orders = (await session.exec(select(OrderRow).where(ours).order_by(col(OrderRow.planned_at)))).all()
    return Decided(
        instrument=row.instrument,
        quantity=row.quantity,
        barriers=from_json(Barriers, row.barriers),
        opened_at=row.opened_at,
        anchor=anchor,
        entered=trade.entry_quantity,
        entry_price=trade.entry_notional / trade.entry_quantity,
        orders=tuple(map(order_from, orders)),
    )
