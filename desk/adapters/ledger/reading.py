"""What the ledger tells the command line and the screens: lists, curves and where each account stands."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal

from sqlalchemy import CTE, ColumnElement
from sqlalchemy.orm import Mapped, aliased
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
from desk.adapters.ledger.flows import Flow, flows_of, moved_since
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
            flows = await flows_of(session, equities)
            starts = await _day_starts(session, equities, flows)
        names = sorted({*cycles, *equities})
        return tuple(
            AccountSummary(
                account=name,
                last_cycle=cycles.get(name),
                equity=equities[name].equity if name in equities else None,
                day_profit=equities[name].equity - starts[name] if name in equities else None,
                open_positions=positions.get(name, 0),
                peak=_peak(equities[name], flows) if name in equities else None,
            )
            for name in names
        )

    async def peaks(self) -> Mapping[str, Decimal]:
        """Return the highest equity so far of every account that has any; what may have left counts as gone."""
        async with self.database.read() as session:
            equities = await _newest_equities(session)
            flows = await flows_of(session, equities)
        return {name: _peak(row, flows) for name, row in equities.items()}


async def _newest_cycles(session: AsyncSession) -> dict[str, CycleSummary]:
    names, asked = _accounts_of(CycleRow), aliased(CycleRow)
    last = select(func.max(asked.candle_close)).where(asked.account == names.c.account).scalar_subquery()
    same = (col(CycleRow.account) == names.c.account) & (col(CycleRow.candle_close) == last)
    found = await session.exec(select(CycleRow).join_from(names, CycleRow, same))
    return {row.account: summary_from(row) for row in found.all()}


async def _newest_equities(session: AsyncSession) -> dict[str, EquityRow]:
    names, asked = _accounts_of(EquityRow), aliased(EquityRow)
    last = select(func.max(asked.at)).where(asked.account == names.c.account).scalar_subquery()
    return await _equities_at(session, names, last)


async def _day_starts(
    session: AsyncSession, newest: Mapping[str, EquityRow], flows: Sequence[Flow]
) -> dict[str, Decimal]:
    """What each account had at the last midnight before its newest row, or first of all, moved money added."""
    midnights = {name: datetime.combine(row.at, time(), tzinfo=UTC) for name, row in newest.items()}
    starts: dict[str, EquityRow] = {}
    for midnight in set(midnights.values()):
        mine = [name for name, one in midnights.items() if one == midnight]
        starts |= await _equities_since(session, midnight, mine)
    return {name: row.equity + _moved(flows, row, newest[name]) for name, row in starts.items()}


async def _equities_since(session: AsyncSession, midnight: datetime, accounts: Sequence[str]) -> dict[str, EquityRow]:
    """The last row of each account until a time, or its first one after that."""
    names, asked = _accounts_of(EquityRow), aliased(EquityRow)
    mine = asked.account == names.c.account
    before = select(func.max(asked.at)).where(mine, asked.at <= midnight).scalar_subquery()
    first = select(func.min(asked.at)).where(mine).scalar_subquery()
    return await _equities_at(session, names, func.coalesce(before, first), names.c.account.in_(accounts))


async def _equities_at(
    session: AsyncSession, names: CTE, at: ColumnElement[datetime], *wanted: ColumnElement[bool]
) -> dict[str, EquityRow]:
    same = (col(EquityRow.account) == names.c.account) & (col(EquityRow.at) == at)
    found = await session.exec(select(EquityRow).join_from(names, EquityRow, same).where(*wanted))
    return {row.account: row for row in found.all()}


def _accounts_of(rows: type[CycleRow] | type[EquityRow]) -> CTE:
    """Every account that has rows: from one to the next in the index, not through all of it as DISTINCT goes."""
    account = col(rows.account)
    names = select(func.min(account).label("account")).cte(recursive=True)
    following = select(func.min(account)).where(account > names.c.account).scalar_subquery()
    return names.union_all(select(following).where(names.c.account.is_not(None)))


def _moved(flows: Sequence[Flow], start: EquityRow, newest: EquityRow) -> Decimal:
    return moved_since((flow for flow in flows if flow.account == start.account), start.at, newest.at)


def _peak(newest: EquityRow, flows: Sequence[Flow]) -> Decimal:
    """The highest equity; what may have left counts as gone, and is in no row before it is known."""
    peak = newest.peak
    for flow in flows:
        if flow.account == newest.account and flow.at is None:
            peak = flow.scaled(peak)
    return peak


def _between(column: Mapped[datetime], since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    wanted = []
    if since is not None:
        wanted.append(column >= since)
    if until is not None:
        wanted.append(column < until)
    return wanted
