"""What a venue and a ledger have of an account at the end of a story, in one form for all venues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from sqlmodel import SQLModel, col, select

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.tables import (
    AdjustmentRow,
    CycleRow,
    EquityRow,
    ExternalRow,
    FillRow,
    LeaseRow,
    OrderRow,
    PositionRow,
    TradeRow,
)
from desk.adapters.ledger.types import canonical
from desk.adapters.venues.paper.tables import PaperAccountRow, PaperOrderRow, PaperPositionRow

R = TypeVar("R", bound=SQLModel)

_WORKING = ("acked", "partial")


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """An order as its venue has it.

    Attributes:
        client_order_id: nothing for what the venue attached to a position.
        price: of a limit or a stop; nothing for a market order.
    """

    client_order_id: str
    instrument: str
    side: str
    type: str
    price: str
    quantity: Decimal
    filled: Decimal
    state: str

    @property
    def is_exit(self) -> bool:
        """Whether it protects or ends a position; nothing is sold short in the story."""
        return self.side == "sell"

    @property
    def is_working(self) -> bool:
        """Whether more can happen to it."""
        return self.state in _WORKING


@dataclass(frozen=True, slots=True)
class Holding:
    """A position as its venue has it; `stop` hangs on it, nothing where none does."""

    instrument: str
    quantity: Decimal
    cost: str
    stop: str


@dataclass(frozen=True, slots=True)
class VenueBooks:
    """The truth."""

    cash: str
    orders: Sequence[VenueOrder]
    holdings: Sequence[Holding]


@dataclass(frozen=True, slots=True)
class LedgerBooks:
    """What the desk believes.

    Attributes:
        rows: by table, what must be equal in two runs of the same: no run ids, no venue ids, no times but of candles.
        money: what the account was worth when somebody looked last, and its cash.
        digest: of all that was decided and done.
    """

    rows: Mapping[str, Sequence[Mapping[str, str]]]
    money: str
    digest: str


_KEPT: Mapping[type[SQLModel], Sequence[str]] = {
    CycleRow: ("candle_close", "state", "mode", "config_version", "intents"),
    OrderRow: (
        *("client_order_id", "candle_close", "strategy", "instrument", "side", "type", "quantity", "price"),
        *("barriers", "reduce_only", "state", "filled_quantity"),
    ),
    FillRow: (
        *("client_order_id", "instrument", "side", "quantity", "price", "fee", "fee_currency", "reason"),
        *("rate", "fee_rate"),
    ),
    PositionRow: ("instrument", "quantity", "cost", "barriers", "strategy"),
    TradeRow: (
        *("instrument", "strategy", "side", "entry_order_id", "entry_candle_close", "entry_quantity", "entry_notional"),
        *("exit_quantity", "exit_notional", "realised_profit", "fees", "exit_reason"),
    ),
    AdjustmentRow: ("instrument", "ledger_quantity", "venue_quantity"),
    ExternalRow: ("kind", "name", "instrument"),
    LeaseRow: ("holder",),
}


async def ledger_books(database: Database, account: str, digest: str) -> LedgerBooks:
    """Return what the ledger has of an account."""
    rows = {
        str(table.__tablename__): [
            {name: _plain(getattr(row, name)) for name in names} for row in await _rows(database, table, account)
        ]
        for table, names in _KEPT.items()
    }
    valued = await _rows(database, EquityRow, account)
    last = max(valued, key=lambda row: row.at, default=None)
    money = "never looked at" if last is None else f"worth {canonical(last.equity)}, cash {canonical(last.cash)}"
    return LedgerBooks(rows, money, digest)


async def paper_books(database: Database, account: str) -> VenueBooks:
    """Return what the venue in the ledger's database has of an account."""
    money = next(iter(await _rows(database, PaperAccountRow, account)), None)
    orders = [
        VenueOrder(
            row.client_order_id,
            row.instrument,
            row.side,
            row.type,
            _plain(row.price),
            row.quantity,
            row.filled_quantity,
            row.state,
        )
        for row in await _rows(database, PaperOrderRow, account)
    ]
    holdings = [
        Holding(row.instrument, row.quantity, _plain(row.cost), _plain(row.stop))
        for row in await _rows(database, PaperPositionRow, account)
    ]
    return VenueBooks("" if money is None else _plain(money.cash), orders, holdings)


def simulated_books(truth: Mapping[str, Any]) -> VenueBooks:
    """Return what the simulator has of an account, as its admin port tells it."""
    holdings = [
        Holding(held["instrument"], Decimal(held["quantity"]), _number(held["cost"]), _number(held["barriers"]["stop"]))
        for held in truth["positions"]
    ]
    return VenueBooks(_number(truth["cash"]), [_simulated_order(one) for one in truth["orders"]], holdings)


def _simulated_order(placed: Mapping[str, Any]) -> VenueOrder:
    intent, order = placed["intent"], placed["order"]
    return VenueOrder(
        placed["client_id"],
        intent["instrument"],
        intent["side"],
        intent["type"],
        _number(intent["price"]),
        Decimal(order["quantity"]).normalize(),
        Decimal(order["filled_quantity"]).normalize(),
        order["state"],
    )


async def _rows(database: Database, table: type[R], account: str) -> Sequence[R]:
    async with database.read() as session:
        mine = select(table).where(col(table.account) == account)  # type: ignore[attr-defined]
        return (await session.exec(mine)).all()


def _plain(value: object) -> str:
    if value is None:
        return ""
    return canonical(value) if isinstance(value, Decimal) else str(value)


def _number(told: str | None) -> str:
    return "" if told is None else canonical(Decimal(told))
