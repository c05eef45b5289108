"""What reconciliation writes: adjustments of positions, booked like fills, and the list of what others did."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.audit import append_audit
from desk.adapters.ledger.books import book_stored
from desk.adapters.ledger.codec import fill_from, order_from
from desk.adapters.ledger.leases import check_lease
from desk.adapters.ledger.orders import fill_order, find_orders, store_fills
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import AdjustmentRow, ExternalRow, FillRow, OrderEventRow, OrderRow, PositionRow
from desk.execution.adjusting import Difference, quantity_of
from desk.model.externals import External, ExternalKind
from desk.model.orders import Fill, Order, OrderState
from desk.ports import Lease

_SAME_MOMENT = 1_000
"""More fills than this of one instrument have never the same time."""


class Adjustments(Repository):
    """Adjustments and externals of accounts."""

    async def book_adjustment(
        self,
        difference: Difference,
        fills: Sequence[Fill],
        *,
        why: str,
        conversion: Mapping[str, Decimal],
        lease: Lease,
        now: datetime,
    ) -> bool:
        """Book the fills that make a difference good, with the reason and an audit row, in one transaction.

        Args:
            conversion: as for `book_fills`.
            lease: must be the newest.

        Returns:
            Whether this call booked them; not where the position has changed since it was compared, or where they
            are booked already.

        Raises:
            LeaseLost: another holder has taken the account over.
            LedgerError: a currency has no rate; nothing was booked.
        """
        account = lease.account
        async with self.database.write() as session:
            await check_lease(session, lease)
            held = await session.get(PositionRow, (account, difference.instrument))
            if (held.quantity if held else Decimal(0)) != quantity_of(difference.ledger):
                return False
            for fill in fills:
                session.add(_adjustment_row(account, difference, fill, why))
            await store_fills(session, account, fills)
            await book_stored(session, account, conversion, now)
            detail = {"difference": str(difference), "why": why, "fills": ", ".join(map(_name, fills))}
            await append_audit(session, now, "reconciliation", "adjusted", f"account:{account}", detail)
        return True

    async def newest_fills(self, account: str, instruments: Collection[str]) -> dict[str, Fill]:
        """Return the newest booked fill of each instrument that has one."""
        async with self.database.read() as session:
            found = [await _newest_fill(session, account, name) for name in instruments]
        return {row.instrument: fill_from(row) for row in found if row is not None}

    async def contradicted_orders(self, account: str, client_order_ids: Collection[str]) -> tuple[Order, ...]:
        """Return those of `client_order_ids` that were filled though rejected once, or beyond what was asked."""
        said = (col(OrderEventRow.client_order_id).in_(client_order_ids)) & (
            col(OrderEventRow.state) == OrderState.REJECTED.value
        )
        async with self.database.read() as session:
            rejected = set((await session.exec(select(OrderEventRow.client_order_id).where(said))).all())
            rows = [row for row in await find_orders(session, client_order_ids) if row.account == account]
        allowed = {row.client_order_id: 0 if row.client_order_id in rejected else row.quantity for row in rows}
        found = (order_from(row) for row in rows if row.filled_quantity > allowed[row.client_order_id])
        return tuple(sorted(found, key=lambda order: order.client_order_id))

    async def note_externals(
        self, account: str, kind: ExternalKind, found: Sequence[External], now: datetime
    ) -> tuple[External, ...]:
        """Make the list of an account's externals of a kind what was found, and return those that are new or other."""
        known = {external.name: external for external in await self.externals(account) if external.kind is kind}
        if known == {external.name: external for external in found}:
            return ()
        fresh = tuple(external for external in found if known.get(external.name) != external)
        async with self.database.write() as session:
            for name in known.keys() - {external.name for external in found}:
                await session.delete(await session.get_one(ExternalRow, (account, kind.value, name)))
            for external in fresh:
                await session.merge(_external_row(account, external, now))
        return fresh

    async def differences_seen(self, account: str) -> dict[str, datetime]:
        """Return by its detail since when each thing was there that was kept of differences at the last look."""
        kept = (col(ExternalRow.account) == account) & (col(ExternalRow.kind) == ExternalKind.DIFFERENCE.value)
        async with self.database.read() as session:
            rows = (await session.exec(select(ExternalRow).where(kept))).all()
        return {row.detail: row.first_seen for row in rows}

    async def traded_instruments(self, account: str, instruments: Collection[str]) -> frozenset[str]:
        """Return those of `instruments` on which the account ever had an order of the desk."""
        of_account = (col(OrderRow.account) == account) & col(OrderRow.instrument).in_(instruments)
        async with self.database.read() as session:
            return frozenset((await session.exec(select(OrderRow.instrument).where(of_account).distinct())).all())

    async def externals(self, account: str) -> tuple[External, ...]:
        """Return what others have at an account, as it was when it was last reconciled."""
        async with self.database.read() as session:
            rows = (await session.exec(select(ExternalRow).where(col(ExternalRow.account) == account))).all()
        found = (External(ExternalKind(row.kind), row.name, row.instrument, row.detail) for row in rows)
        return tuple(sorted(found, key=lambda external: (external.kind, external.name)))


async def _newest_fill(session: AsyncSession, account: str, instrument: str) -> FillRow | None:
    mine = (col(FillRow.account) == account) & (col(FillRow.instrument) == instrument)
    booked = select(FillRow).where(mine, col(FillRow.booked_at).is_not(None))
    rows: Iterable[FillRow] = (await session.exec(booked.order_by(col(FillRow.at).desc()).limit(_SAME_MOMENT))).all()
    return max(rows, key=fill_order, default=None)


def _adjustment_row(account: str, difference: Difference, fill: Fill, why: str) -> AdjustmentRow:
    return AdjustmentRow(
        account=account,
        venue_trade_id=fill.venue_trade_id,
        instrument=fill.instrument,
        ledger_quantity=quantity_of(difference.ledger),
        venue_quantity=quantity_of(difference.venue),
        why=why,
        at=fill.at,
    )


def _external_row(account: str, external: External, now: datetime) -> ExternalRow:
    return ExternalRow(
        account=account,
        kind=external.kind.value,
        name=external.name,
        instrument=external.instrument,
        detail=external.detail,
        first_seen=now,
    )


def _name(fill: Fill) -> str:
    return fill.venue_trade_id
