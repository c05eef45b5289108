"""What pages show of many accounts at once: positions, what their venues said last, orders on their way, signals."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy import ColumnElement, bindparam, literal
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select

from desk.adapters.ledger.codec import finding_from, from_json, position_from, record_from, signal_from
from desk.adapters.ledger.facts import OrderRecord
from desk.adapters.ledger.repository import Repository
from desk.adapters.ledger.tables import (
    CycleRow,
    FillRow,
    FindingRow,
    LeaseRow,
    OrderRow,
    PositionRow,
    SignalRow,
    TradeRow,
    TripRow,
    VerdictRow,
)
from desk.adapters.ledger.trips import trip_from
from desk.execution.breaker import PastTrip
from desk.model.books import Position, Quote
from desk.model.cycle import CycleKey
from desk.model.instrument import Side
from desk.model.orders import OrderState
from desk.model.reasons import Reason
from desk.model.trade import Finding, VerdictState
from desk.model.views import Signal

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_TOGETHER = 100
"""Questions in one; databases bear a few hundred."""
_UNFINISHED = tuple(state.value for state in OrderState if not state.is_final)


@dataclass(frozen=True, slots=True)
class LastLook:
    """What a venue said when an account looked last: of the newest cycle that came to a snapshot."""

    account: str
    at: datetime
    positions: tuple[Position, ...]
    quotes: Mapping[str, Quote]


@dataclass(frozen=True, slots=True)
class RuleUse:
    """How much of a rule's limit the newest proposal that it judged would have used, or had used already."""

    account: str
    candle_close: datetime
    finding: Finding


@dataclass(frozen=True, slots=True)
class Refusal:
    """A proposal that was refused; `price` is the quote that it was sized at."""

    candle_close: datetime
    side: Side
    price: Decimal
    reasons: tuple[Reason, ...]


class Result(NamedTuple):
    """What a round trip came to that is over: after fees, in account currency."""

    closed_at: datetime
    profit: Decimal


class FleetViews(Repository):
    """Questions about many accounts; nothing here changes anything."""

    async def fleet_positions(self, accounts: Collection[str]) -> Mapping[str, tuple[Position, ...]]:
        """Return what accounts hold by their fills, by name of instrument; an account that holds nothing is missing."""
        mine = col(PositionRow.account).in_(sorted(accounts))
        query = select(PositionRow).where(mine).order_by(col(PositionRow.account), col(PositionRow.instrument))
        async with self.database.read() as session:
            rows = (await session.exec(query)).all()
        return {name: tuple(position_from(row) for row in rows if row.account == name) for name in _names(rows)}

    async def last_fills(self, pairs: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], datetime]:
        """Return when the last fill of each account and instrument was; a pair without one is missing."""
        found: dict[tuple[str, str], datetime] = {}
        known = sorted(pairs)
        async with self.database.read() as session:
            connection = await session.connection()
            for first in range(0, len(known), _TOGETHER):
                # One question each, which an index answers with its last entry; grouped it would read all of them.
                parts = [_last_fill(*pair) for pair in known[first : first + _TOGETHER]]
                rows = await connection.execute(sqlalchemy.union_all(*parts))
                found |= {(account, instrument): at for account, instrument, at in rows if at is not None}
        return found

    async def last_looks(self, accounts: Collection[str]) -> Mapping[str, LastLook]:
        """Return what venues said last, by account; one that never came to a snapshot is missing."""
        newest = (
            sqlalchemy.select(col(CycleRow.account), func.max(col(CycleRow.candle_close)).label("candle_close"))
            .where(col(CycleRow.account).in_(sorted(accounts)), col(CycleRow.equity).is_not(None))
            .group_by(col(CycleRow.account))
            .subquery()
        )
        same = (col(CycleRow.account) == newest.c.account) & (col(CycleRow.candle_close) == newest.c.candle_close)
        document = col(CycleRow.snapshot)
        wanted = (col(CycleRow.account), document["at"], document["positions"], document["quotes"])
        query = sqlalchemy.select(*wanted).join(newest, same)
        async with self.database.read() as session:
            rows = (await (await session.connection()).execute(query)).all()
        return {account: _look(account, *told) for account, *told in rows}

    async def orders_on_their_way(self, accounts: Collection[str]) -> tuple[OrderRecord, ...]:
        """Return the orders of which something more is expected."""
        mine = col(OrderRow.account).in_(sorted(accounts)) & col(OrderRow.state).in_(_UNFINISHED)
        async with self.database.read() as session:
            return tuple(map(record_from, (await session.exec(select(OrderRow).where(mine))).all()))

    async def orders_named(self, client_order_ids: Collection[str]) -> tuple[OrderRecord, ...]:
        """Return orders by their ids."""
        named = select(OrderRow).where(col(OrderRow.client_order_id).in_(sorted(client_order_ids)))
        async with self.database.read() as session:
            return tuple(map(record_from, (await session.exec(named)).all()))

    async def orders_of_cycles(self, keys: Collection[CycleKey]) -> tuple[OrderRecord, ...]:
        """Return the orders that cycles decided."""
        query = select(OrderRow).where(*_of_cycles(OrderRow, keys))
        async with self.database.read() as session:
            rows = (await session.exec(query)).all()
        return tuple(record_from(row) for row in rows if CycleKey(row.account, row.candle_close) in keys)

    async def signals_of_cycles(self, keys: Collection[CycleKey]) -> tuple[tuple[str, Signal], ...]:
        """Return the signals of cycles, each with its account."""
        query = select(SignalRow).where(*_of_cycles(SignalRow, keys))
        async with self.database.read() as session:
            rows = (await session.exec(query.order_by(col(SignalRow.account), col(SignalRow.sequence)))).all()
        return tuple((row.account, signal_from(row)) for row in rows if CycleKey(row.account, row.candle_close) in keys)

    async def refusals(self, account: str, instrument: str, *, since: datetime, until: datetime) -> tuple[Refusal, ...]:
        """Return the proposals that were refused between two candle closes, oldest first, with why."""
        same = (
            (col(FindingRow.account) == col(VerdictRow.account))
            & (col(FindingRow.candle_close) == col(VerdictRow.candle_close))
            & (col(FindingRow.verdict) == col(VerdictRow.sequence))
            & col(FindingRow.reason).is_not(None)
        )
        wanted = (
            col(VerdictRow.account) == account,
            col(VerdictRow.candle_close).between(since, until),
            col(VerdictRow.instrument) == instrument,
            col(VerdictRow.state) == VerdictState.REFUSED.value,
        )
        query = select(VerdictRow, FindingRow.reason).join(FindingRow, same).where(*wanted)
        ordered = query.order_by(col(VerdictRow.candle_close), col(FindingRow.sequence))
        async with self.database.read() as session:
            rows = (await session.exec(ordered)).all()
        found: dict[tuple[datetime, int], Refusal] = {}
        for verdict, reason in rows:
            assert reason is not None, verdict
            before = found.get((verdict.candle_close, verdict.sequence))
            reasons = (*(before.reasons if before else ()), Reason(reason))
            place = (verdict.candle_close, verdict.sequence)
            found[place] = Refusal(verdict.candle_close, Side(verdict.side), verdict.reference_price, reasons)
        return tuple(found.values())

    async def fleet_trips(self, accounts: Collection[str]) -> tuple[tuple[str, PastTrip], ...]:
        """Return the last trip of every limit that ever tripped, each with its account, the newest first."""
        mine = col(TripRow.account).in_(sorted(accounts))
        query = select(TripRow).where(mine).order_by(col(TripRow.tripped_at).desc(), col(TripRow.limit))
        async with self.database.read() as session:
            return tuple((row.account, trip_from(row)) for row in (await session.exec(query)).all())

    async def last_results(self, counts: Mapping[str, int]) -> Mapping[str, tuple[Result, ...]]:
        """Return what the last round trips of accounts came to, oldest first; of each at most as many as it is given.

        An account without any is missing.
        """
        wanted = {account: count for account, count in counts.items() if count > 0}
        if not wanted:
            return {}
        asked = {"accounts": sorted(wanted), "before": max(wanted.values()) - 1}
        async with self.database.read() as session:
            rows = (await (await session.connection()).execute(_LAST_RESULTS, asked)).all()
        found: dict[str, list[Result]] = {}
        for account, closed_at, profit, fees in rows:
            found.setdefault(account, []).append(Result(closed_at, profit - fees))
        return {account: tuple(results[-wanted[account] :]) for account, results in found.items()}

    async def rule_uses(self, account: str, *, since: datetime) -> tuple[RuleUse, ...]:
        """Return what each rule said of the newest proposal that it judged since then, by name of the rule."""
        mine = (col(FindingRow.account) == account) & (col(FindingRow.candle_close) >= since)
        order = (col(FindingRow.candle_close), col(FindingRow.verdict))
        async with self.database.read() as session:
            rows = (await session.exec(select(FindingRow).where(mine).order_by(*order))).all()
        newest = {row.rule: row for row in rows}
        return tuple(RuleUse(account, newest[rule].candle_close, finding_from(newest[rule])) for rule in sorted(newest))


