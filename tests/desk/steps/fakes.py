"""Hand-written feed, venue and ledger for the steps of a scan; each remembers what it was asked."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from desk.model.books import AccountState, Position, Quote, Restriction, TradingState
from desk.model.candles import Candles
from desk.model.instrument import Instrument
from desk.model.orders import Fill, Order
from desk.model.records import ClosedTrade, TrackRecord, track_records
from desk.model.timeframe import Timeframe
from desk.steps.surroundings import Standing
from tests.builders import CLOSE, INSTRUMENTS, PRICES, candles, quote
from tests.fakes import FakeVenue


class FakeFeed:
    """Knows the builders' instruments; raises what `errors` says of one when its candles are asked for."""

    base_timeframe = Timeframe.M1

    def __init__(self, errors: Mapping[str, Exception] | None = None) -> None:
        self.errors = dict(errors or {})
        self.known: dict[str, Instrument] = dict(INSTRUMENTS)
        self.quoted: dict[str, Quote] = {name: quote(name) for name in INSTRUMENTS}
        self.asked: list[tuple[str, Timeframe, datetime, int]] = []
        self.quotes_asked: list[tuple[str, ...]] = []
        self.fails: Exception | None = None

    async def instruments(self) -> Mapping[str, Instrument]:
        return self.known

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        self.asked.append((instrument, timeframe, until, count))
        if instrument in self.errors:
            raise self.errors[instrument]
        price = float(PRICES[instrument])
        return candles([price] * count, instrument=instrument, timeframe=timeframe, closed_at=until)

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        if self.fails:
            raise self.fails
        self.quotes_asked.append(tuple(instruments))
        return {name: self.quoted[name] for name in instruments if name in self.quoted}


class FakeTrading(FakeVenue):
    """A venue with books: what it holds, what works there and what it tells of fills; `failing` names a broken read."""

    def __init__(self) -> None:
        super().__init__()
        self.money = AccountState("USD", Decimal(10_000), Decimal(10_500), CLOSE)
        self.held: tuple[Position, ...] = ()
        self.working: tuple[Order, ...] = ()
        self.fills: tuple[Fill, ...] = ()
        self.cursor = "c-1"
        self.asked_since: list[str] = []
        self.failing: tuple[str, Exception] | None = None

    async def account(self) -> AccountState:
        self._break("account")
        return self.money

    async def positions(self) -> tuple[Position, ...]:
        self._break("positions")
        return self.held

    async def open_orders(self) -> tuple[Order, ...]:
        self._break("open_orders")
        return self.working

    async def fills_since(self, cursor: str) -> tuple[tuple[Fill, ...], str]:
        self._break("fills_since")
        self.asked_since.append(cursor)
        return self.fills, self.cursor

    def _break(self, read: str) -> None:
        if self.failing and self.failing[0] == read:
            raise self.failing[1]


class FakeHistory:
    """What the ledger remembers, in attributes."""

    def __init__(self) -> None:
        self.equity: tuple[Decimal, Decimal] | None = None
        self.fills: tuple[Fill, ...] = ()
        self.unresolved: tuple[Order, ...] = ()
        self.held: tuple[Position, ...] = ()
        self.state = TradingState.ACTIVE
        self.asked_since: datetime | None = None
        self.closed: tuple[ClosedTrade, ...] = ()
        self.fleet: tuple[Standing, ...] = ()

    async def trades_and_records(
        self, account: str, since: datetime
    ) -> tuple[tuple[ClosedTrade, ...], Mapping[str, TrackRecord]]:
        return tuple(trade for trade in self.closed if trade.closed_at >= since), track_records(self.closed)

    async def standings(self, accounts: Collection[str], at: datetime) -> tuple[Standing, ...]:
        return tuple(standing for standing in self.fleet if standing.account in accounts)

    async def day_start_and_peak(self, account: str, at: datetime) -> tuple[Decimal, Decimal] | None:
        return self.equity

    async def recent_fills(self, account: str, since: datetime) -> tuple[Fill, ...]:
        self.asked_since = since
        return self.fills

    async def positions(self, account: str) -> tuple[Position, ...]:
        return self.held

    async def unresolved_orders(self, account: str) -> tuple[Order, ...]:
        return self.unresolved

    async def restrictions(self, account: str, venue: str) -> tuple[Restriction, ...]:
        return (Restriction(self.state, "me", "test"),)


class FakeBooks:
    """Unresolved and planned orders by cycle, a cursor, and every booking that was made."""

    def __init__(self) -> None:
        self.unresolved: dict[datetime, Order] = {}
        self.planned: dict[datetime, Order] = {}
        self.cursor = ""
        self.booked: list[Fill] = []
        self.conversions: list[Mapping[str, Decimal]] = []
        self.contradicted: tuple[Order, ...] = ()
        self.without_rate: set[str] = set()

    async def unresolved_orders(self, account: str, *, before: datetime | None = None) -> tuple[Order, ...]:
        return tuple(order for close, order in self.unresolved.items() if before is None or close < before)

    async def planned_orders(self, account: str, *, before: datetime | None = None) -> tuple[Order, ...]:
        return tuple(order for close, order in self.planned.items() if before is None or close < before)

    async def fill_cursor(self, account: str) -> str:
        return self.cursor

    async def book_fills(
        self, account: str, fills: tuple[Fill, ...], *, cursor: str, conversion: Mapping[str, Decimal], now: datetime
    ) -> int:
        new = [fill for fill in fills if fill not in self.booked]
        self.booked += new
        self.cursor = cursor
        self.conversions.append(conversion)
        self.without_rate -= conversion.keys()
        return len(new)

    async def unconverted_fills(self, account: str) -> tuple[Fill, ...]:
        return tuple(fill for fill in self.booked if fill.fee_currency in self.without_rate)

    async def contradicted_orders(self, account: str, client_order_ids: Collection[str]) -> tuple[Order, ...]:
        return tuple(order for order in self.contradicted if order.client_order_id in client_order_ids)
