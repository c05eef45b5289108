"""Messages of KuCoin's WebSockets, as far as they are used."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from pydantic import Field, SecretStr, TypeAdapter

from desk.adapters.venues.kucoin.wire import DecimalOrZero, Milliseconds, Nanoseconds, TextOrEmpty, Wire


class Server(Wire):
    """Where a WebSocket is; `ping_interval` is the longest pause between two pings, in milliseconds."""

    endpoint: str
    ping_interval: int


class Token(Wire):
    """What opens a WebSocket within 24 hours."""

    token: SecretStr
    instance_servers: tuple[Server, ...] = Field(min_length=1)

    @property
    def server(self) -> Server:
        """The first server; they are alike."""
        return self.instance_servers[0]

    def address(self, connect_id: str) -> str:
        """Return the address of a connection, which has the token in it."""
        return f"{self.server.endpoint}?{urlencode({'token': self.token.get_secret_value(), 'connectId': connect_id})}"


class Message(Wire):
    """Whatever the venue says.

    Attributes:
        id: of what it answers.
        data: of a topic as it is, of an error in words.
    """

    type: str
    id: TextOrEmpty = ""
    topic: TextOrEmpty = ""
    code: TextOrEmpty = ""
    data: Any = None


class Price(Wire):
    """The best prices of a market, 0 where that side is empty."""

    bid: DecimalOrZero
    ask: DecimalOrZero
    at: datetime


class SpotPrice(Price):
    """As the spot market tells them."""

    bid: DecimalOrZero = Field(alias="bestBid")
    ask: DecimalOrZero = Field(alias="bestAsk")
    at: Milliseconds = Field(alias="time")


class FuturesPrice(Price):
    """As the futures market tells them."""

    bid: DecimalOrZero = Field(alias="bestBidPrice")
    ask: DecimalOrZero = Field(alias="bestAskPrice")
    at: Nanoseconds = Field(alias="ts")


class News(Wire):
    """What every topic of an account has in common; the time has a name and a unit of its own in each."""

    type: TextOrEmpty = ""
    client_oid: TextOrEmpty = ""
    order_id: TextOrEmpty = ""
    change_reason: TextOrEmpty = ""
    ts: Nanoseconds | None = None
    time: Milliseconds | None = None
    timestamp: Milliseconds | None = None
    current_timestamp: Milliseconds | None = None

    @property
    def at(self) -> datetime | None:
        """When it happened, None where that is not told."""
        return self.ts or self.time or self.timestamp or self.current_timestamp

    @property
    def is_match(self) -> bool:
        """Whether a part of an order was executed."""
        return self.type == "match"

    @property
    def is_valuation(self) -> bool:
        """Whether nothing has happened but that a price has changed, by which a position is valued."""
        return self.change_reason == "markPriceChange"


TOKEN = TypeAdapter(Token)
