"""Aster under one wallet or key."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from desk.accounts import AccountSpec
from desk.accounts.connections import AsterConnection
from desk.adapters.venues.aster.credentials import AsterCredentials, HmacCredentials, WalletCredentials
from desk.adapters.venues.aster.open import AsterVenue, open_aster
from desk.adapters.venues.aster.protected import ProtectedTrading
from desk.adapters.venues.aster.streams import QUIET_AFTER, open_aster_streams
from desk.adapters.venues.aster.traded import RecallSince
from desk.adapters.venues.reached import Identity, Secrets, Streamed, Tools
from desk.model.orders import OrderIntent
from desk.ports import Feed, Trading


class ReachedAster:
    """Implements `Reached`; each account trades its own instruments."""

    def __init__(self, spec: AsterConnection, secrets: Secrets, tools: Tools) -> None:
        self._spec = spec
        self._credentials = _credentials(spec, secrets)
        self._tools = tools
        self._prices = self._open((), None)
        self._streams = open_aster_streams(
            self._credentials,
            spec.environment,
            clock=tools.clock,
            base_url=spec.url or "",
            transport=tools.transport,
            meter=tools.meter,
        )
        self._accounts: dict[tuple[str, tuple[str, ...]], ProtectedTrading] = {}
        self._sessions = [self._prices.session]

    @property
    def market(self) -> Feed:
        """All perpetuals."""
        return self._prices.market

    def trading(self, account: AccountSpec) -> Trading:
        """Return a port for the account's instruments, which gives positions their stops."""
        key = (account.name, account.instruments)
        if key not in self._accounts:
            recall = self._tools.recall_dealings
            opened = self._open(account.instruments, partial(recall, account.name) if recall else None)
            self._sessions.append(opened.session)
            self._accounts[key] = ProtectedTrading(opened.trading)
        return self._accounts[key]

    def price_stream(self, instruments: Sequence[str]) -> Streamed:
        """The best prices of perpetuals, without the key."""
        return Streamed(self._streams.prices(instruments), QUIET_AFTER)

    def account_stream(self, account: AccountSpec) -> Streamed:
        """What happens to the account."""
        return Streamed(self._streams.account_events(), QUIET_AFTER)

    async def skew(self) -> timedelta | None:
        """Return what the last signature was corrected by."""
        trading = self._prices.trading
        await trading.account()
        return trading.skew.offset

    async def rights(self) -> str | None:
        """None: the venue does not tell what a key may do."""
        return None

    async def identity(self, account: AccountSpec) -> Identity:
        """Return whether the account may trade; whose it is, and what the key may do, is not told.

        A key of another world is refused, because each world signs for a chain of its own.
        """
        return Identity(may_trade=await self._prices.trading.may_trade())

    async def try_out(self, account: AccountSpec, intent: OrderIntent) -> str | None:
        """None: the venue takes every order that it accepts."""
        return None

    async def close(self) -> None:
        """Close the sessions of all accounts."""
        for session in self._sessions:
            await session.close()
        await self._streams.close()

    def _open(self, instruments: Sequence[str], recall_since: RecallSince | None) -> AsterVenue:
        return open_aster(
            self._credentials,
            self._spec.environment,
            clock=self._tools.clock,
            instruments=instruments,
            base_url=self._spec.url or "",
            transport=self._tools.transport,
            recall=self._tools.recall,
            recall_since=recall_since,
            meter=self._tools.meter,
        )


def _credentials(spec: AsterConnection, secrets: Secrets) -> AsterCredentials:
    if "private_key" in secrets:
        return WalletCredentials(private_key=secrets["private_key"], user=spec.user)
    return HmacCredentials(api_key=secrets["api_key"], api_secret=secrets["api_secret"])
