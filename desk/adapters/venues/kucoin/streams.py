"""KuCoin's streams, of prices and of an account, on its spot and its futures market.

Neither has numbers that would show a gap: those of a ticker are of its book, whose changes are not all told. What is
remembered because of a stream has to end by itself.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta

from desk.adapters.streams.events import AccountEvent, AccountEventKind, Event, Heartbeat
from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venue_http.skew import ClockSkew
from desk.adapters.venues.kucoin.api import Api
from desk.adapters.venues.kucoin.auth import KucoinAuth, KucoinCredentials
from desk.adapters.venues.kucoin.freshness import Kept
from desk.adapters.venues.kucoin.futures_market import FuturesMarket
from desk.adapters.venues.kucoin.names import spot_symbol
from desk.adapters.venues.kucoin.opening import FUTURES_HOST, SPOT_HOST, Connection
from desk.adapters.venues.kucoin.spot_market import SpotMarket
from desk.adapters.venues.kucoin.stream_wire import FuturesPrice, Message, News, Price, SpotPrice
from desk.adapters.venues.kucoin.topics import PING_EVERY, Access, Topics
from desk.model.books import Quote
from desk.ports import Clock

QUIET_AFTER = timedelta(seconds=12)
"""Two answers to our pings were left out."""

STATES_KEPT = timedelta(minutes=5)
"""How long a market is taken to be as tradable as it was; what is told of its prices does not say."""

_MOST_SYMBOLS = 100
"""In one subscription."""

_SPOT_ACCOUNT = ("/spotMarket/tradeOrdersV2", "/account/balance")
_FUTURES_ACCOUNT = ("/contractMarket/tradeOrders", "/contract/positionAll", "/contractAccount/wallet")
_KINDS: Mapping[str, AccountEventKind] = {
    "/spotMarket/tradeOrders": AccountEventKind.ORDER,
    "/contractMarket/tradeOrders": AccountEventKind.ORDER,
    "/contract/position": AccountEventKind.POSITION,
    "/account/balance": AccountEventKind.MONEY,
    "/contractAccount/wallet": AccountEventKind.MONEY,
}
"""What a message is about, by the beginning of its topic."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The wanted instruments at the venue.

    Attributes:
        names: ours, by the venue's symbols.
        tradable: ours of those that take orders.
    """

    names: Mapping[str, str]
    tradable: frozenset[str]


@dataclass(frozen=True, slots=True)
class MarketTopics:
    """What one of the two markets tells.

    Attributes:
        prices: what its topics of prices begin with; symbols follow.
        price: reads what they say.
        listing: reads instruments, by our names; those that the venue does not have are left out.
        account: the topics of an account.
    """

    prices: str
    price: type[Price]
    listing: Callable[[Sequence[str]], Awaitable[Listing]]
    account: Sequence[str]


class KucoinPriceStream:
    """Implements `Source`: the best prices of instruments at first, and whenever they change."""

    def __init__(self, topics: Topics, market: MarketTopics, instruments: Sequence[str], clock: Clock) -> None:
        self._topics = topics
        self._market = market
        self._clock = clock
        self._listing = Kept(lambda: market.listing(instruments), keep_for=STATES_KEPT, clock=clock)

    async def messages(self) -> AsyncGenerator[Event, None]:
        """Give quotes and heartbeats, the first heartbeat as soon as it is subscribed; see `Source`."""
        symbols = [*(await self._listing.get()).names]
        lists = [symbols[start : start + _MOST_SYMBOLS] for start in range(0, len(symbols), _MOST_SYMBOLS)]
        wanted = [self._market.prices + ",".join(some) for some in lists]
        async with aclosing(self._topics.messages(wanted)) as messages:
            async for message in messages:
                event = Heartbeat(self._clock.now()) if message is None else await self._quote(message)
                if event is not None:
                    yield event

    async def _quote(self, message: Message) -> Quote | None:
        listing = await self._listing.get()
        name = listing.names.get(message.topic.removeprefix(self._market.prices))
        price = self._topics.read(self._market.price, message.data)
        if name is None or not (price.bid and price.ask):
            return None
        return Quote(name, price.bid, price.ask, price.at, name in listing.tradable)


class KucoinAccountStream:
    """Implements `Source`: that something has happened to an account's orders, positions or money."""

    def __init__(self, topics: Topics, market: MarketTopics, clock: Clock) -> None:
        self._topics = topics
        self._market = market
        self._clock = clock

    async def messages(self) -> AsyncGenerator[Event, None]:
        """Give what happened and heartbeats, the first one as soon as it is subscribed; see `Source`."""
        async with aclosing(self._topics.messages(self._market.account)) as messages:
            async for message in messages:
                yield Heartbeat(self._clock.now()) if message is None else self._event(message)

    def _event(self, message: Message) -> Event:
        news = self._topics.read(News, message.data)
        at = news.at or self._clock.now()
        if news.is_valuation:
            return Heartbeat(at)
        return AccountEvent(_kind(message.topic, news), at, news.client_oid, news.order_id)


