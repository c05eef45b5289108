"""Aster under one wallet or key."""

from collections.abc import Sequence
from datetime import timedelta

from desk.accounts import AccountSpec
from desk.accounts.connections import AsterConnection
from desk.adapters.venues.aster.credentials import AsterCredentials, HmacCredentials, WalletCredentials
from desk.adapters.venues.aster.open import AsterVenue, open_aster
from desk.adapters.venues.reached import Secrets, Tools
from desk.model.orders import OrderIntent
from desk.ports import Feed, Trading


class ReachedAster:
    """Implements `Reached`; each account trades its own instruments."""

    def __init__(self, spec: AsterConnection, secrets: Secrets, tools: Tools) -> None:
        self._spec = spec
        self._credentials = _credentials(spec, secrets)
        self._tools = tools
        self._prices = self._open(())
        self._accounts: dict[tuple[str, ...], AsterVenue] = {}

    @property
    def market(self) -> Feed:
        """All perpetuals."""
        return self._prices.market

    def trading(self, account: AccountSpec) -> Trading:
        """Return a port for the account's instruments."""
        if account.instruments not in self._accounts:
            self._accounts[account.instruments] = self._open(account.instruments)
        return self._accounts[account.instruments].trading

    async def skew(self) -> timedelta | None:
        """Return what the last signature was corrected by."""
        trading = self._prices.trading
        await trading.account()
        return trading.skew.offset

    async def rights(self) -> str | None:
        """None: the venue does not tell what a key may do."""
        return None

    async def try_out(self, account: AccountSpec, intent: OrderIntent) -> str | None:
        """None: the venue takes every order that it accepts."""
        return None

    async def close(self) -> None:
        """Close the sessions of all accounts."""
        for opened in (self._prices, *self._accounts.values()):
            await opened.session.close()

    def _open(self, instruments: Sequence[str]) -> AsterVenue:
        return open_aster(
            self._credentials,
            self._spec.environment,
            clock=self._tools.clock,
            instruments=instruments,
            base_url=self._spec.url or "",
            transport=self._tools.transport,
            recall=self._tools.recall,
            meter=self._tools.meter,
        )


def _credentials(spec: AsterConnection, secrets: Secrets) -> AsterCredentials:
    if "private_key" in secrets:
        return WalletCredentials(private_key=secrets["private_key"], user=spec.user)
    return HmacCredentials(api_key=secrets["api_key"], api_secret=secrets["api_secret"])
