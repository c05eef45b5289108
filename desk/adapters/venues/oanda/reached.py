"""OANDA under one token: market data of one of its accounts, and every account that the token opens."""

from collections.abc import Sequence
from datetime import timedelta

from pydantic import SecretStr

from desk.accounts import AccountSpec
from desk.accounts.connections import OandaConnection
from desk.adapters.venues.oanda.conversions import HomeConversions
from desk.adapters.venues.oanda.open import (
    LIVE,
    PRACTICE,
    OandaCredentials,
    OandaEnvironment,
    OandaVenue,
    open_oanda,
    simulator,
)
from desk.adapters.venues.oanda.streams import QUIET_AFTER, OandaStreams, open_oanda_streams
from desk.adapters.venues.reached import Identity, Secrets, Streamed, Tools
from desk.model.orders import OrderIntent
from desk.ports import Feed, Trading

_WORLDS = {"101": "practice", "001": "live"}
"""By how an account id begins."""


class ReachedOanda:
    """Implements `Reached`; accounts share connections, instruments and conversions."""

    def __init__(self, spec: OandaConnection, secrets: Secrets, tools: Tools) -> None:
        self._account_id = spec.account_id
        self._environment = _environment(spec)
        self._collar_bps = spec.collar_bps
        self._token: SecretStr = secrets["token"]
        self._tools = tools
        self._conversions = HomeConversions(tools.clock)
        self._accounts: dict[str, OandaVenue] = {}

    @property
    def market(self) -> Feed:
        """The prices of the connection's account."""
        return self._opened(self._account_id).market

    def trading(self, account: AccountSpec) -> Trading:
        """Return the trading port of the account that is named, or of the connection's."""
        return self._opened(account.account_id or self._account_id).trading

    def price_stream(self, instruments: Sequence[str]) -> Streamed:
        """The prices of the connection's account."""
        return Streamed(self._streams(self._account_id, instruments).prices, QUIET_AFTER)

    def account_stream(self, account: AccountSpec) -> Streamed:
        """The transactions of the account; what is remembered of its money and positions ends with each."""
        account_id = account.account_id or self._account_id
        poll = self._opened(account_id).poll
        return Streamed(self._streams(account_id, ()).transactions, QUIET_AFTER, (poll.forget,))

    async def skew(self) -> timedelta | None:
        """None: a token carries no time."""
        return None

    async def rights(self) -> str | None:
        """None: the venue does not tell what a token may do."""
        return None

    async def identity(self, account: AccountSpec) -> Identity:
        """Return the account's id, which says of which world it is; what a token may do is not told."""
        opened = self._opened(account.account_id or self._account_id)
        told = (await opened.poll.details()).account.id
        return Identity(told or None, _WORLDS.get(told.partition("-")[0]))

    async def try_out(self, account: AccountSpec, intent: OrderIntent) -> str | None:
        """None: the venue takes every order that it accepts."""
        return None

    async def close(self) -> None:
        """Close the sessions of all accounts."""
        for venue in self._accounts.values():
            await venue.session.close()

    def _streams(self, account_id: str, instruments: Sequence[str]) -> OandaStreams:
        return open_oanda_streams(
            OandaCredentials(account_id, self._token),
            self._environment,
            instruments,
            clock=self._tools.clock,
            transport=self._tools.transport,
        )

    def _opened(self, account_id: str) -> OandaVenue:
        if account_id not in self._accounts:
            self._accounts[account_id] = open_oanda(
                OandaCredentials(account_id, self._token),
                self._environment,
                clock=self._tools.clock,
                transport=self._tools.transport,
                conversions=self._conversions,
                collar_bps=self._collar_bps,
                meter=self._tools.meter,
            )
        return self._accounts[account_id]


def _environment(spec: OandaConnection) -> OandaEnvironment:
    return simulator(spec.url) if spec.url else {"practice": PRACTICE, "live": LIVE}[spec.environment]
