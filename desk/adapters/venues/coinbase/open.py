"""From credentials and an environment to everything that can be asked of Coinbase."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from desk.adapters.venue_http.meter import Meter
from desk.adapters.venue_http.retries import Retries
from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venue_http.skew import ClockSkew
from desk.adapters.venues.coinbase.auth import CoinbaseCredentials, sign_with
from desk.adapters.venues.coinbase.clock import DeniedTime, TimedAuth
from desk.adapters.venues.coinbase.convert import CoinbaseConversions
from desk.adapters.venues.coinbase.errors import read_error
from desk.adapters.venues.coinbase.market import CoinbaseMarket, batched_books, single_books
from desk.adapters.venues.coinbase.names import VENUE
from desk.adapters.venues.coinbase.reading import NoWriting, Writer
from desk.adapters.venues.coinbase.terms import CoinbaseTerms, Looks
from desk.adapters.venues.coinbase.trading import CoinbaseTrading
from desk.errors import ConfigError
from desk.ports import Clock

PATH = "/api/v3/brokerage"
HOSTS: Mapping[str, str] = {"live": "https://api.coinbase.com", "sandbox": "https://api-sandbox.coinbase.com"}
"""The sandbox has canned answers for accounts and orders, no markets and no memory."""


@dataclass(frozen=True, slots=True)
class Coinbase:
    """One account at Coinbase.

    Attributes:
        skew: the venue's time, measured by what is signed.
    """

    market: CoinbaseMarket
    trading: CoinbaseTrading
    conversions: CoinbaseConversions
    session: VenueSession
    skew: ClockSkew


def open_coinbase(
    credentials: CoinbaseCredentials,
    environment: str,
    terms: CoinbaseTerms,
    *,
    clock: Clock,
    base_url: str = "",
    transport: httpx.AsyncBaseTransport | None = None,
    retries: Retries | None = None,
    meter: Meter | None = None,
    looks: Looks | None = None,
) -> Coinbase:
    """Return an account; nothing is sent yet.

    Args:
        environment: `live`, `sandbox`, or `simulator` at `base_url`.

    Raises:
        ConfigError: the environment is none of these, or the secret is not a key.
    """
    skew = ClockSkew(clock)
    session = VenueSession(
        VENUE,
        _host(environment, base_url) + PATH,
        errors=read_error,
        auth=TimedAuth(sign_with(credentials, skew.now), skew),
        transport=transport,
        retries=retries,
        clock=clock,
        meter=meter,
        signing_time=DeniedTime(skew),
    )
    writer: Writer = NoWriting() if terms.read_only else session
    market = CoinbaseMarket(session, skew, books=batched_books)
    trading = CoinbaseTrading(session, market, terms, writer=writer, clock=skew, looks=looks or Looks())
    return Coinbase(market, trading, CoinbaseConversions(session, writer), session, skew)


def open_market(
    environment: str,
    *,
    clock: Clock,
    base_url: str = "",
    transport: httpx.AsyncBaseTransport | None = None,
    retries: Retries | None = None,
    meter: Meter | None = None,
) -> tuple[CoinbaseMarket, VenueSession]:
    """Return the market data alone, from the public questions, without a key; see `open_coinbase`."""
    session = VenueSession(
        VENUE,
        _host(environment, base_url) + PATH,
        errors=read_error,
        transport=transport,
        retries=retries,
        clock=clock,
        meter=meter,
    )
    return CoinbaseMarket(session, ClockSkew(clock), books=single_books), session


def _host(environment: str, base_url: str) -> str:
    if environment == "simulator" and base_url:
        return base_url.rstrip("/")
    host = HOSTS.get(environment)
    if host is None or base_url:
        expected = f"{', '.join(HOSTS)}, or simulator with its address"
        raise ConfigError(f"{VENUE}: expected the environment {expected}, found {environment!r} at {base_url!r}")
    return host