def _last_results() -> sqlalchemy.Select[Any]:
    """The trades of each account since the close of the last but so many; all of them where there are no more."""
    last, closed_at = aliased(TradeRow), col(TradeRow.closed_at)
    mine = (col(last.account) == col(LeaseRow.account)) & col(last.closed_at).is_not(None)
    newest = sqlalchemy.select(col(last.closed_at)).where(mine).order_by(col(last.closed_at).desc())
    since = newest.limit(1).offset(bindparam("before")).correlate(LeaseRow).scalar_subquery()
    same = (col(TradeRow.account) == col(LeaseRow.account)) & (closed_at >= func.coalesce(since, _BEGINNING))
    return (
        sqlalchemy.select(
            *(col(TradeRow.account), closed_at, col(TradeRow.realised_profit), col(TradeRow.fees)),
        )
        .select_from(LeaseRow)
        .join(TradeRow, same)
        .where(col(LeaseRow.account).in_(bindparam("accounts", expanding=True)))
        .order_by(col(TradeRow.account), closed_at, col(TradeRow.opened_by))
    )


_LAST_RESULTS = _last_results()


def _last_fill(account: str, instrument: str) -> sqlalchemy.Select[Any]:
    mine = (col(FillRow.account) == account) & (col(FillRow.instrument) == instrument)
    return sqlalchemy.select(literal(account), literal(instrument), func.max(col(FillRow.at))).where(mine)


def _of_cycles(table: type[OrderRow | SignalRow], keys: Collection[CycleKey]) -> tuple[ColumnElement[bool], ...]:
    """More than these cycles at most; of keys in pairs SQLite would look at every row."""
    accounts, closes = {key.account for key in keys}, {key.candle_close for key in keys}
    return col(table.account).in_(sorted(accounts)), col(table.candle_close).in_(sorted(closes))


def _names(rows: Collection[PositionRow]) -> list[str]:
    return list(dict.fromkeys(row.account for row in rows))


def _look(account: str, *told: Any) -> LastLook:
    at, positions, quotes = told
    return LastLook(
        account,
        from_json(datetime, at),
        from_json(tuple[Position, ...], positions),
        from_json(dict[str, Quote], quotes),
    )
