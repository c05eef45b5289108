"""Coinbase's two streams, of prices and of what happens to an account's orders, with a heartbeat every second."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from desk.adapters.streams.events import AccountEvent, AccountEventKind, Event, Heartbeat
from desk.adapters.streams.websocket import SocketTerms
from desk.adapters.venue_http.meter import Meter
from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venue_http.skew import ClockSkew
from desk.adapters.venues.coinbase.auth import CoinbaseCredentials, KeyKind, TokenAuth
from desk.adapters.venues.coinbase.channels import Channels
from desk.adapters.venues.coinbase.clock import measure
from desk.adapters.venues.coinbase.names import VENUE, product_id
from desk.adapters.venues.coinbase.open import open_market
from desk.adapters.venues.coinbase.products import ProductList
from desk.adapters.venues.coinbase.wire.market import Product
from desk.adapters.venues.coinbase.wire.streams import Message, Ticker, TickerEvent, UserEvent
from desk.errors import ConfigError
from desk.model.books import Quote
from desk.ports import Clock

QUIET_AFTER = timedelta(seconds=12)
"""Long for a heartbeat every second, since a connection has to be opened within it too."""

STATES_KEPT = timedelta(minutes=5)
"""How long a product is taken to be as tradable as it was; what is told of its prices does not say."""

_PRICES_URL = "wss://advanced-trade-ws.coinbase.com"
_ORDERS_URL = "wss://advanced-trade-ws-user.coinbase.com"
_HEARTBEATS: Mapping[str, object] = {"channel": "heartbeats"}
_PRICES = SocketTerms(VENUE, "stream of prices")
_ORDERS = SocketTerms(VENUE, "stream of orders")


class CoinbasePriceStream:
    """Implements `Source`: the best prices of products at first, and again with each trade in their markets.

    Args:
        instruments: whose prices are wanted, by our names; for none the venue would tell all.
        clock: tells how old the states of products are.
    """

    def __init__(self, channels: Channels, products: ProductList, instruments: Sequence[str], clock: Clock) -> None:
        assert instruments, "expected an instrument at least, found none"
        self._channels = channels
        self._products = products
        self._names = {product_id(name): name for name in instruments}
        self._clock = clock
        self._states: Mapping[str, Product] = {}
        self._read_at: datetime | None = None

    async def messages(self) -> AsyncGenerator[Event, None]:
        """Give quotes and heartbeats; see `Source`."""
        wish = {"channel": "ticker", "product_ids": [*self._names]}
        async with aclosing(self._channels.messages(wish, _HEARTBEATS)) as messages:
            async for message in messages:
                if message.channel == "heartbeats":
                    yield Heartbeat(message.timestamp)
                elif message.channel == "ticker":
                    await self._refresh()
                    for quote in self._quotes(message):
                        yield quote

    async def _refresh(self) -> None:
        now = self._clock.now()
        if self._read_at is None or not self._read_at <= now < self._read_at + STATES_KEPT:
            self._states, self._read_at = await self._products.states(self._names), now

    def _quotes(self, message: Message) -> list[Quote]:
        events = [self._channels.read(TickerEvent, event) for event in message.events]
        tickers = [ticker for event in events for ticker in event.tickers]
        return [quote for ticker in tickers for quote in self._quotes_of(ticker, message.timestamp)]

    def _quotes_of(self, ticker: Ticker, at: datetime) -> list[Quote]:
        bid, ask = ticker.best_bid, ticker.best_ask
        if bid is None or ask is None:
            return []
        states = [(name, product, self._states.get(product)) for product, name in self._names.items()]
        return [
            Quote(name, bid, ask, at, state is not None and state.takes_market_orders)
            for name, product, state in states
            # A product that is an alias of another may be told under the other's name: they share one book.
            if ticker.product_id == product or (state is not None and ticker.product_id == state.alias)
        ]


class CoinbaseAccountStream:
    """Implements `Source`: that something has happened to an order of the account.

    What it was has to be asked: the venue tells sums, not single fills. Of money that comes or goes it tells nothing.

    Args:
        session: asks for the venue's time, by which a token is valid or not.
    """

    def __init__(self, channels: Channels, session: VenueSession, skew: ClockSkew) -> None:
        self._channels = channels
        self._session = session
        self._skew = skew

    async def messages(self) -> AsyncGenerator[Event, None]:
        """Give what happened and heartbeats; see `Source`."""
        await measure(self._session, self._skew)
        async with aclosing(self._channels.messages({"channel": "user"}, _HEARTBEATS)) as messages:
            async for message in messages:
                if message.channel == "heartbeats":
                    yield Heartbeat(message.timestamp)
                elif message.channel == "user":
                    for event in self._changes(message):
                        yield event

    def _changes(self, message: Message) -> list[AccountEvent]:
        events = [self._channels.read(UserEvent, event) for event in message.events]
        return [
            AccountEvent(AccountEventKind.ORDER, message.timestamp, order.client_order_id, order.order_id)
            for event in events
            if not event.is_snapshot
            for order in event.orders
        ]


@dataclass(frozen=True, slots=True)
class CoinbaseStreams:
    """Makes the sources of a key; close it after the streams.

    Attributes:
        prices_url, orders_url: of the venue's WebSockets.
        session: for the little that is asked beside.
    """

    credentials: CoinbaseCredentials
    prices_url: str
    orders_url: str
    session: VenueSession
    skew: ClockSkew

    def prices(self, instruments: Sequence[str]) -> CoinbasePriceStream:
        """Return the prices of instruments; no key is used.

        Raises:
            DataError: an instrument is not one of a spot market.
        """
        products = ProductList(self.session, self.skew)
        return CoinbasePriceStream(Channels(self.prices_url, _PRICES), products, instruments, self.skew.clock)

    def account_events(self) -> CoinbaseAccountStream:
        """Return what happens to orders.

        Raises:
            ConfigError: the key is of the kind that the stream does not take, or no key at all.
        """
        if self.credentials.kind is not KeyKind.CDP:
            raise ConfigError(
                f"{VENUE}: expected a CDP key for the stream of orders, found a {self.credentials.kind} one"
            )
        sign = TokenAuth(self.credentials, self.skew.now).stream_token
        return CoinbaseAccountStream(Channels(self.orders_url, _ORDERS, sign), self.session, self.skew)

    async def close(self) -> None:
        """Close what is open beside the streams."""
        await self.session.close()


def open_coinbase_streams(
    credentials: CoinbaseCredentials,
    environment: str,
    *,
    clock: Clock,
    base_url: str = "",
    transport: httpx.AsyncBaseTransport | None = None,
    meter: Meter | None = None,
) -> CoinbaseStreams:
    """Return what makes streams; nothing is sent yet.

    Args:
        environment: `live`, or `simulator` at `base_url`.

    Raises:
        ConfigError: the environment is none of these.
    """
    if environment == "sandbox":
        raise ConfigError(f"{VENUE}: expected the environment live or simulator for streams, found 'sandbox'")
    _, session = open_market(environment, clock=clock, base_url=base_url, transport=transport, meter=meter)
    local = f"{base_url.rstrip('/').replace('http', 'ws', 1)}/ws"
    prices, orders = (local, local) if base_url else (_PRICES_URL, _ORDERS_URL)
    return CoinbaseStreams(credentials, prices, orders, session, ClockSkew(clock))
