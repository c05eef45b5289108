"""Replies of the spot market, and what they mean in the desk's nouns."""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, TypeAdapter

from desk.adapters.venues.kucoin.names import spot_name
from desk.adapters.venues.kucoin.wire import DecimalOrZero, Levels, Milliseconds, TextOrEmpty, Wire, state_of
from desk.model.depth import Depth, Level
from desk.model.instrument import Instrument, InstrumentKind, Side
from desk.model.orders import Fill, Order, OrderType


class Symbol(Wire):
    """The grid of a market."""

    symbol: str
    base_increment: Decimal
    price_increment: Decimal
    base_min_size: Decimal
    min_funds: DecimalOrZero = Decimal(0)
    enable_trading: bool

    def instrument(self) -> Instrument:
        """Return the market as an instrument."""
        return Instrument(
            spot_name(self.symbol),
            InstrumentKind.SPOT,
            tick=self.price_increment,
            lot=self.base_increment,
            minimum_quantity=self.base_min_size,
            minimum_notional=self.min_funds,
        )


class Ticker(Wire):
    """The best prices of a market; nothing where that side is empty."""

    symbol: str
    buy: DecimalOrZero
    sell: DecimalOrZero


class Tickers(Wire):
    """The best prices of all markets at one time."""

    time: Milliseconds
    ticker: tuple[Ticker, ...]


class SpotBook(Wire):
    """The best prices of a market with what waits there."""

    time: Milliseconds
    bids: Levels
    asks: Levels

    def depth(self, instrument: str) -> Depth:
        """Return it as the desk's noun."""
        bids, asks = ([Level(price, quantity) for price, quantity in side] for side in (self.bids, self.asks))
        return Depth.sorted(instrument, bids, asks, self.time)


class Balance(Wire):
    """What one wallet holds of one currency; `balance` includes what open orders hold."""

    currency: str
    type: str
    balance: Decimal
    available: Decimal


class SpotOrder(Wire):
    """An order as the venue has it."""

    id: str
    client_oid: TextOrEmpty = ""
    symbol: str
    type: str
    side: Side
    price: DecimalOrZero
    size: DecimalOrZero
    deal_size: DecimalOrZero
    active: bool
    cancel_exist: bool
    created_at: Milliseconds

    def order(self, fills: tuple[Fill, ...] = ()) -> Order:
        """Return it as the desk's noun."""
        kind = OrderType(self.type) if self.type in (OrderType.MARKET, OrderType.LIMIT) else OrderType.STOP
        return Order(
            client_order_id=self.client_oid,
            venue_order_id=self.id,
            instrument=spot_name(self.symbol),
            side=self.side,
            type=kind,
            quantity=max(self.size, self.deal_size),
            filled_quantity=self.deal_size,
            state=state_of(active=self.active, cancelled=self.cancel_exist, quantity=self.size, filled=self.deal_size),
            at=self.created_at,
            price=self.price or None,
            fills=fills,
        )


class SpotFill(Wire):
    """A part of an order that was executed; it names its order by the venue's id only."""

    id: int
    order_id: str
    trade_id: str
    symbol: str
    side: Side
    price: Decimal
    size: Decimal = Field(gt=0)
    fee: Decimal
    fee_currency: str
    created_at: Milliseconds

    def fill(self, client_order_id: str) -> Fill:
        """Return it as the desk's noun."""
        return Fill(
            venue_trade_id=f"{self.order_id}-{self.trade_id}",
            client_order_id=client_order_id,
            instrument=spot_name(self.symbol),
            side=self.side,
            quantity=self.size,
            price=self.price,
            fee=self.fee,
            fee_currency=self.fee_currency,
            at=self.created_at,
        )


def _or_none(value: object) -> object:
    return () if value is None else value


class Fills(Wire):
    """The newest fills before `last_id`."""

    items: Annotated[tuple[SpotFill, ...], BeforeValidator(_or_none)]
    last_id: int | None = None


class DoneOrders(Wire):
    """The newest finished orders before `last_id`."""

    items: Annotated[tuple[SpotOrder, ...], BeforeValidator(_or_none)]
    last_id: int | None = None


class ActiveSymbols(Wire):
    """The markets in which the account has open orders."""

    symbols: Annotated[tuple[str, ...], BeforeValidator(_or_none)] = ()


SYMBOLS = TypeAdapter(tuple[Symbol, ...])
TICKERS = TypeAdapter(Tickers)
BOOK = TypeAdapter(SpotBook)
BALANCES = TypeAdapter(tuple[Balance, ...])
ORDER = TypeAdapter(SpotOrder | None)
ORDERS = TypeAdapter(Annotated[tuple[SpotOrder, ...], BeforeValidator(_or_none)])
DONE_ORDERS = TypeAdapter(DoneOrders)
FILLS = TypeAdapter(Fills)
ACTIVE_SYMBOLS = TypeAdapter(ActiveSymbols)
