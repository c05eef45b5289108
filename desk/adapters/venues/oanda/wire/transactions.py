"""Transactions: the account's own record of everything that happened to it."""

from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from desk.adapters.venues.oanda.wire.base import AccountReply, ClientExtensions, Price, Time, WireModel
from desk.adapters.venues.oanda.wire.orders import STANDALONE, WireOrder


class WireTransaction(WireModel):
    """One transaction of any type; a field that its type does not have is at its default.

    Attributes:
        units: above 0 buys, below 0 sells.
        client_order_id: on a fill or a cancellation; a create has it in `client_extensions`.
        pl, financing: signed, in account currency; financing above 0 was paid to the account.
        commission, guaranteed_execution_fee: what the account paid.
        half_spread_cost: what the spread cost, already in the price.
    """

    id: int
    type: str
    time: Time
    reason: str = ""
    order_id: str = ""
    client_order_id: str = ""
    client_extensions: ClientExtensions = ClientExtensions()
    instrument: str = ""
    units: Decimal | None = None
    price: Price | None = None
    full_vwap: Price | None = Field(default=None, alias="fullVWAP")
    time_in_force: str = ""
    position_fill: str = ""
    pl: Decimal = Decimal(0)
    financing: Decimal = Decimal(0)
    commission: Decimal = Decimal(0)
    guaranteed_execution_fee: Decimal = Decimal(0)
    half_spread_cost: Decimal = Decimal(0)
    account_balance: Decimal | None = None

    @property
    def is_fill(self) -> bool:
        """Whether something was traded."""
        return self.type == "ORDER_FILL"

    @property
    def creates_order(self) -> bool:
        """Whether it made an order that stands by itself."""
        return self.type.removesuffix("_ORDER") in STANDALONE

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.is_fill or self.creates_order) and not (self.units and self.instrument):
            raise ValueError(f"expected an instrument and units on {self.type} {self.id}")
        if self.is_fill and self.price is None and self.full_vwap is None:
            raise ValueError(f"expected a price on {self.type} {self.id}")
        return self


class TransactionReply(AccountReply):
    """One transaction."""

    transaction: WireTransaction


class TransactionsReply(AccountReply):
    """Transactions, oldest first."""

    transactions: tuple[WireTransaction, ...]


class OrderPlaced(AccountReply):
    """The answer to an order or to the closing of a trade; what was refused on the way has a cancellation."""

    order_create_transaction: WireTransaction
    order_fill_transaction: WireTransaction | None = None
    order_cancel_transaction: WireTransaction | None = None


class OrderCancelled(AccountReply):
    """The answer to a cancellation."""

    order_cancel_transaction: WireTransaction


class PositionClosed(AccountReply):
    """The answer to the closing of a position, for each side that was closed."""

    long_order_fill_transaction: WireTransaction | None = None
    long_order_cancel_transaction: WireTransaction | None = None
    short_order_fill_transaction: WireTransaction | None = None
    short_order_cancel_transaction: WireTransaction | None = None


class WireTradeReference(WireModel):
    """A trade in a list of changes, by its id."""

    id: str


class WireChanges(WireModel):
    """What changed."""

    transactions: tuple[WireTransaction, ...]
    orders_created: tuple[WireOrder, ...] = ()
    orders_filled: tuple[WireOrder, ...] = ()
    orders_cancelled: tuple[WireOrder, ...] = ()
    trades_opened: tuple[WireTradeReference, ...] = ()
    trades_reduced: tuple[WireTradeReference, ...] = ()
    trades_closed: tuple[WireTradeReference, ...] = ()


class WireState(WireModel):
    """What depends on prices."""

    nav: Decimal = Field(alias="NAV")
    unrealized_pl: Decimal
    margin_used: Decimal
    margin_available: Decimal


class ChangesReply(AccountReply):
    """Changes of an account and its state now."""

    changes: WireChanges
    state: WireState
