"""Orders to close what an account has: kept until it is flat, so that whoever comes next goes on with the same one."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.audit import append_audit
from desk.adapters.ledger.codec import from_json, order_from
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import FlatteningRow, LeaseRow, OrderRow
from desk.errors import LedgerError
from desk.execution.flattening import FLATTEN, Flattening
from desk.model.orders import Order
from desk.model.scopes import Scope

_APART = timedelta(seconds=1)
"""The ids of closing orders tell two flattenings of an account apart by the second."""


class Flattenings(Repository):
    """What was ordered to be closed, and what is left of it."""

    async def begin_flattening(
        self, account: str, at: datetime, *, who: str, why: str, instruments: Collection[str] = ()
    ) -> Flattening:
        """Return the account's unfinished flattening of these instruments, or commit a new one.

        Args:
            account: what is to be flat.
            at: the account's own present.
            who: orders it, for the audit.
            why: for the audit.
            instruments: what is to be closed; none for everything.
        """
        wanted = sorted(instruments)
        async with self.database.write() as session:
            rows = await _of_account(session, account)
            row = next((one for one in rows if not one.ended_at and one.instruments == wanted), None)
            action = "flatten continued" if row else "flatten begun"
            row = row or FlatteningRow(
                account=account,
                begun_at=_free_second(at, rows),
                instruments=wanted,
                who=who,
                why=why,
                remaining="",
            )
            session.add(row)
            detail = {"why": why, "instruments": ", ".join(wanted) or "all", "begun_at": row.begun_at.isoformat()}
            await append_audit(session, self._clock.now(), who, action, f"account:{account}", detail)
            return _flattening(row)

    async def end_flattening(self, flattening: Flattening, *, who: str, remaining: str) -> None:
        """Commit how far it came: without anything remaining it has ended, with something it can be continued.

        Raises:
            LedgerError: it was never begun.
        """
        now = self._clock.now()
        async with self.database.write() as session:
            row = await _begun(session, flattening)
            row.remaining, row.ended_at = remaining, None if remaining else now
            action = "flatten stopped" if remaining else "flatten ended flat"
            detail = {"remaining": remaining, "begun_at": row.begun_at.isoformat()}
            await append_audit(session, now, who, action, f"account:{row.account}", detail)

    async def drop_flattening(self, flattening: Flattening, *, who: str, why: str) -> None:
        """Commit that nobody wants it any more: it has ended, and nobody goes on with it.

        Raises:
            LedgerError: it was never begun.
        """
        async with self.database.write() as session:
            await _drop(session, await _begun(session, flattening), self._clock.now(), who, why)

    async def unfinished_flattenings(self) -> tuple[Flattening, ...]:
        """Return those that have neither ended flat nor been dropped, oldest first."""
        async with self.database.read() as session:
            return tuple(_flattening(row) for row in await _unfinished(session))

    async def closing_orders(self, flattening: Flattening) -> tuple[Order, ...]:
        """Return the orders of a flattening as the ledger has them, in the order in which they were planned."""
        ours = (
            (col(OrderRow.account) == flattening.account)
            & (col(OrderRow.strategy) == FLATTEN)
            & (col(OrderRow.candle_close) == flattening.begun_at)
        )
        async with self.database.read() as session:
            rows = (await session.exec(select(OrderRow).where(ours).order_by(col(OrderRow.planned_at)))).all()
        return tuple(order_from(row) for row in rows)


async def drop_resumed(session: AsyncSession, resumed: Scope, now: datetime, who: str) -> None:
    """Drop, in the transaction that resumes a scope, what was to be closed in it: who resumes keeps what is open."""
    for row in await _unfinished(session):
        lease = await session.get(LeaseRow, row.account)
        names = from_json(list[str], row.instruments) or [""]
        closed = (Scope(venue=lease.venue if lease else "", account=row.account, instrument=name) for name in names)
        if any(resumed.covers(scope) for scope in closed):
            await _drop(session, row, now, who, f"{resumed} was resumed before it was flat")


async def _unfinished(session: AsyncSession) -> list[FlatteningRow]:
    wanted = select(FlatteningRow).where(col(FlatteningRow.ended_at).is_(None))
    return list((await session.exec(wanted.order_by(col(FlatteningRow.begun_at)))).all())


async def _drop(session: AsyncSession, row: FlatteningRow, now: datetime, who: str, why: str) -> None:
    row.ended_at = now
    session.add(row)
    detail = {"why": why, "remaining": row.remaining, "begun_at": row.begun_at.isoformat()}
    await append_audit(session, now, who, "flatten dropped", f"account:{row.account}", detail)


async def _of_account(session: AsyncSession, account: str) -> list[FlatteningRow]:
    wanted = select(FlatteningRow).where(col(FlatteningRow.account) == account)
    return list((await session.exec(wanted.order_by(col(FlatteningRow.begun_at)))).all())


async def _begun(session: AsyncSession, flattening: Flattening) -> FlatteningRow:
    row = await session.get(FlatteningRow, (flattening.account, flattening.begun_at))
    if row is None:
        raise LedgerError(f"{flattening.account}: expected a flattening of {flattening.begun_at}, found none")
    return row


def _free_second(at: datetime, rows: Collection[FlatteningRow]) -> datetime:
    taken = {row.begun_at for row in rows}
    free = at.replace(microsecond=0)
    while free in taken:
        free += _APART
    return free


def _flattening(row: FlatteningRow) -> Flattening:
    return Flattening(row.account, row.begun_at, frozenset(from_json(list[str], row.instruments)))
