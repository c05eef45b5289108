"""Small markets with round numbers: instruments, candles, books and orders for tests of the matching engine."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from desk.matching.book import Book
from desk.matching.conversion import CandleRates
from desk.matching.spread import Bar, bar_at
from desk.matching.valuation import MarketNow
from desk.model.books import Position, Quote
from desk.model.candles import Candles, PriceBars
from desk.model.instrument import Instrument, InstrumentKind, Side
from desk.model.orders import Barriers, OrderIntent, OrderType, TimeInForce
from desk.model.timeframe import Timeframe

START = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GOLD = Instrument("XAU/USD", InstrumentKind.METAL, Decimal("0.01"), Decimal(1), Decimal(1))
YEN = Instrument("USD/JPY", InstrumentKind.FX, Decimal("0.001"), Decimal(1), Decimal(1))
COIN = Instrument("BTC/USD", InstrumentKind.SPOT, Decimal("0.01"), Decimal("0.001"), Decimal("0.01"), Decimal(5))
INSTRUMENTS = {instrument.name: instrument for instrument in (GOLD, YEN, COIN)}
Row = tuple[float, float, float, float]


def candles(
    rows: Sequence[Row], *, instrument: str = "XAU/USD", start: datetime = START, spread: float = 0, volume: float = 100
) -> Candles:
    """One-minute candles of open, high, low, close on the bid; with a spread they know both sides."""
    sides = np.array(rows, dtype=float).reshape(-1, 4).T
    time = int(start.timestamp()) + 60 * np.arange(len(rows))
    bid, ask = (PriceBars(*sides), PriceBars(*np.round(sides + spread, 6))) if spread else (None, None)
    mid = np.round(sides + spread / 2, 6)
    return Candles(instrument, Timeframe.M1, time, *mid, np.full(len(rows), volume), bid, ask)


def bar(row: Row, *, minute: int = 0, **options: Any) -> Bar:
    return bar_at(candles([row], start=START + minute * MINUTE, **options), 0, GOLD, Decimal(0))


def position(quantity: int = 10, price: str = "100", **barriers: Any) -> Position:
    return Position("XAU/USD", Decimal(quantity), quantity * Decimal(price), START, limits(**barriers))


def limits(**barriers: Any) -> Barriers:
    """Barriers from texts; `time_limit` in minutes."""
    minutes = barriers.pop("time_limit", None)
    prices = {name: Decimal(value) for name, value in barriers.items() if value is not None}
    return Barriers(**prices, time_limit=None if minutes is None else minutes * MINUTE)


def order(side: Side = Side.BUY, quantity: str | int = 10, price: str | None = None, **changes: Any) -> OrderIntent:
    values: dict[str, Any] = {
        "client_order_id": "a",
        "account": "sample",
        "strategy": "momentum",
        "instrument": "XAU/USD",
        "candle_close": START,
        "side": side,
        "type": OrderType.MARKET if price is None else OrderType.LIMIT,
        "quantity": Decimal(quantity),
        "price": None if price is None else Decimal(price),
        "time_in_force": TimeInForce.IOC if price is None else TimeInForce.GTC,
    }
    return OrderIntent(**{**values, **changes})


def book(cash: str = "100000") -> Book:
    return Book("sample", "USD", Decimal(cash), START)


def market(
    bid: str = "100",
    ask: str | None = None,
    *,
    instrument: str = "XAU/USD",
    at: datetime = START,
    tradable: bool = True,
    rates: dict[str, Decimal] | None = None,
    volume: str | None = None,
) -> MarketNow:
    quote = Quote(instrument, Decimal(bid), Decimal(ask or bid), at, tradable)
    volumes = {} if volume is None else {instrument: Decimal(volume)}
    return MarketNow(at, INSTRUMENTS, {instrument: quote}, {"USD": Decimal(1)} if rates is None else rates, volumes)


def rates(**known: Candles) -> CandleRates:
    return CandleRates("USD", {series.instrument: series for series in known.values()})
