"""From a key to an open account at an exchange of ccxt: the only place that knows how its parts belong together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import SecretStr

from desk.adapters.venue_http.retries import Retries
from desk.adapters.venues.ccxt.abilities import check_abilities
from desk.adapters.venues.ccxt.calls import CcxtCalls
from desk.adapters.venues.ccxt.catalogue import Catalogue
from desk.adapters.venues.ccxt.library import Environment, open_exchange
from desk.adapters.venues.ccxt.lookup import OrderLookup, Patience
from desk.adapters.venues.ccxt.market import CcxtMarket
from desk.adapters.venues.ccxt.money import CcxtMoney
from desk.adapters.venues.ccxt.trading import CcxtTrading
from desk.adapters.venues.recalling import Recall, recall_nothing
from desk.errors import ConfigError
from desk.ports import Clock


@dataclass(frozen=True, slots=True)
class CcxtAccess:
    """How to reach an exchange.

    Attributes:
        exchange: in ccxt's spelling.
        secrets: by ccxt's names; none for market data alone.
        base_url: of the simulator.
        options: ccxt's own of this exchange.
    """

    exchange: str
    clock: Clock
    environment: Environment = "live"
    secrets: Mapping[str, SecretStr] | None = None
    base_url: str = ""
    options: Mapping[str, object] | None = None
    retries: Retries | None = None

    def calls(self) -> CcxtCalls:
        """Open the exchange."""
        secrets = self.secrets or {}
        opened = open_exchange(self.exchange, secrets, self.environment, base_url=self.base_url, options=self.options)
        return CcxtCalls(opened, self.clock, self.retries)


@dataclass(frozen=True, slots=True)
class CcxtVenue:
    """An open account; close it when done."""

    market: CcxtMarket
    trading: CcxtTrading
    calls: CcxtCalls

    async def close(self) -> None:
        """Close the connections."""
        await self.calls.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.close()


def open_market(access: CcxtAccess) -> tuple[CcxtMarket, CcxtCalls]:
    """Open an exchange's market data, without a key; nothing is sent yet."""
    calls = access.calls()
    return CcxtMarket(calls, Catalogue(calls)), calls


def open_ccxt(
    access: CcxtAccess,
    *,
    currency: str,
    instruments: Sequence[str],
    recall: Recall = recall_nothing,
    patience: Patience | None = None,
) -> CcxtVenue:
    """Open an account; nothing is sent yet.

    Args:
        currency: what the account is valued in.
        instruments: those that it trades.

    Raises:
        ConfigError: ccxt is not installed, does not know the exchange, or could not find an order there again.
    """
    if not access.secrets:
        raise ConfigError(f"ccxt {access.exchange}: expected secrets to trade with, found none")
    calls = access.calls()
    check_abilities(calls.exchange)
    catalogue = Catalogue(calls)
    market = CcxtMarket(calls, catalogue)
    money = CcxtMoney(calls, catalogue, market, currency, instruments)
    lookup = OrderLookup(calls, instruments, recall=recall, patience=patience or Patience())
    trading = CcxtTrading(calls, catalogue, market, money, instruments=instruments, lookup=lookup)
    return CcxtVenue(market, trading, calls)
