"""An account with everything open in it, and its trades."""

from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from desk.adapters.venues.oanda.wire.base import AccountReply, ClientExtensions, Price, Time, WireModel
from desk.adapters.venues.oanda.wire.orders import WireOrder


class WireTrade(WireModel):
    """A trade: what one fill opened and what is left of it.

    Attributes:
        current_units: above 0 long, below 0 short.
        take_profit_order, stop_loss_order, trailing_stop_loss_order: given where the trade was asked for by itself;
            an account lists them among its orders.
    """

    id: str
    instrument: str
    price: Price
    open_time: Time
    state: str
    current_units: Decimal
    realized_pl: Decimal
    unrealized_pl: Decimal = Decimal(0)
    financing: Decimal = Decimal(0)
    client_extensions: ClientExtensions = ClientExtensions()
    take_profit_order: WireOrder | None = None
    stop_loss_order: WireOrder | None = None
    trailing_stop_loss_order: WireOrder | None = None


class TradeReply(AccountReply):
    """One trade."""

    trade: WireTrade


class TradesReply(AccountReply):
    """Trades, newest first."""

    trades: tuple[WireTrade, ...]


class WireSide(WireModel):
    """One side of a position."""

    units: Decimal


class WirePosition(WireModel):
    """What an account holds, or once held, of an instrument."""

    instrument: str
    long: WireSide
    short: WireSide


class PositionReply(AccountReply):
    """One position."""

    position: WirePosition


class WireAccount(WireModel):
    """An account with all that is open.

    Attributes:
        id: such as 101-001-1234567-001.
        nav: balance and unrealised profit.
        margin_used: of open trades; orders that work tie nothing up.
        positions: of every instrument that was ever traded, flat ones included.
    """

    id: str = ""
    currency: str
    balance: Decimal
    nav: Decimal = Field(alias="NAV")
    margin_used: Decimal | None = None
    open_trade_count: int
    pending_order_count: int
    trades: tuple[WireTrade, ...]
    orders: tuple[WireOrder, ...]
    positions: tuple[WirePosition, ...]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        """Refuse an account whose lists are shorter than its own counts: what is missing is not flat."""
        for name, expected, found in (
            ("open trades", self.open_trade_count, len(self.trades)),
            ("pending orders", self.pending_order_count, len(self.orders)),
        ):
            if found < expected:
                raise ValueError(f"expected {expected} {name}, found {found}")
        return self


class AccountDetails(AccountReply):
    """The account and the transaction up to which it is told."""

    account: WireAccount
