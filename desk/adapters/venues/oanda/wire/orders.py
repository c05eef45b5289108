"""Orders as OANDA lists them."""

from decimal import Decimal
from typing import Self

from pydantic import model_validator

from desk.adapters.venues.oanda.wire.base import AccountReply, ClientExtensions, Price, Time, WireModel

STANDALONE = frozenset({"MARKET", "FIXED_PRICE", "LIMIT", "STOP", "MARKET_IF_TOUCHED"})
"""Orders that stand by themselves; those of other types hang on a trade, as its barriers."""


class WireOrder(WireModel):
    """An order; one that hangs on a trade has `trade_id`, and neither instrument nor units.

    Attributes:
        units: above 0 buys, below 0 sells.
        distance: of a trailing stop, in price.
    """

    id: str
    type: str
    state: str
    create_time: Time
    instrument: str = ""
    units: Decimal | None = None
    price: Price | None = None
    distance: Price | None = None
    time_in_force: str = ""
    position_fill: str = ""
    client_extensions: ClientExtensions = ClientExtensions()
    trade_id: str = ""
    filling_transaction_id: int | None = None
    cancelling_transaction_id: int | None = None

    @property
    def is_standalone(self) -> bool:
        """Whether it is an order of its own, and not the stop or target of a trade."""
        return self.type in STANDALONE

    @model_validator(mode="after")
    def _says_what_it_wants(self) -> Self:
        if self.is_standalone and not (self.units and self.instrument):
            raise ValueError(f"expected an instrument and units on {self.type} order {self.id}")
        return self


class OrderReply(AccountReply):
    """One order."""

    order: WireOrder


class OrdersReply(AccountReply):
    """Orders, newest first."""

    orders: tuple[WireOrder, ...]
