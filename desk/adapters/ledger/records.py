"""What the trades of an account came to: those that are over, with the risk that each took, and what they add up to."""

import asyncio
from bisect import bisect_left
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy
from sqlalchemy import BindParameter, Row, bindparam
from sqlmodel import col, func
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.codec import from_json
from desk.adapters.ledger.costs import entry_proposal, with_entry
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import FillRow, OrderRow, TradeRow
from desk.execution.rounds import closed_trade
from desk.model.orders import Barriers, FillReason
from desk.model.records import ClosedTrade, TrackRecord, track_records
from desk.model.trade import Proposal

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_AT_ONCE = 500
"""Trades that are read and understood in one go, some 50 ms; then others have their turn, such as a halt."""
_ACCOUNT: BindParameter[str] = bindparam("account")
_UNTIL: BindParameter[datetime] = bindparam("until")
_SINCE: BindParameter[datetime] = bindparam("since")
_FROM: BindParameter[datetime] = bindparam("begin")
_PAST: BindParameter[str] = bindparam("past")
_COUNT: BindParameter[int] = bindparam("count")
_OLDEST_FIRST = (col(TradeRow.closed_at), col(TradeRow.opened_by))
_WANTED = with_entry(
    sqlalchemy.select(
        *(col(TradeRow.strategy), col(TradeRow.instrument), col(TradeRow.side)),
        *(col(TradeRow.opened_at), col(TradeRow.closed_at), col(TradeRow.exit_reason)),
        *(col(TradeRow.entry_quantity), col(TradeRow.entry_notional)),
        *(col(TradeRow.realised_profit), col(TradeRow.fees)),
        *(col(OrderRow.barriers), col(FillRow.rate)),
        entry_proposal().label("proposal"),
    )
)
"""A trade with the barriers of the order and the rate of the fill that opened it, and the proposal behind them."""
_CLOSED = (col(TradeRow.account) == _ACCOUNT) & col(TradeRow.closed_at).is_not(None)
_NEXT = (
    _WANTED.add_columns(col(TradeRow.opened_by))
    # The first condition alone finds where to begin in the index.
    .where(_CLOSED, col(TradeRow.closed_at) >= _FROM)
    .where((col(TradeRow.closed_at) > _FROM) | (col(TradeRow.opened_by) > _PAST))
    .order_by(*_OLDEST_FIRST)
    .limit(_COUNT)
)
_LAST = _WANTED.where(_CLOSED).order_by(*(column.desc() for column in _OLDEST_FIRST)).limit(_COUNT)
_ADJUSTED = sqlalchemy.select(col(FillRow.instrument), col(FillRow.at)).where(
    col(FillRow.account) == _ACCOUNT, col(FillRow.reason) == FillReason.ADJUSTMENT.value, col(FillRow.at) >= _SINCE
)
_MARK = (
    sqlalchemy.select(
        func.count(),
        # As floats, because nothing else is made of the sums.
        func.sum(sqlalchemy.cast(col(TradeRow.realised_profit), sqlalchemy.Float)),
        func.sum(sqlalchemy.cast(col(TradeRow.fees), sqlalchemy.Float)),
    )
    .select_from(TradeRow)
    .where(_CLOSED, col(TradeRow.closed_at) <= _UNTIL)
)


@dataclass(frozen=True, slots=True)
class _Kept:
    """The closed trades of an account up to a time, and by what is noticed that one of them has changed since."""

    trades: tuple[ClosedTrade, ...] = ()
    records: Mapping[str, TrackRecord] | None = None
    until: datetime = _BEGINNING
    mark: tuple[object, ...] | None = None


class Records(Repository):
    """Closed trades and track records; what was read once is kept, and read again where a fill came late."""

    async def closed_trades(self, account: str, since: datetime | None = None) -> tuple[ClosedTrade, ...]:
        """Return the round trips that were closed since then, or all of them, oldest first."""
        trades, _ = await self.trades_and_records(account, since or _BEGINNING)
        return trades

    async def trades_and_records(
        self, account: str, since: datetime
    ) -> tuple[tuple[ClosedTrade, ...], Mapping[str, TrackRecord]]:
        """Return the round trips that were closed since then, oldest first, and the record of each strategy.

        The records are of all closed trades, whose risk is what would have been lost between the average entry and the
        stop of the order that opened the trade, at the rate of its first fill. A trade without an order of the desk,
        without a stop or without a rate has no known risk and is in no record; see `track_records`.
        """
        async with self.database.read() as session:
            kept = await _brought_up(session, account, self._kept.get(account, _Kept()))
        self._kept[account] = kept
        first = bisect_left(kept.trades, since, key=lambda trade: trade.closed_at)
        return kept.trades[first:], kept.records or {}

    @cached_property
    def _kept(self) -> dict[str, _Kept]:
        return {}


async def last_trades(session: AsyncSession, account: str, count: int) -> tuple[ClosedTrade, ...]:
    """Return the last round trips that are over, oldest first, at most `count`."""
    rows = await _rows(session, _LAST, account=account, count=count)
    return await _trades_from(session, account, rows[::-1])


async def _brought_up(session: AsyncSession, account: str, kept: _Kept) -> _Kept:
    if await _mark(session, account, kept.until) != kept.mark:
        kept = _Kept()  # a late fill or rate has changed what was over
    newer = [trade async for part in _newer(session, account, kept.until) for trade in part]
    if not newer and kept.mark is not None:
        return kept
    trades = (*kept.trades, *newer)
    until = trades[-1].closed_at if trades else _BEGINNING
    return _Kept(trades, track_records(trades), until, await _mark(session, account, until))


async def _newer(session: AsyncSession, account: str, until: datetime) -> AsyncIterator[Sequence[ClosedTrade]]:
    """The trades that were closed after a time, oldest first, part by part."""
    begin, past = until + timedelta.resolution, ""
    while True:
        rows = await _rows(session, _NEXT, account=account, begin=begin, past=past, count=_AT_ONCE)
        if rows:
            yield await _trades_from(session, account, rows)
        if len(rows) < _AT_ONCE:
            return
        begin, past = rows[-1].closed_at, rows[-1].opened_by
        # SQLite is read on the loop: without this nobody else had a turn before the last part.
        await asyncio.sleep(0)


async def _mark(session: AsyncSession, account: str, until: datetime) -> tuple[object, ...]:
    """What changes when a trade that was over by then does."""
    [row] = await _rows(session, _MARK, account=account, until=until)
    return tuple(row)


async def _rows(session: AsyncSession, query: sqlalchemy.Select[Any], **values: object) -> Sequence[Row[Any]]:
    return (await (await session.connection()).execute(query, values)).all()


async def _trades_from(session: AsyncSession, account: str, rows: Sequence[Row[Any]]) -> tuple[ClosedTrade, ...]:
    """The trades, with a look at the adjustments between their entries and exits."""
    if not rows:
        return ()
    adjusted: dict[str, list[datetime]] = {}
    for instrument, at in await _rows(session, _ADJUSTED, account=account, since=min(row.opened_at for row in rows)):
        adjusted.setdefault(instrument, []).append(at)
    return tuple(
        _trade_from(
            row, was_adjusted=any(row.opened_at <= at <= row.closed_at for at in adjusted.get(row.instrument, ()))
        )
        for row in rows
    )


def _trade_from(row: Row[Any], *, was_adjusted: bool) -> ClosedTrade:
    return closed_trade(
        row,
        barriers=None if row.barriers is None else from_json(Barriers, row.barriers),
        rate=row.rate,
        proposal=None if row.proposal is None else from_json(Proposal, row.proposal),
        was_adjusted=was_adjusted,
    )
