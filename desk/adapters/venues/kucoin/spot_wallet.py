"""The money of the trade wallet: balances, what they are worth, and spot holdings as positions.

The venue knows balances only. What a holding has cost is folded from its fills of the last seven days; what was held
before them counts as bought at the first price that is known.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from desk.adapters.venues.kucoin.api import Api
from desk.adapters.venues.kucoin.fills import WINDOW
from desk.adapters.venues.kucoin.spot_market import SpotMarket
from desk.adapters.venues.kucoin.spot_orders import SpotOrders
from desk.adapters.venues.kucoin.spot_wire import BALANCES
from desk.adapters.venues.kucoin.traded import TradedInstruments
from desk.errors import DataError
from desk.matching.booking import apply_fill
from desk.matching.conversion import conversion_pair, rate_from
from desk.model.books import AccountState, Position
from desk.model.instrument import Instrument
from desk.model.orders import Fill
from desk.ports import Clock


class SpotWallet:
    """Implements `Wallet` for the trade wallet.

    Args:
        traded: the instruments of the account; their base currencies are positions.
        currency: the account's.
    """

    def __init__(
        self,
        api: Api,
        market: SpotMarket,
        orders: SpotOrders,
        *,
        traded: TradedInstruments,
        currency: str,
        clock: Clock,
    ) -> None:
        self._api = api
        self._market = market
        self._orders = orders
        self._traded = traded
        self._currency = currency
        self._clock = clock

    async def account(self) -> AccountState:
        """Return the account's money.

        `cash` is what is held of the account's currency. A currency without a market against that is in `balances`
        and not in `equity`.
        """
        balances, known = await asyncio.gather(self._balances(), self._market.instruments())
        quotes = {known[name].quote for name in await self._traded.names() if name in known}
        rates = await self._rates({*balances, *quotes}, known)
        cash = balances.get(self._currency, Decimal(0))
        worth = sum((amount * rates[held] for held, amount in balances.items() if held in rates), Decimal(0))
        return AccountState(self._currency, cash, cash + worth, self._clock.now(), rates, balances)

    async def positions(self) -> tuple[Position, ...]:
        """Return every holding that is large enough to be sold.

        Raises:
            DataError: a holding has neither a fill nor a price.
        """
        balances, known = await asyncio.gather(self._balances(), self._market.instruments())
        held = {
            name: known[name].round_quantity(balances.get(known[name].base, Decimal(0)))
            for name in await self._traded.held()
            if name in known
        }
        sellable = {name: quantity for name, quantity in held.items() if _is_sellable(known[name], quantity)}
        if not sellable:
            return ()
        now = self._clock.now()
        fills, quotes = await asyncio.gather(
            self._orders.fills(now - WINDOW, now), self._market.quotes(tuple(sellable), at=now)
        )
        marks = {name: quote.mid for name, quote in quotes.items()}
        return tuple(
            holding(name, quantity, [fill for fill in fills if fill.instrument == name], marks.get(name), now)
            for name, quantity in sellable.items()
        )

    async def _balances(self) -> Mapping[str, Decimal]:
        rows = await self._api.get("/api/v1/accounts", "balances", BALANCES, {"type": "trade"})
        return {row.currency: row.balance for row in rows if row.type == "trade" and row.balance}

    async def _rates(self, currencies: set[str], known: Mapping[str, Instrument]) -> dict[str, Decimal]:
        pairs = {
            currency: conversion_pair(currency, self._currency, known)
            for currency in sorted(currencies - {self._currency})
        }
        names = [pair for pair in pairs.values() if pair]
        quotes = await self._market.quotes(names, at=self._clock.now())
        return {
            currency: rate_from(pair, currency, quotes[pair].mid)
            for currency, pair in pairs.items()
            if pair and pair in quotes
        }


def holding(name: str, quantity: Decimal, fills: Sequence[Fill], mark: Decimal | None, now: datetime) -> Position:
    """Return what is held of an instrument as a position, its cost folded from its fills.

    Args:
        fills: of this instrument over the last `WINDOW`, in any order.
        mark: the price now, None where there is none.
    """
    ordered = sorted(fills, key=lambda fill: (fill.at, fill.venue_trade_id))
    if not ordered and mark is None:
        raise DataError(f"{name}: expected a fill or a price to value a holding of {quantity}, found neither")
    first = ordered[0].price if ordered else mark
    assert first is not None, f"{name} has neither a fill nor a price"
    earlier = quantity - sum((fill.quantity * fill.side.sign for fill in ordered), Decimal(0))
    position = Position(name, earlier, earlier * first, now - WINDOW) if earlier > 0 else None
    for fill in ordered:
        position = apply_fill(position, fill).position
    if position is None or position.quantity <= 0:  # the fills do not tell how it was come by
        return Position(name, quantity, quantity * (mark or first), now)
    return replace(position, quantity=quantity, cost=position.cost * quantity / position.quantity)


def _is_sellable(instrument: Instrument, quantity: Decimal) -> bool:
    return quantity > 0 and quantity >= instrument.minimum_quantity
