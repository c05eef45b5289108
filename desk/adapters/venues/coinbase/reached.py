"""Coinbase under one key, which sees one portfolio."""

from collections.abc import Sequence
from datetime import timedelta

from desk.accounts import AccountSpec
from desk.accounts.connections import CoinbaseConnection
from desk.adapters.venues.coinbase.auth import CoinbaseCredentials, KeyKind
from desk.adapters.venues.coinbase.open import Coinbase, open_coinbase
from desk.adapters.venues.coinbase.streams import QUIET_AFTER, open_coinbase_streams
from desk.adapters.venues.coinbase.terms import CoinbaseTerms
from desk.adapters.venues.coinbase.treasury import CoinbaseTreasury
from desk.adapters.venues.reached import Identity, Secrets, Streamed, Tools
from desk.model.orders import OrderIntent
from desk.ports import Feed, Trading, Treasury

_KINDS = {"cdp": KeyKind.CDP, "legacy": KeyKind.LEGACY}


class ReachedCoinbase:
    """Implements `Reached`; each account trades its own instruments of the portfolio."""

    def __init__(self, spec: CoinbaseConnection, secrets: Secrets, tools: Tools) -> None:
        self._spec = spec
        self._credentials = CoinbaseCredentials(secrets["key"], secrets["secret"], _KINDS[spec.key_kind])
        self._tools = tools
        self._prices = self._open(CoinbaseTerms("USD", (), read_only=True))
        self._accounts: dict[CoinbaseTerms, Coinbase] = {}
        self._streams = open_coinbase_streams(
            self._credentials,
            spec.environment,
            clock=tools.clock,
            base_url=spec.url or "",
            transport=tools.transport,
            meter=tools.meter,
        )

    @property
    def market(self) -> Feed:
        """All spot products."""
        return self._prices.market

    def trading(self, account: AccountSpec) -> Trading:
        """Return a port for the account's instruments."""
        return self._account(account).trading

    def treasury(self, account: AccountSpec) -> Treasury:
        """Return what converts between the dollars and the USDC of the portfolio."""
        return CoinbaseTreasury(self._account(account).conversions, clock=self._tools.clock)

    def price_stream(self, instruments: Sequence[str]) -> Streamed:
        """The best prices with each trade, without the key."""
        return Streamed(self._streams.prices(instruments), QUIET_AFTER)

    def account_stream(self, account: AccountSpec) -> Streamed:
        """What happens to the orders of the portfolio.

        Raises:
            ConfigError: the venue does not take a legacy key there.
        """
        return Streamed(self._streams.account_events(), QUIET_AFTER)

    async def skew(self) -> timedelta | None:
        """Return what the last signature was corrected by."""
        await self.rights()
        return self._prices.skew.offset

    async def rights(self) -> str | None:
        """Return the rights of the key."""
        rights = await self._prices.trading.rights()
        told = {"view": rights.can_view, "trade": rights.can_trade, "withdraw": rights.can_withdraw}
        return ", ".join(name for name, has in told.items() if has)

    async def identity(self, account: AccountSpec) -> Identity:
        """Return the portfolio of the key, and what the key may do with it."""
        rights = await self._prices.trading.rights()
        may_trade = rights.can_trade and not self._spec.read_only
        return Identity(rights.portfolio or None, may_trade=may_trade, may_withdraw=rights.can_withdraw)

    async def try_out(self, account: AccountSpec, intent: OrderIntent) -> str | None:
        """Return what the venue's preview says."""
        preview = await self._account(account).trading.preview(intent)
        return f"refused: {', '.join(preview.problems)}" if preview.problems else f"taken, fee {preview.fee}"

    async def close(self) -> None:
        """Close the sessions of all accounts."""
        for opened in (self._prices, *self._accounts.values()):
            await opened.session.close()
        await self._streams.close()

    def _account(self, account: AccountSpec) -> Coinbase:
        terms = CoinbaseTerms(account.currency, account.instruments, read_only=self._spec.read_only)
        if terms not in self._accounts:
            self._accounts[terms] = self._open(terms)
        return self._accounts[terms]

    def _open(self, terms: CoinbaseTerms) -> Coinbase:
        return open_coinbase(
            self._credentials,
            self._spec.environment,
            terms,
            clock=self._tools.clock,
            base_url=self._spec.url or "",
            transport=self._tools.transport,
            meter=self._tools.meter,
        )
