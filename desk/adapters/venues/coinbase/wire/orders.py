"""Orders, fills, and the replies to what is done with orders."""

from decimal import Decimal

from pydantic import Field

from desk.adapters.venues.coinbase.wire.base import Amount, MaybeTime, Page, Price, Text, Time, Wire


class Configuration(Wire):
    """What kind of order it is; every kind uses some of these."""

    base_size: Price = None
    quote_size: Price = None
    limit_price: Price = None
    stop_price: Price = None
    stop_trigger_price: Price = None


class VenueOrder(Wire):
    """An order; `order_configuration` has one entry, named for the kind."""

    order_id: str
    client_order_id: Text = ""
    product_id: str
    side: str
    status: str
    order_configuration: dict[str, Configuration | None] = Field(default_factory=dict)
    filled_size: Amount = Decimal(0)
    average_filled_price: Amount = Decimal(0)
    created_time: Time
    last_fill_time: MaybeTime = None
    reject_reason: Text = ""
    reject_message: Text = ""
    cancel_message: Text = ""
    originating_order_id: Text = ""

    @property
    def kind(self) -> str:
        """The name of its configuration, empty where there is none."""
        return next((name for name, found in self.order_configuration.items() if found is not None), "")

    @property
    def configuration(self) -> Configuration:
        """Its configuration, an empty one where there is none."""
        return self.order_configuration.get(self.kind) or Configuration()

    @property
    def is_bracket(self) -> bool:
        """Whether it ends a position at a stop or a target."""
        return self.kind.startswith("trigger_bracket")

    @property
    def is_exit(self) -> bool:
        """Whether it waits to sell: as a bracket, or as a stop."""
        return self.side == "SELL" and (self.is_bracket or self.kind.startswith("stop_limit"))


class OrderReply(Wire):
    """One order."""

    order: VenueOrder


class OrderPage(Page):
    """A page of orders, the newest first."""

    orders: tuple[VenueOrder, ...] = ()


class VenueFill(Wire):
    """A part of an order that was executed; `size` is in quote currency where `size_in_quote` says so."""

    entry_id: str
    trade_id: Text = ""
    order_id: str
    trade_time: Time
    trade_type: Text = "FILL"
    price: Decimal
    size: Decimal = Field(gt=0)
    commission: Amount = Decimal(0)
    product_id: str
    sequence_timestamp: MaybeTime = None
    size_in_quote: bool = False
    side: str

    @property
    def posted_at(self) -> Time:
        """When the venue wrote it down."""
        return self.sequence_timestamp or self.trade_time


class FillPage(Page):
    """A page of fills."""

    fills: tuple[VenueFill, ...] = ()


class Created(Wire):
    """What was accepted."""

    order_id: str


class CreateReply(Wire):
    """The reply to an order that was accepted; a refusal is read as an error before."""

    success_response: Created


class CancelResult(Wire):
    """What came of the cancellation of one order; the reason says nothing where it succeeded."""

    success: bool
    failure_reason: Text = ""
    order_id: Text = ""


class CancelReply(Wire):
    """What came of a cancellation, order by order."""

    results: tuple[CancelResult, ...]


class EditReply(Wire):
    """The reply to an edit that was accepted."""

    success: bool


class PreviewReply(Wire):
    """What an order would cost, and why it would be refused."""

    order_total: Amount = Decimal(0)
    commission_total: Amount = Decimal(0)
    quote_size: Amount = Decimal(0)
    base_size: Amount = Decimal(0)
    best_bid: Price = None
    best_ask: Price = None
    slippage: Price = None
    errs: tuple[str, ...] = ()
    warning: tuple[str, ...] = ()
    preview_id: Text = ""
