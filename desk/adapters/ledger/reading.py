"""What the ledger tells the command line and the screens: lists, curves and where each account stands."""

from datetime import UTC, datetime, time
from decimal import Decimal

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.codec import (
    fill_from,
    position_from,
    record_from,
    summary_from,
    trade_from,
)
from desk.adapters.ledger.facts import (
    AccountSummary,
    CycleSummary,
    EquityPoint,
    OrderRecord,
)
from desk.adapters.ledger.flows import flows_of, moved_since
from desk.adapters.ledger.orders import fill_order
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import (
    CycleRow,
    EquityRow,
    FillRow,
    OrderRow,
    PositionRow,
    TradeRow,
)
from desk.model.books import Position
from desk.model.orders import Fill
from desk.model.records import Trade

_ALL = 1_000_000


class Reading(Repository):
    """Questions to the ledger; nothing here changes it. Lists are oldest first, limits keep the newest."""

    async def cycles(
        self,
        account: str | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = _ALL,
    ) -> tuple[CycleSummary, ...]:
        """Return cycles by candle close, from `since` on and before `until`; of every account where none is given."""
        wanted = _between(col(CycleRow.candle_close), since, until)
        if account is not None:
            wanted.append(col(CycleRow.account) == account)
        query = select(CycleRow).where(*wanted).order_by(col(CycleRow.candle_close).desc(), col(CycleRow.account))
        async with self.database.read() as session:
            rows = (await session.exec(query.limit(limit))).all()
        return tuple(summary_from(row) for row in reversed(rows))

    async def last_cycle(self, account: str) -> CycleSummary | None:
        """Return the cycle of the newest candle, or None where the account was never scanned."""
        found = await self.cycles(account, limit=1)
        return found[0] if found else None

    async def orders(
        self, account: str, *, since: datetime | None = None, limit: int = _ALL
    ) -> tuple[OrderRecord, ...]:
        """Return orders of the cycles from `since` on."""
        wanted = [col(OrderRow.account) == account, *_between(col(OrderRow.candle_close), since, None)]
        query = select(OrderRow).where(*wanted)
        newest_first = query.order_by(col(OrderRow.candle_close).desc(), col(OrderRow.client_order_id).desc())
        async with self.database.read() as session:
            rows = (await session.exec(newest_first.limit(limit))).all()
        return tuple(record_from(row) for row in reversed(rows))

    async def fills(self, account: str, *, since: datetime | None = None, limit: int = _ALL) -> tuple[Fill, ...]:
        """Return fills from `since` on."""
        wanted = [col(FillRow.account) == account, *_between(col(FillRow.at), since, None)]
        query = select(FillRow).where(*wanted).order_by(col(FillRow.at).desc())
        async with self.database.read() as session:
            rows = (await session.exec(query.limit(limit))).all()
        return tuple(fill_from(row) for row in sorted(rows, key=fill_order))

    async def trades(self, account: str, *, since: datetime | None = None, limit: int = _ALL) -> tuple[Trade, ...]:
        """Return round trips opened from `since` on, the open ones among them."""
        wanted = [col(TradeRow.account) == account, *_between(col(TradeRow.opened_at), since, None)]
        query = select(TradeRow).where(*wanted)
        newest_first = query.order_by(col(TradeRow.opened_at).desc(), col(TradeRow.instrument).desc())
        async with self.database.read() as session:
            rows = (await session.exec(newest_first.limit(limit))).all()
        return tuple(trade_from(row) for row in reversed(rows))

    async def positions(self, account: str) -> tuple[Position, ...]:
        """Return what the account holds by its fills, by name of instrument."""
        async with self.database.read() as session:
            rows = (await session.exec(select(PositionRow).where(col(PositionRow.account) == account))).all()
        return tuple(sorted(map(position_from, rows), key=lambda position: position.instrument))

    async def equity_curve(
        self, account: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[EquityPoint, ...]:
        """Return the account's money over time, from `since` on and before `until`."""
        wanted = [col(EquityRow.account) == account, *_between(col(EquityRow.at), since, until)]
        async with self.database.read() as session:
            rows = (await session.exec(select(EquityRow).where(*wanted).order_by(col(EquityRow.at)))).all()
        return tuple(EquityPoint(row.at, row.equity, row.cash) for row in rows)

    async def moved(self, account: str) -> tuple[tuple[datetime, Decimal], ...]:
        """Return what the desk has moved into an account and, below 0, out of it, in its currency; oldest first."""
        async with self.database.read() as session:
            flows = await flows_of(session, [account])
        return tuple(sorted((flow.at, flow.amount) for flow in flows if flow.at is not None))

    async def summaries(self) -> tuple[AccountSummary, ...]:
        """Return where every account stands that was ever scanned, by name."""
        async with self.database.read() as session:
            cycles = await _newest_cycles(session)
            equities = await _newest_equities(session)
            counted = select(PositionRow.account, func.count()).group_by(col(PositionRow.account))
            positions = dict((await session.exec(counted)).all())
            starts = {name: await _day_start(session, row) for name, row in equities.items()}
        names = sorted({*cycles, *equities})
        return tuple(
            AccountSummary(
                account=name,
                last_cycle=cycles.get(name),
                equity=equities[name].equity if name in equities else None,
                day_profit=equities[name].equity - starts[name] if name in equities else None,
                open_positions=positions.get(name, 0),
            )
            for name in names
        )


async def _newest_cycles(session: AsyncSession) -> dict[str, CycleSummary]:
    newest = select(CycleRow.account, func.max(CycleRow.candle_close).label("candle_close"))
    last = newest.group_by(col(CycleRow.account)).subquery()
    same = (col(CycleRow.account) == last.c.account) & (col(CycleRow.candle_close) == last.c.candle_close)
    return {row.account: summary_from(row) for row in (await session.exec(select(CycleRow).join(last, same))).all()}


async def _newest_equities(session: AsyncSession) -> dict[str, EquityRow]:
    newest = select(EquityRow.account, func.max(EquityRow.at).label("at"))
    last = newest.group_by(col(EquityRow.account)).subquery()
    same = (col(EquityRow.account) == last.c.account) & (col(EquityRow.at) == last.c.at)
    return {row.account: row for row in (await session.exec(select(EquityRow).join(last, same))).all()}


async def _day_start(session: AsyncSession, newest: EquityRow) -> Decimal:
    midnight = datetime.combine(newest.at, time(), tzinfo=UTC)
    mine = select(EquityRow).where(col(EquityRow.account) == newest.account)
    before = mine.where(col(EquityRow.at) <= midnight).order_by(col(EquityRow.at).desc()).limit(1)
    first = mine.order_by(col(EquityRow.at)).limit(1)
    row = (await session.exec(before)).first() or (await session.exec(first)).first() or newest
    return row.equity + moved_since(await flows_of(session, [newest.account]), row.at, newest.at)


def _between(column: Mapped[datetime], since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    wanted = []
    if since is not None:
        wanted.append(column >= since)
    if until is not None:
        wanted.append(column < until)
    return wanted
