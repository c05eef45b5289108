"""Replies of the futures market, and what they mean in the desk's nouns; quantities there are lots of a contract."""

from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import Field, TypeAdapter

from desk.adapters.venues.kucoin.names import perpetual_name
from desk.adapters.venues.kucoin.wire import (
    DecimalOrZero,
    Levels,
    Milliseconds,
    Nanoseconds,
    Page,
    TextOrEmpty,
    Wire,
    state_of,
)
from desk.model.books import Position
from desk.model.depth import Depth, Funding, Level
from desk.model.instrument import Instrument, InstrumentKind, Side
from desk.model.orders import Fill, FillReason, Order, OrderType


class Contract(Wire):
    """The grid of a contract; `multiplier` is base units per lot, negative where it is inverse."""

    symbol: str
    base_currency: str
    quote_currency: str
    settle_currency: str
    lot_size: Decimal
    tick_size: Decimal
    multiplier: Decimal
    is_inverse: bool
    expire_date: int | None = None
    status: str

    @property
    def is_linear_perpetual(self) -> bool:
        """Whether the desk trades it: paid in its quote currency, without an end."""
        return not self.is_inverse and self.expire_date is None

    def instrument(self) -> Instrument:
        """Return the contract as an instrument in base units."""
        smallest = self.multiplier * self.lot_size
        name = perpetual_name(self.base_currency, self.quote_currency, self.settle_currency)
        return Instrument(name, InstrumentKind.PERPETUAL, tick=self.tick_size, lot=smallest, minimum_quantity=smallest)

    def lots(self, quantity: Decimal) -> int:
        """Return how many lots `quantity` base units are, rounded down to what can be ordered."""
        return int(self.instrument().round_quantity(quantity) / self.multiplier)


class FuturesTicker(Wire):
    """The best prices of a contract."""

    symbol: str
    best_bid_price: DecimalOrZero
    best_ask_price: DecimalOrZero
    ts: Nanoseconds


class FuturesBook(Wire):
    """The best prices of a contract with the lots that wait there."""

    bids: Levels
    asks: Levels
    ts: Nanoseconds

    def depth(self, contract: Contract) -> Depth:
        """Return it as the desk's noun, in base units."""
        lot = contract.multiplier
        bids, asks = ([Level(price, lots * lot) for price, lots in side] for side in (self.bids, self.asks))
        return Depth.sorted(contract.instrument().name, bids, asks, self.ts)


class FundingRate(Wire):
    """The rate of the interval that runs, paid at its end; `granularity` is its length in milliseconds."""

    value: Decimal
    granularity: int = Field(gt=0)

    def funding(self, instrument: str, at: datetime) -> Funding:
        """Return it as the desk's noun."""
        return Funding(instrument, self.value, timedelta(milliseconds=self.granularity), at)


class Overview(Wire):
    """The money of the futures wallet in one currency."""

    currency: str
    account_equity: Decimal
    margin_balance: Decimal
    position_margin: Decimal | None = None


class FuturesPosition(Wire):
    """A position in lots, below zero where it is short."""

    symbol: str
    is_open: bool
    current_qty: Decimal
    avg_entry_price: DecimalOrZero
    liquidation_price: DecimalOrZero = Decimal(0)
    opening_timestamp: Milliseconds | None = None

    def position(self, contract: Contract) -> Position:
        """Return it as the desk's noun, in base units."""
        assert self.opening_timestamp is not None, f"an open position without a time of opening: {self.symbol}"
        quantity = self.current_qty * contract.multiplier
        cost, opened_at = quantity * self.avg_entry_price, self.opening_timestamp
        liquidation = self.liquidation_price or None
        return Position(contract.instrument().name, quantity, cost, opened_at, liquidation_price=liquidation)


class FuturesOrder(Wire):
    """An order as the venue has it, in lots."""

    id: str
    client_oid: TextOrEmpty = ""
    symbol: str
    type: str
    side: Side
    price: DecimalOrZero = Decimal(0)
    size: Decimal
    filled_size: DecimalOrZero
    stop: TextOrEmpty = ""
    stop_price: DecimalOrZero = Decimal(0)
    is_active: bool
    cancel_exist: bool
    reduce_only: bool = False
    close_order: bool = False
    created_at: Milliseconds

    def order(self, contract: Contract, fills: tuple[Fill, ...] = ()) -> Order:
        """Return it as the desk's noun, in base units."""
        quantity, filled = self.size * contract.multiplier, self.filled_size * contract.multiplier
        return Order(
            client_order_id=self.client_oid,
            venue_order_id=self.id,
            instrument=contract.instrument().name,
            side=self.side,
            type=OrderType.STOP if self.stop else OrderType(self.type),
            quantity=max(quantity, filled),
            filled_quantity=filled,
            state=state_of(active=self.is_active, cancelled=self.cancel_exist, quantity=quantity, filled=filled),
            at=self.created_at,
            price=(self.stop_price if self.stop else self.price) or None,
            reduce_only=self.reduce_only or self.close_order,
            fills=fills,
        )


class FuturesFill(Wire):
    """A part of an order that was executed, in lots; it names its order by the venue's id only."""

    symbol: str
    trade_id: str
    order_id: str
    side: Side
    price: Decimal
    size: Decimal = Field(gt=0)
    fee: Decimal
    fee_currency: str
    stop: TextOrEmpty = ""
    trade_type: str = "trade"
    trade_time: Nanoseconds
    created_at: Milliseconds

    def fill(self, client_order_id: str, contract: Contract) -> Fill:
        """Return it as the desk's noun, in base units."""
        return Fill(
            venue_trade_id=f"{self.order_id}-{self.trade_id}",
            client_order_id=client_order_id,
            instrument=contract.instrument().name,
            side=self.side,
            quantity=self.size * contract.multiplier,
            price=self.price,
            fee=self.fee,
            fee_currency=self.fee_currency,
            at=self.trade_time,
            reason=FillReason.STOP if self.stop else FillReason.ORDER,
        )


CONTRACTS = TypeAdapter(tuple[Contract, ...])
FUTURES_TICKERS = TypeAdapter(tuple[FuturesTicker, ...])
BOOK = TypeAdapter(FuturesBook)
FUNDING_RATE = TypeAdapter(FundingRate)
OVERVIEW = TypeAdapter(Overview)
POSITIONS = TypeAdapter(tuple[FuturesPosition, ...])
ORDER = TypeAdapter(FuturesOrder | None)
ORDERS = TypeAdapter(tuple[FuturesOrder, ...])
ORDER_PAGE = TypeAdapter(Page[FuturesOrder])
FILL_PAGE = TypeAdapter(Page[FuturesFill])
