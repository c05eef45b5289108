"""The ways of trades: what was seen of them is kept as the lowest and the highest, however often it is told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy
from sqlalchemy import Row
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.tables import ExcursionRow, TradeRow
from desk.model.excursions import Excursion, Extremes, worst_and_best
from desk.model.records import Trade

_Name = tuple[str, datetime]


async def store_excursions(session: AsyncSession, account: str, seen: Sequence[Excursion]) -> None:
    """Add what was seen of the ways of an account's trades within a transaction.

    A way that was not seen from its beginning on, or of which a part is missing now, is not known, and not kept.
    """
    if not seen:
        return
    rows = await _rows(session, account, seen)
    for one in seen:
        await _store(session, account, rows.get((one.instrument, one.opened_at)), one)


def with_excursion(trades: sqlalchemy.Select[Any]) -> sqlalchemy.Select[Any]:
    """Return a question about trades with `lowest` and `highest` of the way of each beside it, or NULL."""
    same = (
        (col(ExcursionRow.account) == col(TradeRow.account))
        & (col(ExcursionRow.instrument) == col(TradeRow.instrument))
        & (col(ExcursionRow.opened_at) == col(TradeRow.opened_at))
    )
    return trades.add_columns(col(ExcursionRow.lowest), col(ExcursionRow.highest)).outerjoin(ExcursionRow, same)


def extremes_of(trade: Trade, row: Row[Any]) -> Extremes | None:
    """Return the worst and the best price of a trade's way; None where that was not seen.

    Args:
        trade: what it was entered at, and closed so far, counts as seen.
        row: of a question that went through `with_excursion`.
    """
    if row.lowest is None:
        return None
    prices: tuple[Decimal, ...] = (row.lowest, row.highest)
    if trade.exit_price is not None:
        prices = (*prices, trade.exit_price)
    return Extremes(*worst_and_best(trade.side, trade.entry_price, prices))


async def _rows(session: AsyncSession, account: str, seen: Sequence[Excursion]) -> Mapping[_Name, ExcursionRow]:
    wanted = (col(ExcursionRow.account) == account) & col(ExcursionRow.opened_at).in_({one.opened_at for one in seen})
    found = (await session.exec(select(ExcursionRow).where(wanted))).all()
    return {(row.instrument, row.opened_at): row for row in found}


async def _store(session: AsyncSession, account: str, row: ExcursionRow | None, seen: Excursion) -> None:
    if row is None:
        if seen.is_whole:
            session.add(_row(account, seen))
        return
    joined = _known(row).joined(seen)
    if joined is None:
        await session.delete(row)
        return
    row.lowest, row.highest, row.seen_until = joined.lowest, joined.highest, joined.until


def _row(account: str, one: Excursion) -> ExcursionRow:
    return ExcursionRow(
        account=account,
        instrument=one.instrument,
        opened_at=one.opened_at,
        lowest=one.lowest,
        highest=one.highest,
        seen_until=one.until,
    )


def _known(row: ExcursionRow) -> Excursion:
    return Excursion(row.instrument, row.opened_at, row.lowest, row.highest, row.opened_at, row.seen_until)
