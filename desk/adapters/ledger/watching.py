"""What the watch of an account needs of the ledger: what the desk holds, why, and what the watch has done about it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import sqlalchemy
from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.codec import from_json, order_from
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import CycleRow, EquityRow, LeaseRow, OrderRow, PositionRow, TradeRow
from desk.execution.stops import Decided
from desk.execution.watching import WATCH
from desk.model.orders import Barriers, Order, OrderState

_KEPT, _LOOKED_AT = timedelta(days=1), timedelta(days=7)
"""For how long everything is kept of an account's money, and how much of the time before that is looked at."""
_MARGIN, _LONGEST_SCAN = timedelta(seconds=5), timedelta(minutes=10)
_AT_ONCE = 500
"""How many rows go in one transaction, so that whoever wants to trade need not wait."""
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

    async def thin_equity(self, account: str, now: datetime) -> int:
        """Forget most of what the watch wrote down of the account's money, and return how many rows went.

        All of the last day stays, and before it the last row of each hour and whatever a scan may have written. The
        week before the last day is looked at, so that a call now and then is enough.

        Args:
            now: by the machine's clock; an account with a clock of its own has rows of other times, and keeps them.
        """
        mine = col(EquityRow.account) == account
        end = now - _KEPT
        aged = select(EquityRow.at).where(mine, col(EquityRow.at) >= end - _LOOKED_AT, col(EquityRow.at) < end)
        async with self.database.read() as session:
            times = (await session.exec(aged.order_by(col(EquityRow.at)))).all()
            scans = await _scans(session, account, times) if times else []
        spare = [at for at in _between_hours(times) if not any(begin <= at <= stop for begin, stop in scans)]
        for start in range(0, len(spare), _AT_ONCE):
            some = col(EquityRow.at).in_(spare[start : start + _AT_ONCE])
            async with self.database.write() as session:
                await session.exec(delete(EquityRow).where(mine, some))
        return len(spare)

    async def lease_holder(self, account: str) -> str:
        """Return who holds the account, perhaps longer than allowed; empty where nobody does."""
        async with self.database.read() as session:
            row = await session.get(LeaseRow, account)
        return row.holder if row else ""


async def _scans(session: AsyncSession, account: str, times: Sequence[datetime]) -> list[tuple[datetime, datetime]]:
    """From when to when each scan may have written around these times, by a venue's clock that is not quite ours."""
    mine = (col(CycleRow.account) == account) & (col(CycleRow.started_at) <= times[-1] + _MARGIN)
    around = mine & (col(CycleRow.started_at) >= times[0] - _LONGEST_SCAN)
    query = sqlalchemy.select(col(CycleRow.started_at), col(CycleRow.finished_at)).where(around)
    rows = (await (await session.connection()).execute(query)).all()
    return [(begin - _MARGIN, (end or begin + _LONGEST_SCAN) + _MARGIN) for begin, end in rows]


def _between_hours(times: Sequence[datetime]) -> Iterator[datetime]:
    """All times but the last of each hour; the last of all is that of an hour which is not over."""
    for at, following in pairwise(times):
        if _hour_of(at) == _hour_of(following):
            yield at


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


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
