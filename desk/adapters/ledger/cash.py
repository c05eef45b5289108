"""The cash of accounts: what fills and trades have made of it, and the entries that take over what they do not tell.

The entries are rows of the audit: each has a cause, none is ever changed, and the chain guards them.
"""

from datetime import datetime
from decimal import Decimal

import sqlalchemy
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.audit import append_audit
from desk.adapters.ledger.flows import open_transfers
from desk.adapters.ledger.leases import check_lease
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import AuditRow, FillRow, TradeRow
from desk.execution.cash import Booked, CashBook, CashDifference, CashKind, value_of
from desk.model.instrument import Side
from desk.model.moves import TREASURY
from desk.model.orders import FillReason
from desk.model.scopes import Scope
from desk.ports import Lease

_ACTION = "cash adjusted"
_FILL = (
    FillRow.instrument,
    FillRow.side,
    FillRow.quantity,
    FillRow.price,
    FillRow.fee,
    FillRow.fee_currency,
    FillRow.fee_rate,
    FillRow.rate,
    FillRow.at,
)


class Cash(Repository):
    """What is booked of cash, and entries that adjust it."""

    async def cash_book(self, account: str) -> CashBook:
        """Return what the ledger knows of an account's cash."""
        async with self.database.read() as session:
            entries = await _entries(session, account)
            fills = await _fills(session, account)
            profits = sqlalchemy.select(col(TradeRow.instrument), col(TradeRow.realised_profit))
            mine = profits.where(col(TradeRow.account) == account)
            realised = (await (await session.connection()).execute(mine)).all()
            is_moving = bool(await open_transfers(session, account))
        return CashBook(
            entries=sum(map(_amount, entries), Decimal(0)) if entries else None,
            last_at=max((row.at for row in entries), default=None),
            last_fill_at=max((fill.at for fill in fills), default=None),
            realised=[(instrument, profit) for instrument, profit in realised],
            fills=[_booked(fill) for fill in fills if fill.fee_rate is not None],
            is_complete=not is_moving and all(fill.rate is not None and fill.fee_rate is not None for fill in fills),
            last_moved_at=max((row.at for row in entries if row.who == TREASURY), default=None),
        )

    async def book_cash(self, difference: CashDifference, *, lease: Lease, now: datetime) -> None:
        """Commit an entry that makes a difference good.

        Args:
            lease: must be the newest, so that no two runs make the same difference good.

        Raises:
            LeaseLost: another holder has taken the account over; nothing was written.
        """
        detail = {
            "kind": difference.kind.value,
            "currency": difference.currency,
            "ledger": f"{difference.ledger:f}",
            "venue": f"{difference.venue:f}",
            "amount": f"{difference.amount:f}",
        }
        async with self.database.write() as session:
            await check_lease(session, lease)
            await append_audit(session, now, "reconciliation", _ACTION, _subject(lease.account), detail)


async def book_moved_cash(
    session: AsyncSession, account: str, amount: Decimal, *, currency: str, why: str, now: datetime
) -> None:
    """Write an entry for what the desk itself has moved; an account whose cash is not counted yet needs none.

    Args:
        now: the time of the account's clock.
    """
    if await _entries(session, account):
        detail = {"kind": CashKind.MOVED.value, "currency": currency, "amount": f"{amount:f}", "why": why}
        await append_audit(session, now, TREASURY, _ACTION, _subject(account), detail)


async def _entries(session: AsyncSession, account: str) -> list[AuditRow]:
    mine = (col(AuditRow.subject) == _subject(account)) & (col(AuditRow.action) == _ACTION)
    return list((await session.exec(select(AuditRow).where(mine))).all())


async def _fills(session: AsyncSession, account: str) -> list[sqlalchemy.Row[tuple[object, ...]]]:
    mine = (col(FillRow.account) == account) & col(FillRow.booked_at).is_not(None)
    query = sqlalchemy.select(*map(col, _FILL)).where(mine, col(FillRow.reason) != FillReason.ADJUSTMENT.value)
    return list((await (await session.connection()).execute(query)).all())


def _booked(fill: sqlalchemy.Row[tuple[object, ...]]) -> Booked:
    return Booked(
        instrument=fill.instrument,
        value=value_of(Side(fill.side), fill.quantity, fill.price),
        fee=fill.fee,
        fee_currency=fill.fee_currency,
        fee_value=fill.fee * fill.fee_rate,
    )


def _amount(row: AuditRow) -> Decimal:
    detail = row.detail
    assert isinstance(detail, dict), f"row {row.sequence} of the audit: expected its detail, found {detail}"
    return Decimal(detail["amount"])


def _subject(account: str) -> str:
    return str(Scope(account=account))
