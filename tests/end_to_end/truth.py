"""The oracle: the venue's own tables against the ledger's, which the desk never sees side by side."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.tables import FillRow, LeaseRow, OrderEventRow, OrderRow, PositionRow, TradeRow
from desk.adapters.venues.paper.tables import PaperAccountRow, PaperFillRow, PaperOrderRow, PaperPositionRow
from desk.model.cycle import CycleState
from desk.model.orders import FillReason, OrderState

R = TypeVar("R", bound=SQLModel)

_ORDER = ("client_order_id", "venue_order_id", "instrument", "side", "quantity", "filled_quantity", "state")
_FILL = ("venue_trade_id", "client_order_id", "instrument", "side", "quantity", "price", "fee", "fee_currency", "at")
_POSITION = ("instrument", "quantity", "cost")


@dataclass(frozen=True)
class Comparison:
    """What was found of one account.

    Attributes:
        orders: how many the venue was sent.
        candles: what the orders act on, by the close of the candle.
        unannounced: orders of the venue that the ledger did not know to be on their way.
        duplicates: what the venue has more than one order for: strategy, instrument, candle close and side.
        differences: everything in which the two do not agree, in words.
    """

    orders: int
    candles: frozenset[datetime]
    unannounced: list[str]
    duplicates: list[tuple[object, ...]]
    differences: list[str]

    @property
    def is_clean(self) -> bool:
        return not self.unannounced and not self.duplicates and not self.differences


async def compare(ledger_url: str, account: str) -> Comparison:
    """Compare the venue's books of an account with the ledger's."""
    database = Database.open(ledger_url)
    try:
        async with database.read() as session:
            orders, known = await _sent_orders(session, account), await _rows(session, OrderRow, account)
            differences = [
                *_compare("order", orders, [order for order in known if _may_be_at_venue(order)], _ORDER),
                *await _compare_fills(session, account),
                *await _compare_positions(session, account),
                *await _check_cash(session, account),
            ]
        candles = frozenset(order.candle_close for order in orders)
        return Comparison(len(orders), candles, _unannounced(orders, known), _duplicates(orders), differences)
    finally:
        await database.close()


@dataclass(frozen=True)
class Books:
    """What the ledger keeps of an account, to be compared with what it keeps later.

    Attributes:
        cycles: the state of each cycle, by candle close.
        trades: how many round trips have ended.
        orders: every order and every event of one, as text.
        fills: as the venue told them, as text.
        digest: of all that was decided and done.
        is_held: whether a run has the account's lease.
    """

    cycles: dict[datetime, CycleState]
    trades: int
    orders: list[str]
    fills: list[str]
    digest: str
    is_held: bool


async def books(ledger_url: str, account: str) -> Books:
    """Return what the ledger has of an account now."""
    ledger = Ledger(Database.open(ledger_url))
    try:
        async with ledger.database.read() as session:
            orders = await _rows(session, OrderRow, account)
            names = [order.client_order_id for order in orders]
            events = (
                await session.exec(select(OrderEventRow).where(col(OrderEventRow.client_order_id).in_(names)))
            ).all()
            fills = [tuple(getattr(row, name) for name in _FILL) for row in await _rows(session, FillRow, account)]
            lease = await session.get(LeaseRow, account)
        return Books(
            {cycle.key.candle_close: cycle.state for cycle in await ledger.cycles(account)},
            sum(trade.closed_at is not None for trade in await ledger.trades(account)),
            sorted(str(row.model_dump()) for row in (*orders, *events)),
            sorted(map(str, fills)),
            await ledger.digest([account]),
            bool(lease and lease.holder),
        )
    finally:
        await ledger.close()


async def _rows(session: AsyncSession, table: type[R], account: str) -> Sequence[R]:
    return (await session.exec(select(table).where(table.account == account))).all()  # type: ignore[attr-defined]


async def _sent_orders(session: AsyncSession, account: str) -> list[PaperOrderRow]:
    """The venue's orders without those that it made itself, when a price came to a stop or a target."""
    fills = await _rows(session, PaperFillRow, account)
    exits = {fill.client_order_id for fill in fills if fill.reason != FillReason.ORDER}
    return [order for order in await _rows(session, PaperOrderRow, account) if order.client_order_id not in exits]


def _may_be_at_venue(order: OrderRow) -> bool:
    """Every order but one that was given up before it was sent."""
    return bool(order.venue_order_id) or order.state != OrderState.CANCELLED


def _unannounced(orders: Sequence[PaperOrderRow], known: Sequence[OrderRow]) -> list[str]:
    announced = {order.client_order_id for order in known if order.state != OrderState.PLANNED}
    return [order.client_order_id for order in orders if order.client_order_id not in announced]


def _duplicates(orders: Sequence[PaperOrderRow]) -> list[tuple[object, ...]]:
    """Found without ids: whatever an order is called, a decision has one."""
    decisions = Counter((order.strategy, order.instrument, order.candle_close, order.side) for order in orders)
    return [decision for decision, times in decisions.items() if times > 1]


async def _compare_fills(session: AsyncSession, account: str) -> list[str]:
    booked = await _rows(session, FillRow, account)
    unbooked = [f"fill {row.venue_trade_id} is not booked" for row in booked if row.booked_at is None]
    return [*_compare("fill", await _rows(session, PaperFillRow, account), booked, _FILL), *unbooked]


async def _compare_positions(session: AsyncSession, account: str) -> list[str]:
    venue, ledger = await _rows(session, PaperPositionRow, account), await _rows(session, PositionRow, account)
    return _compare("position", venue, ledger, _POSITION)


async def _check_cash(session: AsyncSession, account: str) -> list[str]:
    """Cash is what the account began with, and profits, less fees: by the venue's fills and by the ledger's trades."""
    money = await session.get(PaperAccountRow, account)
    if money is None:
        return []  # it has never had an order
    fills, trades = await _rows(session, PaperFillRow, account), await _rows(session, TradeRow, account)
    expected = {
        "the venue's fills": sum((fill.realised_profit - fill.fee for fill in fills), Decimal(0)),
        "the ledger's trades": sum((trade.realised_profit - trade.fees for trade in trades), Decimal(0)),
    }
    found = money.cash - money.starting_cash
    return [f"cash changed by {found}, by {where} {change}" for where, change in expected.items() if change != found]


def _compare(noun: str, venue: Sequence[SQLModel], ledger: Sequence[SQLModel], names: Sequence[str]) -> list[str]:
    at_venue, in_ledger = (
        Counter(tuple(getattr(row, name) for name in names) for row in rows) for rows in (venue, ledger)
    )
    return [
        *(f"{noun} at the venue only: {values}" for values in (at_venue - in_ledger).elements()),
        *(f"{noun} in the ledger only: {values}" for values in (in_ledger - at_venue).elements()),
    ]
