"""From credentials to an open account at Aster: one session for its market data and its orders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

import httpx

from desk.adapters.venue_http.meter import Meter
from desk.adapters.venue_http.retries import Retries
from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venue_http.skew import ClockSkew
from desk.adapters.venues.aster.auth import auth_for
from desk.adapters.venues.aster.calls import AsterCalls
from desk.adapters.venues.aster.catalogue import Catalogue
from desk.adapters.venues.aster.credentials import AsterCredentials, HmacCredentials
from desk.adapters.venues.aster.endpoints import KEYS, WALLETS
from desk.adapters.venues.aster.errors import VENUE, read_error
from desk.adapters.venues.aster.limits import CallLimits, GuardedTransport
from desk.adapters.venues.aster.lookup import Patience
from desk.adapters.venues.aster.market import AsterMarket
from desk.adapters.venues.aster.nonces import PROCESS_NONCES, Nonces
from desk.adapters.venues.aster.traded import RecallSince
from desk.adapters.venues.aster.trading import AsterTrading
from desk.adapters.venues.recalling import Recall, recall_nothing
from desk.errors import ConfigError
from desk.ports import Clock

Environment: TypeAlias = Literal["live", "practice", "simulator"]


@dataclass(frozen=True, slots=True)
class Host:
    """Where an environment is.

    Attributes:
        stream_url: of the WebSocket.
        chain_id: of the chain for which wallets sign.
    """

    url: str
    stream_url: str
    chain_id: int


HOSTS: Mapping[str, Host] = {
    "live": Host("https://fapi.asterdex.com", "wss://fstream.asterdex.com", 1666),
    "practice": Host("https://fapi.asterdex-testnet.com", "wss://fstream.asterdex-testnet.com", 714),
}
_LIVE_CHAIN = HOSTS["live"].chain_id


@dataclass(frozen=True, slots=True)
class OpenCalls:
    """An open conversation.

    Attributes:
        session: close it when done.
        limits: what the venue counts, and its ban.
    """

    calls: AsterCalls
    session: VenueSession
    limits: CallLimits


@dataclass(frozen=True, slots=True)
class AsterVenue:
    """An open account.

    Attributes:
        session: close it when done.
        limits: what the venue counts, and its ban.
    """

    market: AsterMarket
    trading: AsterTrading
    session: VenueSession
    limits: CallLimits


def open_aster(
    credentials: AsterCredentials,
    environment: Environment,
    *,
    clock: Clock,
    instruments: Iterable[str],
    base_url: str = "",
    transport: httpx.AsyncBaseTransport | None = None,
    retries: Retries | None = None,
    meter: Meter | None = None,
    limits: CallLimits | None = None,
    nonces: Nonces = PROCESS_NONCES,
    recall: Recall = recall_nothing,
    recall_since: RecallSince | None = None,
    patience: Patience | None = None,
) -> AsterVenue:
    """Open an account; nothing is sent yet.

    Args:
        clock: of this machine, from which the venue's own is measured.
        instruments: those that the account trades.
        base_url: of the simulator, which signs like the live venue.
        limits: shared by default by all that is open in this process at the same host, since a ban is for an address.
        nonces: shared by all that signs with this wallet.
        recall, recall_since, patience: as of `AsterTrading`.

    Raises:
        ConfigError: the simulator's address is missing, or the wallet's key cannot be used.
    """
    host = host_of(environment, base_url)
    opened = open_calls(
        credentials,
        host,
        clock=clock,
        transport=transport,
        retries=retries,
        meter=meter,
        limits=limits,
        nonces=nonces,
    )
    traded = tuple(instruments)
    catalogue = Catalogue(opened.calls, clock, known=traded)
    trading = AsterTrading(
        opened.calls, catalogue, instruments=traded, recall=recall, recall_since=recall_since, patience=patience
    )
    return AsterVenue(AsterMarket(opened.calls, catalogue, clock), trading, opened.session, opened.limits)


def open_calls(
    credentials: AsterCredentials,
    host: Host,
    *,
    clock: Clock,
    transport: httpx.AsyncBaseTransport | None = None,
    retries: Retries | None = None,
    meter: Meter | None = None,
    limits: CallLimits | None = None,
    nonces: Nonces = PROCESS_NONCES,
) -> OpenCalls:
    """Open a conversation; nothing is sent yet. See `open_aster`."""
    skew = ClockSkew(clock)
    counted = limits or _limits_of(host.url)
    session = VenueSession(
        VENUE,
        host.url,
        errors=read_error,
        auth=auth_for(credentials, now=skew.now, chain_id=host.chain_id, nonces=nonces),
        transport=GuardedTransport(
            transport or httpx.AsyncHTTPTransport(retries=0), counted, is_metered=meter is not None
        ),
        retries=retries,
        clock=clock,
        meter=meter,
    )
    calls = AsterCalls(session, KEYS if isinstance(credentials, HmacCredentials) else WALLETS, skew)
    return OpenCalls(calls, session, counted)


def host_of(environment: Environment, base_url: str) -> Host:
    """Return where an environment is.

    Raises:
        ConfigError: the simulator's address is missing, or there is one where none is expected.
    """
    if environment == "simulator":
        if not base_url:
            raise ConfigError("aster: expected the simulator's address as base_url, found none")
        address = base_url.rstrip("/")
        return Host(address, address.replace("http", "ws", 1), _LIVE_CHAIN)
    if base_url:
        raise ConfigError(f"aster: expected no base_url in environment {environment}, found {base_url}")
    return HOSTS[environment]


@cache
def _limits_of(url: str) -> CallLimits:
    return CallLimits()
