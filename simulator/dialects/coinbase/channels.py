"""What the stream tells: each channel gives everything first, and then what is new."""

from collections.abc import Collection
from decimal import Decimal
from time import monotonic
from typing import Protocol

from desk.model.books import Quote
from simulator.account import Account
from simulator.dialects.coinbase.brackets import listed, order_of, told_number
from simulator.dialects.coinbase.candles import Row, latest
from simulator.dialects.coinbase.customers import Customers
from simulator.dialects.coinbase.listing import Product
from simulator.dialects.coinbase.rules import stamp, text
from simulator.dialects.coinbase.telling import Told, tell_state

_FIVE_MINUTES = 300
_SHOWN_CANDLES = 100


class Channel(Protocol):
    """One subscription of a connection."""

    async def next(self) -> Told | None:
        """Return what has not been told yet, None where there is nothing."""
        ...


class Heartbeats:
    """Something each second, so that a quiet connection can be told from a dead one."""

    def __init__(self, customers: Customers) -> None:
        self._clock = customers.exchange.clock
        self._counter = 0
        self._due = monotonic()

    async def next(self) -> Told | None:
        if monotonic() < self._due:
            return None
        self._due += 1
        self._counter += 1
        return {"current_time": stamp(self._clock.told()), "heartbeat_counter": str(self._counter)}


class Ticker:
    """Prices whenever they change."""

    def __init__(self, customers: Customers, products: Collection[Product]) -> None:
        self._customers = customers
        self._products = products
        self._told: dict[str, tuple[Decimal, Decimal]] | None = None

    async def next(self) -> Told | None:
        known = await self._customers.exchange.quotes([one.instrument.name for one in self._products])
        quotes = {one.id: known[one.instrument.name] for one in self._products if one.instrument.name in known}
        now = {name: (quote.bid, quote.ask) for name, quote in quotes.items()}
        before, self._told = self._told, now
        changed = [_ticker(name, quotes[name]) for name in now if before is None or before.get(name) != now[name]]
        return _event("tickers", changed, is_first=before is None)


class FiveMinutes:
    """Candles of five minutes, whenever the one that is forming changes."""

    def __init__(self, customers: Customers, products: Collection[Product]) -> None:
        self._exchange = customers.exchange
        self._products = products
        self._told: dict[str, Row] | None = None

    async def next(self) -> Told | None:
        rows: list[Told] = []
        is_first = self._told is None
        told = self._told = self._told or {}
        for product in self._products:
            found = await latest(
                self._exchange, product.instrument.name, _FIVE_MINUTES, _SHOWN_CANDLES if is_first else 2
            )
            if found and told.get(product.id) != found[0]:
                told[product.id] = found[0]
                rows += [{**row, "product_id": product.id} for row in (found if is_first else found[:1])]
        return _event("candles", rows, is_first=is_first)


class User:
    """The account's orders: those that are open, then every one that something has happened to."""

    def __init__(self, customers: Customers, account: Account) -> None:
        self._customers = customers
        self._account = account
        self._read: int | None = None

    async def next(self) -> Told | None:
        account = self._account
        await self._customers.settle(account)
        before, self._read = self._read, len(account.events)
        if before is None:
            shown = [placed for placed in listed(account) if placed.is_working]
        else:
            numbers = dict.fromkeys(told_number(one.order) for one in account.events[before:] if one.order is not None)
            shown = [placed for number in numbers if (placed := order_of(account, number)) is not None]
        told = [tell_state(account, placed) for placed in shown]
        return _event("orders", told, is_first=before is None)


def _event(name: str, rows: list[Told], *, is_first: bool) -> Told | None:
    return {"type": "snapshot" if is_first else "update", name: rows} if rows or is_first else None


def _ticker(name: str, quote: Quote) -> Told:
    return {
        "type": "ticker",
        "product_id": name,
        "price": text(quote.mid),
        "volume_24_h": "0",
        "low_24_h": "0",
        "high_24_h": "0",
        "low_52_w": "0",
        "high_52_w": "0",
        "price_percent_chg_24_h": "0",
        "best_bid": text(quote.bid),
        "best_bid_quantity": "100",
        "best_ask": text(quote.ask),
        "best_ask_quantity": "100",
    }
