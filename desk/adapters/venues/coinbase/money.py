"""An account's money at Coinbase: balances, what they are worth, and the positions that they are.

The account is the currencies that it trades: its own, and those of its instruments. Other balances are shown and count
neither as equity nor as positions, so that a coin without a steady price cannot move the account's limits.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venues.coinbase import requests
from desk.adapters.venues.coinbase.clock import VenueClock
from desk.adapters.venues.coinbase.history import OrderHistory
from desk.adapters.venues.coinbase.holdings import cost_of, explain, opened_at
from desk.adapters.venues.coinbase.market import CoinbaseMarket
from desk.adapters.venues.coinbase.names import EQUAL, VENUE, product_id
from desk.adapters.venues.coinbase.reading import pages
from desk.adapters.venues.coinbase.terms import CoinbaseTerms
from desk.adapters.venues.coinbase.wire.money import Wallet, Wallets
from desk.errors import VenueUnavailable
from desk.matching.conversion import conversion_pair, rate_from
from desk.model.books import AccountState, Position, Quote
from desk.model.instrument import Instrument
from desk.model.orders import Fill


@dataclass(frozen=True, slots=True)
class _Held:
    instrument: Instrument
    quantity: Decimal
    since: datetime


class CoinbaseMoney:
    """Reads balances and what they are worth."""

    def __init__(
        self,
        session: VenueSession,
        market: CoinbaseMarket,
        history: OrderHistory,
        terms: CoinbaseTerms,
        clock: VenueClock,
    ) -> None:
        self._session = session
        self._market = market
        self._history = history
        self._terms = terms
        self._clock = clock

    async def account(self) -> AccountState:
        """Return balances and equity; `cash` is the balance of the account's own currency.

        Raises:
            VenueUnavailable: something that is held has no price now.
        """
        wallets, rates = await asyncio.gather(self._wallets(), self._rates())
        balances = {name: wallet.total for name, wallet in wallets.items() if wallet.total}
        held = {name: balance for name, balance in balances.items() if name in self._currencies}
        if missing := sorted(set(held) - set(rates)):
            message = f"expected a price in {self._terms.currency} of all that is held, found none of {missing}"
            raise VenueUnavailable(VENUE, "account", "NO_PRICE", message)
        equity = sum((balance * rates[name] for name, balance in held.items()), Decimal(0))
        cash = balances.get(self._terms.currency, Decimal(0))
        return AccountState(self._terms.currency, cash, equity, self._clock.now(), rates, balances)

    async def positions(self) -> tuple[Position, ...]:
        """Return what is held of the instruments' base currencies, where it is enough to be sold.

        Raises:
            VenueUnavailable: a read failed, or something that was not bought here has no price now.
        """
        held = await self._held()
        if not held:
            return ()
        names = tuple(one.instrument.name for one in held)
        fills, quotes = await asyncio.gather(self._fills_behind(held), self._market.quotes(names, at=self._clock.now()))
        return tuple(_position(one, fills[one.instrument.name], quotes.get(one.instrument.name)) for one in held)

    @property
    def _currencies(self) -> frozenset[str]:
        parts = (part for name in self._terms.instruments for part in name.split("/"))
        return frozenset({self._terms.currency, *parts})

    async def _wallets(self) -> Mapping[str, Wallet]:
        listing = pages(self._session, requests.wallets, Wallets)
        return {wallet.currency: wallet async for page in listing for wallet in page.accounts}

    async def _held(self) -> tuple[_Held, ...]:
        wallets = await self._wallets()
        found = []
        for name in self._terms.instruments:
            instrument = await self._market.instrument(name)
            wallet = wallets.get(instrument.base)
            if wallet is not None and wallet.total >= max(instrument.minimum_quantity, instrument.lot):
                since = wallet.updated_at or wallet.created_at or self._clock.now()
                found.append(_Held(instrument, wallet.total, since))
        return tuple(found)

    async def _rates(self) -> dict[str, Decimal]:
        """What one unit of each currency is worth when it is sold."""
        pairs = await self._pairs()
        quotes = await self._market.quotes(
            sorted({pair for path in pairs.values() for pair in path}), at=self._clock.now()
        )
        rates = {name: _worth(name, path, quotes) for name, path in pairs.items()}
        return {name: rate for name, rate in rates.items() if rate is not None}

    async def _pairs(self) -> dict[str, tuple[str, ...]]:
        """The instruments through which each currency becomes the account's own; none for what is equal to it."""
        known = await self._market.instruments()
        own = self._terms.currency
        paths: dict[str, tuple[str, ...]] = {}
        for currency in {name.partition("/")[2] for name in self._terms.instruments} | {own}:
            pair = conversion_pair(currency, own, known)
            if currency == own or {currency, own} == EQUAL:
                paths[currency] = ()
            elif pair is not None:
                paths[currency] = (pair,)
        for name in self._terms.instruments:
            base, _, quoted = name.partition("/")
            if quoted in paths:
                paths.setdefault(base, (name, *paths[quoted]))
        return paths

    async def _fills_behind(self, held: tuple[_Held, ...]) -> dict[str, list[Fill]]:
        """Read fills from the newest back until each balance is explained; newest first, by instrument."""
        found: dict[str, dict[str, Fill]] = {one.instrument.name: {} for one in held}
        async for page in self._history.fill_pages(products=tuple(product_id(name) for name in found)):
            for wire in page.fills:
                fill = await self._history.unattributed(wire)
                found.get(fill.instrument, {})[fill.venue_trade_id] = fill
            times = [wire.trade_time for wire in page.fills]
            if times == sorted(times, reverse=True) and all(_is_explained(one, found) for one in held):
                break
        return {name: _newest_first(fills) for name, fills in found.items()}


def _position(held: _Held, fills: list[Fill], quote: Quote | None) -> Position:
    explained = explain(held.quantity, fills, lot=held.instrument.lot)
    if not explained.fills and quote is None:
        message = f"expected fills or a price to tell what {held.quantity} {held.instrument.base} cost, found neither"
        raise VenueUnavailable(VENUE, "positions", "NO_PRICE", message)
    price = quote.bid if quote else explained.fills[0].price
    return Position(
        instrument=held.instrument.name,
        quantity=held.quantity,
        cost=cost_of(explained, price),
        opened_at=opened_at(explained, held.since),
    )


def _is_explained(held: _Held, found: Mapping[str, Mapping[str, Fill]]) -> bool:
    fills = _newest_first(found[held.instrument.name])
    return explain(held.quantity, fills, lot=held.instrument.lot).unexplained == 0


def _newest_first(fills: Mapping[str, Fill]) -> list[Fill]:
    return sorted(fills.values(), key=lambda fill: (fill.at, fill.venue_trade_id), reverse=True)


def _worth(currency: str, path: tuple[str, ...], quotes: Mapping[str, Quote]) -> Decimal | None:
    rate = Decimal(1)
    for pair in path:
        quote = quotes.get(pair)
        if quote is None:
            return None
        is_direct = pair.startswith(f"{currency}/")
        rate *= rate_from(pair, currency, quote.bid if is_direct else quote.ask)
        currency = pair.partition("/")[2] if is_direct else pair.partition("/")[0]
    return rate
