"""Orders from intent to fill."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from desk.model.instrument import Side


class OrderType(StrEnum):
    """How an order asks to be filled."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"


class TimeInForce(StrEnum):
    """How long an order works."""

    GTC = "gtc"
    IOC = "ioc"


class OrderState(StrEnum):
    """The life of an order: PLANNED → SENDING → ACKED → PARTIAL → FILLED, with the ways out.

    UNKNOWN is an order whose outcome the venue has not told yet; it keeps its reservation.
    """

    PLANNED = "planned"
    SENDING = "sending"
    UNKNOWN = "unknown"
    ACKED = "acked"
    PARTIAL = "partial"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"

    @property
    def is_final(self) -> bool:
        """Whether nothing more is expected of the order."""
        return self in (OrderState.FILLED, OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED)

    @property
    def is_unresolved(self) -> bool:
        """Whether the order may have reached the venue without our knowing."""
        return self in (OrderState.SENDING, OrderState.UNKNOWN)


class FillReason(StrEnum):
    """What made a fill happen.

    An ADJUSTMENT did not: it is how the ledger takes over what the venue holds. FINANCING and FUNDING are fills of
    nothing: they charge for what is held, or pay for it. With a LIQUIDATION the venue closes what the account's equity
    does not carry any more.
    """

    ORDER = "order"
    STOP = "stop"
    TARGET = "target"
    TRAILING_STOP = "trailing_stop"
    TIME_LIMIT = "time_limit"
    LIQUIDATION = "liquidation"
    ADJUSTMENT = "adjustment"
    FINANCING = "financing"
    FUNDING = "funding"

    @property
    def is_charge(self) -> bool:
        """Whether nothing was traded: it is what holding a position cost or brought."""
        return self in (FillReason.FINANCING, FillReason.FUNDING)


@dataclass(frozen=True, slots=True)
class Barriers:
    """Where a position ends by itself.

    Attributes:
        stop, target: prices.
        trailing_distance: in price; the stop follows the best price at this distance.
        time_limit: how long the position may stay open.
    """

    stop: Decimal | None = None
    target: Decimal | None = None
    trailing_distance: Decimal | None = None
    time_limit: timedelta | None = None


@dataclass(frozen=True, slots=True)
class OrderIntent:
    """An order that was decided and not yet sent.

    Attributes:
        client_order_id: a function of account, strategy, instrument, candle close and leg; never of clock or chance.
        quantity: in base units, above 0, on the lot.
        price: the limit or stop price; None for a market order.
        reduce_only: the order may close a position and never open or turn one.
    """

    client_order_id: str
    account: str
    strategy: str
    instrument: str
    candle_close: datetime
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None = None
    barriers: Barriers = Barriers()
    time_in_force: TimeInForce = TimeInForce.IOC
    reduce_only: bool = False


@dataclass(frozen=True, slots=True)
class Fill:
    """A part of an order that was executed.

    Attributes:
        venue_trade_id: unique at the venue within the account.
        client_order_id: of its order; of a charge for what is held, of the order that opened the position.
        quantity: in base units, above 0; 0 for a charge.
        price: in quote currency per base unit; that at which a charge was counted.
        fee: what it cost, above 0, in `fee_currency`; below 0 is a rebate.
        realised_profit: the venue's own figure for what it closed, in account currency before fees; None where the
            venue does not tell, and it has to be computed.
    """

    venue_trade_id: str
    client_order_id: str
    instrument: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_currency: str
    at: datetime
    reason: FillReason = FillReason.ORDER
    realised_profit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What a venue says of an order.

    Attributes:
        quantity: as asked, in base units.
        filled_quantity: as executed so far.
        reason: the venue's words for a rejection or a cancellation.
        target: the price of the profit that a stop takes as well, where it is a bracket; None for every other order.
        fills: the fills of this order that the venue told of, oldest first.
    """

    client_order_id: str
    venue_order_id: str
    instrument: str
    side: Side
    type: OrderType
    quantity: Decimal
    filled_quantity: Decimal
    state: OrderState
    at: datetime
    price: Decimal | None = None
    reason: str = ""
    reduce_only: bool = False
    fills: tuple[Fill, ...] = ()
    target: Decimal | None = None
