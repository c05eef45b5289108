"""How the accounts of a fleet stand, in as few questions as can be: money, what is held, what works, last prices.

The questions are put together once, because that takes longer than to answer them.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy
from sqlalchemy import BindParameter, ColumnElement, Row, bindparam
from sqlalchemy.orm import aliased
from sqlmodel import col, func
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.flows import flows_of, moved_since
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import CycleRow, EquityRow, LeaseRow, OrderRow, PositionRow
from desk.model.instrument import Side
from desk.model.orders import OrderState
from desk.steps.surroundings import Standing

_UNFINISHED = tuple(state.value for state in OrderState if not state.is_final)
_ACCOUNTS: BindParameter[str] = bindparam("accounts", expanding=True)
_AT: BindParameter[datetime] = bindparam("at")
_MIDNIGHT: BindParameter[datetime] = bindparam("midnight")


class Standings(Repository):
    """`desk.steps.surroundings.Standings` in the database."""

    async def standings(self, accounts: Collection[str], at: datetime) -> tuple[Standing, ...]:
        """Return how accounts stood at a time, by name; one whose money was never written down is left out.

        What is held and what works is that of now. Prices and rates are those of the last cycle that came to a
        snapshot, however long ago that was, and of accounts that hold something or are about to. Money that the desk
        has moved since midnight is part of what they had then.
        """
        midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        async with self.database.read() as session:
            money = await _rows(session, _MONEY, accounts, at=at, midnight=midnight)
            names = {name for name, *_ in money}
            held = _by_account(await _rows(session, _HELD, names))
            working = _by_account(map(_unfilled, await _rows(session, _WORKING, names)))
            busy = held.keys() | working.keys()
            looks = await _rows(session, _LAST_LOOKS, busy, at=at) if busy else []
            flows = await flows_of(session, names)
        last = {name: (_prices(quotes), _decimals(rates)) for name, quotes, rates in looks}
        nothing: dict[str, Decimal] = {}
        return tuple(
            Standing(
                name,
                equity,
                start + moved_since([flow for flow in flows if flow.account == name and flow.at], since, at),
                held.get(name, nothing),
                working.get(name, nothing),
                *last.get(name, ()),
            )
            for name, equity, start, since in sorted(money)
        )


def _money() -> sqlalchemy.Select[Any]:
    """The newest equity and that at the start of the UTC day; the first there is where that is none."""
    newest, start = aliased(EquityRow), aliased(EquityRow)
    first = _equity_time(func.min(col(EquityRow.at)))
    begun = func.coalesce(_equity_time(func.max(col(EquityRow.at)), col(EquityRow.at) <= _MIDNIGHT), first)
    last = _equity_time(func.max(col(EquityRow.at)), col(EquityRow.at) <= _AT)
    return (
        sqlalchemy.select(col(LeaseRow.account), col(newest.equity), col(start.equity), col(start.at))
        .select_from(LeaseRow)
        .join(newest, (col(newest.account) == col(LeaseRow.account)) & (col(newest.at) == last))
        .join(start, (col(start.account) == col(LeaseRow.account)) & (col(start.at) == begun))
        .where(col(LeaseRow.account).in_(_ACCOUNTS))
    )


def _equity_time(which: ColumnElement[Any], *wanted: ColumnElement[bool]) -> ColumnElement[Any]:
    query = sqlalchemy.select(which).where(col(EquityRow.account) == col(LeaseRow.account), *wanted)
    return query.correlate(LeaseRow).scalar_subquery()


def _last_looks() -> sqlalchemy.Select[Any]:
    """Quotes and rates of each account's newest cycle that has a snapshot."""
    seen, snapshot = aliased(CycleRow), col(CycleRow.snapshot)
    mine = (col(seen.account) == col(LeaseRow.account)) & (col(seen.candle_close) <= _AT)
    newest = sqlalchemy.select(func.max(col(seen.candle_close))).where(mine, col(seen.equity).is_not(None))
    is_newest = col(CycleRow.candle_close) == newest.correlate(LeaseRow).scalar_subquery()
    return (
        sqlalchemy.select(col(CycleRow.account), snapshot["quotes"], snapshot[("money", "conversion")])
        .select_from(LeaseRow)
        .join(CycleRow, (col(CycleRow.account) == col(LeaseRow.account)) & is_newest)
        .where(col(LeaseRow.account).in_(_ACCOUNTS))
    )


_MONEY, _LAST_LOOKS = _money(), _last_looks()
_HELD = sqlalchemy.select(col(PositionRow.account), col(PositionRow.instrument), col(PositionRow.quantity)).where(
    col(PositionRow.account).in_(_ACCOUNTS)
)
_WORKING = sqlalchemy.select(
    *(col(OrderRow.account), col(OrderRow.instrument), col(OrderRow.side)),
    *(col(OrderRow.quantity), col(OrderRow.filled_quantity)),
).where(
    col(OrderRow.account).in_(_ACCOUNTS), col(OrderRow.state).in_(_UNFINISHED), col(OrderRow.reduce_only).is_(False)
)
"""What may still open something: those whose outcome is not known, or that are about to be sent, among it."""


def _unfilled(row: Row[Any]) -> tuple[str, str, Decimal]:
    return row.account, row.instrument, (row.quantity - row.filled_quantity) * Side(row.side).sign


def _by_account(rows: Iterable[Row[Any] | tuple[str, str, Decimal]]) -> dict[str, dict[str, Decimal]]:
    found: dict[str, dict[str, Decimal]] = {}
    for account, instrument, quantity in rows:
        quantities = found.setdefault(account, {})
        quantities[instrument] = quantities.get(instrument, Decimal(0)) + quantity
    return found


def _prices(quotes: Mapping[str, Mapping[str, str]]) -> dict[str, Decimal]:
    return {name: (Decimal(quote["bid"]) + Decimal(quote["ask"])) / 2 for name, quote in quotes.items()}


def _decimals(values: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in values.items()}


async def _rows(
    session: AsyncSession, query: sqlalchemy.Select[Any], accounts: Collection[str], **times: datetime
) -> list[Row[Any]]:
    connection = await session.connection()
    return list((await connection.execute(query, {"accounts": sorted(accounts), **times})).all())
