"""Trades of many accounts in one list, the newest first, with what each risked and what its entry cost."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Row, and_, or_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from desk.adapters.ledger.codec import from_json, trade_from
from desk.adapters.ledger.costs import entry_proposal, entry_slippage, with_entry
from desk.adapters.ledger.excursions import extremes_of, with_excursion
from desk.adapters.ledger.pages import Place
from desk.adapters.ledger.repository import Repository, table_of
from desk.adapters.ledger.tables import FillRow, OrderRow, PositionRow, TradeRow
from desk.execution.rounds import risk_of
from desk.model.excursions import Extremes, open_result
from desk.model.orders import Barriers
from desk.model.records import Trade

_BETWEEN = " "
"""Between an account and the fill that opened its trade; no account has one in its name."""


class TradeOutcome(StrEnum):
    """What became of a trade so far; after fees, and even is lost."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class TradeQuestion:
    """Which trades are wanted; what is empty or None leaves nothing out.

    Attributes:
        accounts: whose; at least one.
        since, until: opened from then on, and before then.
    """

    accounts: Collection[str]
    instrument: str = ""
    strategy: str = ""
    outcome: TradeOutcome | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListedTrade:
    """A trade with what is known around it, in account currency.

    Attributes:
        risk: what would have been lost at the first stop; None where it is not known.
        entry_slippage: how much worse than the proposal's reference price the entry was filled; see `PaidTrade`.
        rate: what a unit of the quote currency was worth in the account's at its first fill; None where not known.
        extremes: of its way, in quote currency; None where that was not seen.
    """

    trade: Trade
    risk: Decimal | None
    entry_slippage: Decimal | None
    rate: Decimal | None = None
    extremes: Extremes | None = None

    @property
    def mae(self) -> Decimal | None:
        """The worst open result of all that was entered, 0 or less; None where its way or a rate is not known."""
        return None if self.extremes is None else self._result_at(self.extremes.worst)

    @property
    def mfe(self) -> Decimal | None:
        """The best open result of all that was entered, 0 or more; None where its way or a rate is not known."""
        return None if self.extremes is None else self._result_at(self.extremes.best)

    @property
    def place(self) -> Place:
        """Where it is in the list."""
        return self.trade.opened_at, f"{self.trade.account}{_BETWEEN}{self.trade.opened_by}"

    def _result_at(self, price: Decimal) -> Decimal | None:
        if self.rate is None:
            return None
        return open_result(self.trade.side, self.trade.entry_price, price) * self.trade.entry_quantity * self.rate


class TradeLists(Repository):
    """Lists of trades over accounts; rows that arrive while somebody turns pages shift nothing."""

    async def trades_of(self, question: TradeQuestion, *, before: Place | None, limit: int) -> tuple[ListedTrade, ...]:
        """Return trades by when they were opened, by whom and by what, the newest first, open ones among them."""
        async with self.database.read() as session:
            connection = await session.connection()
            keys: list[_Key] = []
            for places in _together(await _places(connection, question)):
                keys += [tuple(row) for row in await connection.execute(_newest(places, question, before, limit))]
            # Of one account and time the database says what comes first, here and where a page begins.
            newest = [key[1:] for key in sorted(keys, key=lambda key: key[:2], reverse=True)[:limit]]
            rows = (await connection.execute(_QUERY.where(_named(newest)))).all()
        listed = {(row.account, row.opened_by): row for row in rows}
        return tuple(_listed(listed[name]) for name in newest)


def _named(names: Collection[tuple[str, str]]) -> ColumnElement[bool]:
    """More than those names at most; of names in pairs SQLite would look at every row."""
    accounts, opened_by = zip(*names, strict=True) if names else ((), ())
    return _NAME[0].in_(accounts) & _NAME[1].in_(opened_by)


_Key = tuple[datetime, str, str]
_AT, _NAME = col(TradeRow.opened_at), (col(TradeRow.account), col(TradeRow.opened_by))
_TOGETHER = 100
"""Places in one question; databases bear a few hundred."""


_Place = tuple[str, ColumnElement[bool]]
"""An account, and what an index has of its trades in their order; all together they would have to be sorted."""


async def _places(connection: AsyncConnection, question: TradeQuestion) -> list[_Place]:
    names = sorted(question.accounts)
    if question.outcome is not TradeOutcome.OPEN:
        return [(name, col(TradeRow.account) == name) for name in names]
    # What is open is held: those few positions are looked at, and not every trade that there ever was.
    columns = (col(PositionRow.account), col(PositionRow.instrument), col(PositionRow.opened_at))
    held = await connection.execute(sqlalchemy.select(*columns).where(col(PositionRow.account).in_(names)))
    return [
        (name, and_(col(TradeRow.account) == name, col(TradeRow.instrument) == instrument, since <= _AT))
        for name, instrument, since in held
    ]


def _together(places: Sequence[_Place]) -> Iterator[Sequence[_Place]]:
    yield from (places[first : first + _TOGETHER] for first in range(0, len(places), _TOGETHER))


def _newest(
    places: Sequence[_Place], question: TradeQuestion, before: Place | None, limit: int
) -> sqlalchemy.CompoundSelect[_Key]:
    wanted = _wanted(question)
    parts = (
        sqlalchemy.select(_AT, *_NAME)
        .where(place, *wanted, *_older(name, before))
        .order_by(_AT.desc(), col(TradeRow.opened_by).desc())
        .limit(limit)
        .subquery()
        for name, place in places
    )
    return sqlalchemy.union_all(*(sqlalchemy.select(part) for part in parts))


_QUERY = with_excursion(
    with_entry(
        sqlalchemy.select(
            *table_of(TradeRow).columns,
            *(col(OrderRow.barriers), col(FillRow.rate)),
            entry_proposal().label("proposal"),
        )
    )
)


def _wanted(question: TradeQuestion) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if question.instrument:
        found.append(col(TradeRow.instrument) == question.instrument)
    if question.strategy:
        found.append(col(TradeRow.strategy) == question.strategy)
    if question.since is not None:
        found.append(col(TradeRow.opened_at) >= question.since)
    if question.until is not None:
        found.append(col(TradeRow.opened_at) < question.until)
    return found if question.outcome is None else [*found, _ended(question.outcome)]


def _ended(outcome: TradeOutcome) -> ColumnElement[bool]:
    closed = col(TradeRow.closed_at).is_not(None)
    if outcome is TradeOutcome.OPEN:
        return ~closed
    # As floats, because nothing but their order is asked: amounts are kept as texts.
    profit, fees = (
        sqlalchemy.cast(col(column), sqlalchemy.Float) for column in (TradeRow.realised_profit, TradeRow.fees)
    )
    return and_(closed, profit > fees if outcome is TradeOutcome.WON else profit <= fees)


def _older(name: str, before: Place | None) -> list[ColumnElement[bool]]:
    """What comes after a place in the list, of one account."""
    if before is None:
        return []
    at, (account, _, opened_by) = before[0], before[1].partition(_BETWEEN)
    if name != account:
        return [at >= _AT if name < account else at > _AT]
    return [at >= _AT, or_(at > _AT, col(TradeRow.opened_by) < opened_by)]


def _listed(row: Row[Any]) -> ListedTrade:
    trade = trade_from(TradeRow(**{column.name: getattr(row, column.name) for column in table_of(TradeRow).columns}))
    barriers = None if row.barriers is None else from_json(Barriers, row.barriers)
    risk = risk_of(trade, barriers.stop if barriers else None, row.rate)
    return ListedTrade(trade, risk, entry_slippage(row), row.rate, extremes_of(trade, row))
