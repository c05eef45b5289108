"""One of KuCoin's two markets under one key."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import TypeAlias

from desk.accounts import AccountSpec
from desk.accounts.connections import KucoinConnection
from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venues.kucoin.auth import KucoinCredentials
from desk.adapters.venues.kucoin.futures_market import FuturesMarket
from desk.adapters.venues.kucoin.futures_trading import FuturesTrading
from desk.adapters.venues.kucoin.opening import (
    Connection,
    OpenKucoin,
    open_futures_market,
    open_kucoin_futures,
    open_kucoin_spot,
    open_spot_market,
)
from desk.adapters.venues.kucoin.spot_market import SpotMarket
from desk.adapters.venues.kucoin.streams import (
    QUIET_AFTER,
    KucoinStreams,
    open_kucoin_futures_streams,
    open_kucoin_spot_streams,
)
from desk.adapters.venues.kucoin.trading import KucoinTrading
from desk.adapters.venues.kucoin.transfers import Wallet
from desk.adapters.venues.kucoin.treasury import KucoinTreasury
from desk.adapters.venues.reached import Identity, Secrets, Streamed, Tools
from desk.errors import OrderRefused
from desk.model.orders import OrderIntent
from desk.ports import Feed, Trading, Treasury

_Open: TypeAlias = OpenKucoin[SpotMarket, KucoinTrading] | OpenKucoin[FuturesMarket, FuturesTrading]

_CURRENCY = "USDT"
_TRADES = {"spot": {"Spot", "Trade"}, "futures": {"Futures"}}
"""The permissions that let a key trade in a market; older keys have the first's second name."""


class ReachedKucoin:
    """Implements `Reached`; each account trades its own instruments of the wallet."""

    def __init__(self, spec: KucoinConnection, secrets: Secrets, tools: Tools) -> None:
        self._spec = spec
        self._credentials = KucoinCredentials(
            key=secrets["key"],
            secret=secrets["secret"],
            passphrase=secrets["passphrase"],
            key_version=spec.key_version,
        )
        self._connection = Connection(
            tools.clock,
            "simulator" if spec.url else "live",
            spec.url or "",
            transport=tools.transport,
            meter=tools.meter,
        )
        self._tools = tools
        self._prices, self._streams = self._open_prices()
        self._accounts: dict[tuple[str, str, tuple[str, ...]], _Open] = {}

    @property
    def market(self) -> Feed:
        """The market's data, asked for without the key."""
        return self._prices[0]

    def trading(self, account: AccountSpec) -> Trading:
        """Return a port for the account's instruments."""
        return self._account(account.name, account.currency, account.instruments).trading

    def treasury(self, account: AccountSpec) -> Treasury:
        """Return what moves money from the account's wallet into the one of the other market."""
        opened = self._account(account.name, account.currency, account.instruments)
        source, target = Wallet.TRADE, Wallet.FUTURES
        ends = (target, source) if self._is_futures else (source, target)
        return KucoinTreasury(opened.transfers, ends, clock=self._tools.clock)

    def price_stream(self, instruments: Sequence[str]) -> Streamed:
        """The best prices of the market, without the key."""
        return Streamed(self._streams.prices(instruments), QUIET_AFTER)

    def account_stream(self, account: AccountSpec) -> Streamed:
        """What happens to the wallet and its orders."""
        return Streamed(self._streams.account_events(), QUIET_AFTER)

    async def skew(self) -> timedelta | None:
        """Return what the last signature was corrected by."""
        opened = self._account("", _CURRENCY, ())
        await opened.transfers.key_permissions()
        return opened.skew.offset

    async def rights(self) -> str | None:
        """Return the permissions of the key."""
        permissions = await self._account("", _CURRENCY, ()).transfers.key_permissions()
        return ", ".join(sorted(permissions.names))

    async def identity(self, account: AccountSpec) -> Identity:
        """Return the user's id, and what the key may do in the connection's market."""
        key = await self._account("", _CURRENCY, ()).transfers.key_permissions()
        may_trade = bool(_TRADES[self._spec.market] & key.names)
        return Identity(key.user or None, may_trade=may_trade, may_withdraw=key.may_withdraw)

    async def try_out(self, account: AccountSpec, intent: OrderIntent) -> str | None:
        """Return what the venue's test of an order says."""
        try:
            await self._account(account.name, account.currency, account.instruments).trading.check_order(intent)
        except OrderRefused as error:
            return f"refused: {error.code} {error.message}"
        return "taken"

    async def close(self) -> None:
        """Close the sessions of all accounts."""
        await self._prices[1].close()
        await self._streams.close()
        for opened in self._accounts.values():
            await opened.close()

    @property
    def _is_futures(self) -> bool:
        return self._spec.market == "futures"

    def _open_prices(self) -> tuple[tuple[SpotMarket | FuturesMarket, VenueSession], KucoinStreams]:
        if self._is_futures:
            futures, session = open_futures_market(self._connection)
            return (futures, session), open_kucoin_futures_streams(self._credentials, self._connection, futures)
        spot, session = open_spot_market(self._connection)
        return (spot, session), open_kucoin_spot_streams(self._credentials, self._connection, spot)

    def _account(self, name: str, currency: str, instruments: tuple[str, ...]) -> _Open:
        key = (name, currency, instruments)
        if key not in self._accounts:
            self._accounts[key] = self._open(name, currency, instruments)
        return self._accounts[key]

    def _open(self, name: str, currency: str, instruments: Sequence[str]) -> _Open:
        if self._is_futures:
            return open_kucoin_futures(self._credentials, self._connection, currency=currency)
        return open_kucoin_spot(
            self._credentials,
            self._connection,
            instruments=instruments,
            currency=currency,
            recall=self._tools.recall,
            recall_since=partial(self._tools.recall_traded, name),
        )
