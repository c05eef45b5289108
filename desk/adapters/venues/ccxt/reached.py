"""Any other exchange under one key, through ccxt."""

from collections.abc import Sequence
from datetime import timedelta

from desk.accounts import AccountSpec
from desk.accounts.connections import CcxtConnection
from desk.adapters.venues.ccxt.open import CcxtAccess, CcxtVenue, open_ccxt, open_market
from desk.adapters.venues.reached import Identity, Secrets, Tools
from desk.model.orders import OrderIntent
from desk.ports import Feed, Trading

_NAMES = {"api_key": "apiKey", "private_key": "privateKey", "wallet_address": "walletAddress"}
"""What ccxt calls a part of a key, where that is not what we call it."""


class ReachedCcxt:
    """Implements `Reached`; each account trades its own instruments. Calls are paced by ccxt and not counted by us."""

    def __init__(self, spec: CcxtConnection, secrets: Secrets, tools: Tools) -> None:
        self._access = CcxtAccess(
            spec.exchange,
            tools.clock,
            spec.environment,
            secrets={_NAMES.get(part, part): secret for part, secret in secrets.items()},
            base_url=spec.url or "",
        )
        self._recall = tools.recall
        self._market, self._calls = open_market(self._access)
        self._accounts: dict[tuple[str, tuple[str, ...]], CcxtVenue] = {}

    @property
    def market(self) -> Feed:
        """The exchange's markets that the desk can trade."""
        return self._market

    def trading(self, account: AccountSpec) -> Trading:
        """Return a port for the account's instruments.

        Raises:
            ConfigError: an order could not be found again there.
        """
        key = (account.currency, account.instruments)
        if key not in self._accounts:
            self._accounts[key] = open_ccxt(
                self._access, currency=account.currency, instruments=account.instruments, recall=self._recall
            )
        return self._accounts[key].trading

    def price_stream(self, instruments: Sequence[str]) -> None:
        """None: the free part of ccxt has no streams."""

    def account_stream(self, account: AccountSpec) -> None:
        """None: the free part of ccxt has no streams."""

    async def skew(self) -> timedelta | None:
        """None: ccxt corrects signatures itself."""
        return None

    async def rights(self) -> str | None:
        """None: ccxt has no question for them."""
        return None

    async def identity(self, account: AccountSpec) -> Identity:
        """Nothing: ccxt has no question for it; whether the key is taken is seen where money is asked for."""
        return Identity()

    async def try_out(self, account: AccountSpec, intent: OrderIntent) -> str | None:
        """None: ccxt has no such call for most exchanges."""
        return None

    async def close(self) -> None:
        """Close the connections of all accounts."""
        await self._calls.close()
        for opened in self._accounts.values():
            await opened.close()
