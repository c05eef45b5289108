"""Messages of Coinbase's streams, as far as they are used."""

from typing import Any

from desk.adapters.venues.coinbase.wire.base import Price, Text, Time, Wire


class Complaint(Wire):
    """What tells an error from a message; an error has no number."""

    type: Text = ""
    message: Text = ""


class Message(Wire):
    """What one channel says; what its events are made of depends on the channel.

    Attributes:
        sequence_num: one more than that of the message before on the same connection, whatever the channel.
    """

    channel: str
    timestamp: Time
    sequence_num: int
    events: tuple[Any, ...] = ()


class Ticker(Wire):
    """The best prices of a product, empty where that side is."""

    product_id: str
    best_bid: Price = None
    best_ask: Price = None


class TickerEvent(Wire):
    """Prices that are new."""

    tickers: tuple[Ticker, ...] = ()


class ChangedOrder(Wire):
    """An order to which something has happened."""

    order_id: str
    client_order_id: Text = ""


class UserEvent(Wire):
    """Orders as they stand: at first those that are open, then each that changes."""

    type: str
    orders: tuple[ChangedOrder, ...] = ()

    @property
    def is_snapshot(self) -> bool:
        """Whether nothing has happened to these orders now."""
        return self.type == "snapshot"