@dataclass(frozen=True, slots=True)
class KucoinStreams:
    """Makes the sources of a key on one of the two markets; close it after the streams.

    Attributes:
        public, signed: give out tokens.
        ping_every: see `Topics`.
    """

    market: MarketTopics
    public: VenueSession
    signed: VenueSession
    clock: Clock
    ping_every: timedelta = PING_EVERY

    def prices(self, instruments: Sequence[str]) -> KucoinPriceStream:
        """Return the prices of instruments, by our names; no key is used."""
        topics = Topics(Api(self.public), Access.PUBLIC, "stream of prices", self.ping_every)
        return KucoinPriceStream(topics, self.market, instruments, self.clock)

    def account_events(self) -> KucoinAccountStream:
        """Return what happens to the account."""
        topics = Topics(Api(self.signed), Access.PRIVATE, "stream of the account", self.ping_every)
        return KucoinAccountStream(topics, self.market, self.clock)

    async def close(self) -> None:
        """Close what is open beside the streams."""
        await self.public.close()
        await self.signed.close()


def open_kucoin_spot_streams(
    credentials: KucoinCredentials, connection: Connection, market: SpotMarket, *, ping_every: timedelta = PING_EVERY
) -> KucoinStreams:
    """Return what makes the streams of the spot market, whose state `market` tells; nothing is sent yet."""

    async def listing(instruments: Sequence[str]) -> Listing:
        listed = await market.instruments()
        return Listing({spot_symbol(name): name for name in instruments if name in listed}, await market.tradable())

    topics = MarketTopics("/market/ticker:", SpotPrice, listing, _SPOT_ACCOUNT)
    public, signed = _sessions(credentials, connection, SPOT_HOST)
    return KucoinStreams(topics, public, signed, connection.clock, ping_every)


def open_kucoin_futures_streams(
    credentials: KucoinCredentials, connection: Connection, market: FuturesMarket, *, ping_every: timedelta = PING_EVERY
) -> KucoinStreams:
    """Return what makes the streams of the futures market, whose contracts `market` tells; nothing is sent yet."""

    async def listing(instruments: Sequence[str]) -> Listing:
        contracts = await market.contracts()
        listed = {name: contracts.by_name[name] for name in instruments if name in contracts.by_name}
        return Listing({contract.symbol: name for name, contract in listed.items()}, contracts.tradable)

    topics = MarketTopics("/contractMarket/tickerV2:", FuturesPrice, listing, _FUTURES_ACCOUNT)
    public, signed = _sessions(credentials, connection, FUTURES_HOST)
    return KucoinStreams(topics, public, signed, connection.clock, ping_every)


def _sessions(credentials: KucoinCredentials, connection: Connection, host: str) -> tuple[VenueSession, VenueSession]:
    """Return a session without the key and one with it."""
    auth = KucoinAuth(credentials, ClockSkew(connection.clock))
    return connection.session(host), connection.session(host, auth)


def _kind(topic: str, news: News) -> AccountEventKind:
    if news.is_match:
        return AccountEventKind.FILL
    return next((kind for start, kind in _KINDS.items() if topic.startswith(start)), AccountEventKind.OTHER)
