"""From credentials to an open OANDA account: the only place that knows how its parts belong together."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal

import httpx
from pydantic import SecretStr

from desk.adapters.venue_http.meter import Meter
from desk.adapters.venue_http.retries import Retries
from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venues.oanda.api import OandaApi
from desk.adapters.venues.oanda.auth import BearerAuth
from desk.adapters.venues.oanda.conversions import HomeConversions
from desk.adapters.venues.oanda.errors import VENUE, read_error
from desk.adapters.venues.oanda.instruments import OandaInstruments
from desk.adapters.venues.oanda.lookup import OrderLookup
from desk.adapters.venues.oanda.market import OandaMarket
from desk.adapters.venues.oanda.poll import AccountPoll, Sleep
from desk.adapters.venues.oanda.trades import OandaTrades
from desk.adapters.venues.oanda.trading import OandaTrading
from desk.adapters.venues.oanda.transactions import OandaTransactions
from desk.ports import Clock


@dataclass(frozen=True, slots=True)
class OandaCredentials:
    """What opens an account: its id, such as `101-001-1234567-001`, and a personal token."""

    account_id: str
    token: SecretStr


@dataclass(frozen=True, slots=True)
class OandaEnvironment:
    """Where to send requests: use `PRACTICE`, `LIVE`, or `simulator` with the address of one."""

    name: str
    base_url: str
    stream_url: str


PRACTICE = OandaEnvironment("practice", "https://api-fxpractice.oanda.com", "https://stream-fxpractice.oanda.com")
LIVE = OandaEnvironment("live", "https://api-fxtrade.oanda.com", "https://stream-fxtrade.oanda.com")


def simulator(base_url: str) -> OandaEnvironment:
    """Return the environment of a local server that speaks OANDA's wire."""
    return OandaEnvironment("simulator", base_url, base_url)


@dataclass(frozen=True, slots=True)
class OandaVenue:
    """All that one account can be asked; close the session when done."""

    market: OandaMarket
    poll: AccountPoll
    trading: OandaTrading
    trades: OandaTrades
    transactions: OandaTransactions
    session: VenueSession


def open_oanda(
    credentials: OandaCredentials,
    environment: OandaEnvironment,
    *,
    clock: Clock,
    transport: httpx.AsyncBaseTransport | None = None,
    retries: Retries | None = None,
    meter: Meter | None = None,
    collar_bps: Decimal | None = None,
    conversions: HomeConversions | None = None,
    sleep: Sleep = asyncio.sleep,
) -> OandaVenue:
    """Return an account, without asking the venue anything yet.

    Args:
        collar_bps: how far from the quote a market order may be filled at the worst; None for no bound.
        conversions: shared with other accounts of the process, so that each currency is asked for once.
        sleep: waits for seconds, between looks at what the venue does not show yet.
    """
    auth, url = BearerAuth(credentials.token), environment.base_url
    session = VenueSession(
        VENUE,
        url,
        errors=read_error,
        auth=auth,
        transport=transport,
        retries=retries,
        clock=clock,
        meter=meter,
    )
    api = OandaApi(session, credentials.account_id)
    poll = AccountPoll(api, clock, sleep=sleep)
    transactions = OandaTransactions(api, poll)
    conversions = conversions or HomeConversions(clock)
    market = OandaMarket(api, OandaInstruments(api, clock), clock, poll=poll, conversions=conversions)
    trading = OandaTrading(
        api,
        poll=poll,
        market=market,
        transactions=transactions,
        lookup=OrderLookup(api, transactions, poll, clock, sleep=sleep),
        conversions=conversions,
        clock=clock,
        collar_bps=collar_bps,
    )
    return OandaVenue(market, poll, trading, OandaTrades(api, poll), transactions, session)
