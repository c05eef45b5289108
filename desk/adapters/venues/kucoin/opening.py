"""Opens KuCoin: hosts by environment, one connection for market data and one for each host that is signed for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Literal, Self, TypeAlias, TypeVar

import httpx

from desk.adapters.venue_http.meter import Meter
from desk.adapters.venue_http.retries import Retries
from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venue_http.skew import ClockSkew
from desk.adapters.venues.kucoin.api import Api
from desk.adapters.venues.kucoin.auth import KucoinAuth, KucoinCredentials
from desk.adapters.venues.kucoin.capabilities import SPOT
from desk.adapters.venues.kucoin.errors import VENUE, read_error
from desk.adapters.venues.kucoin.futures_market import FuturesMarket
from desk.adapters.venues.kucoin.futures_orders import FuturesOrders, MarginTerms
from desk.adapters.venues.kucoin.futures_trading import FuturesTrading, FuturesWallet
from desk.adapters.venues.kucoin.patience import Patience
from desk.adapters.venues.kucoin.spot_market import SpotMarket
from desk.adapters.venues.kucoin.spot_orders import SpotOrders
from desk.adapters.venues.kucoin.spot_wallet import SpotWallet
from desk.adapters.venues.kucoin.traded import RecallSince, TradedInstruments
from desk.adapters.venues.kucoin.trading import KucoinTrading
from desk.adapters.venues.kucoin.transfers import KucoinTransfers
from desk.adapters.venues.recalling import Recall, recall_nothing
from desk.errors import ConfigError
from desk.ports import Clock

Environment: TypeAlias = Literal["live", "simulator"]
Market = TypeVar("Market")
Trading = TypeVar("Trading", bound=KucoinTrading)

SPOT_HOST = "https://api.kucoin.com"
FUTURES_HOST = "https://api-futures.kucoin.com"


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach the venue.

    Attributes:
        environment: the venue has no practice environment; `simulator` needs a `base_url`, for both markets.
        clock: the machine's, not a simulated one: signatures carry its time.
        transport: in place of the network, for tests.
    """

    clock: Clock
    environment: Environment = "live"
    base_url: str = ""
    transport: httpx.AsyncBaseTransport | None = None
    retries: Retries | None = None
    meter: Meter | None = None
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        if (self.environment == "simulator") is not bool(self.base_url):
            raise ConfigError(
                f"kucoin: expected a base_url for the simulator and none for live, found {self.base_url!r} "
                f"for {self.environment}"
            )

    def session(self, live_host: str, auth: httpx.Auth | None = None) -> VenueSession:
        """Open a connection to a host, or to the simulator in its place."""
        return VenueSession(
            VENUE,
            self.base_url or live_host,
            errors=read_error,
            auth=auth,
            transport=self.transport,
            retries=self.retries,
            clock=self.clock,
            meter=self.meter,
        )


@dataclass(frozen=True, slots=True)
class OpenKucoin(Generic[Market, Trading]):
    """One of the two markets, open.

    Attributes:
        skew: how far the machine's clock is from the venue's, measured with the first signed request.
    """

    market: Market
    trading: Trading
    transfers: KucoinTransfers
    skew: ClockSkew
    sessions: tuple[VenueSession, ...]

    async def close(self) -> None:
        """Close the connections."""
        for session in self.sessions:
            await session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.close()


def open_spot_market(connection: Connection) -> tuple[SpotMarket, VenueSession]:
    """Open the spot market's data, without a key."""
    session = connection.session(SPOT_HOST)
    return SpotMarket(Api(session), clock=connection.clock), session


def open_futures_market(connection: Connection) -> tuple[FuturesMarket, VenueSession]:
    """Open the futures market's data, without a key."""
    session = connection.session(FUTURES_HOST)
    return FuturesMarket(Api(session), clock=connection.clock), session


async def _recall_nothing_since(since: datetime) -> frozenset[str]:
    return frozenset()


def open_kucoin_spot(
    credentials: KucoinCredentials,
    connection: Connection,
    *,
    instruments: Sequence[str],
    currency: str = "USDT",
    recall: Recall = recall_nothing,
    recall_since: RecallSince = _recall_nothing_since,
) -> OpenKucoin[SpotMarket, KucoinTrading]:
    """Open an account at the spot market.

    Args:
        instruments: those that the account trades; fills and positions of others are seen where they are remembered.
        recall, recall_since: as of `TradedInstruments`.
    """
    clock, skew = connection.clock, ClockSkew(connection.clock)
    market, public = open_spot_market(connection)
    signed = connection.session(SPOT_HOST, KucoinAuth(credentials, skew))
    api = Api(signed)
    traded = TradedInstruments(instruments, recall=recall, recall_since=recall_since, clock=clock)
    orders = SpotOrders(api, market, traded=traded, clock=clock)
    wallet = SpotWallet(api, market, orders, traded=traded, currency=currency, clock=clock)
    trading = KucoinTrading(orders, wallet, SPOT, clock=clock, patience=connection.patience)
    return OpenKucoin(market, trading, KucoinTransfers(api), skew, (public, signed))


def open_kucoin_futures(
    credentials: KucoinCredentials,
    connection: Connection,
    *,
    currency: str = "USDT",
    margin: MarginTerms | None = None,
) -> OpenKucoin[FuturesMarket, FuturesTrading]:
    """Open an account at the futures market.

    Args:
        currency: what its contracts settle in.
        margin: isolated without leverage where it is not given.
    """
    clock, skew = connection.clock, ClockSkew(connection.clock)
    auth = KucoinAuth(credentials, skew)
    market, public = open_futures_market(connection)
    signed, wallets = connection.session(FUTURES_HOST, auth), connection.session(SPOT_HOST, auth)
    api = Api(signed)
    orders = FuturesOrders(api, market, margin=margin or MarginTerms(), clock=clock)
    wallet = FuturesWallet(api, market, currency=currency, clock=clock)
    trading = FuturesTrading(orders, wallet, market, clock=clock, patience=connection.patience)
    return OpenKucoin(market, trading, KucoinTransfers(Api(wallets)), skew, (public, signed, wallets))
