"""An account at a simulated venue that is watched as its flow does it, with a ledger and a clock that both move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from desk.adapters.budget.urgency import PrioritisedTrading
from desk.adapters.ledger.ledger import Ledger
from desk.errors import DataError, OrderRefused, VenueUnavailable
from desk.execution.placing import OrderDesk, place_orders
from desk.execution.stops import StopKeeping
from desk.execution.watching import WatchPolicy
from desk.model.books import Position, Quote
from desk.model.candles import Candles
from desk.model.instrument import Instrument, Side
from desk.model.orders import Barriers, Fill, Order, OrderIntent, OrderType
from desk.model.timeframe import Timeframe
from desk.ports import Feed, Message, Trading
from desk.steps.repair import sync_fills
from desk.steps.watch import Watched, WatchTools, watch_account
from tests.builders import candles
from tests.contracts.venues.bench import CLOSE, Bench

KEEPING = {
    "paper": StopKeeping.ORDER,
    "oanda": StopKeeping.TRADE,
    "coinbase": StopKeeping.HOLDING,
    "kucoin": StopKeeping.DESK,
    "kucoin-futures": StopKeeping.ORDER,
    "aster-hmac": StopKeeping.ORDER,
}


class Inbox:
    """Keeps what a person would be told."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message) -> None:
        self.messages.append(message)


class Refusing:
    """A venue that takes no stop, as one that would trigger at once; everything else passes."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading
        self.refused = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._trading, name)

    async def submit(self, intent: OrderIntent) -> Order:
        if intent.type is OrderType.STOP:
            self.refused += 1
            raise OrderRefused("test", f"order {intent.client_order_id}", "-2021", "Order would immediately trigger.")
        return await self._trading.submit(intent)

    async def set_stop(self, instrument: str, price: Decimal) -> None:
        self.refused += 1
        raise OrderRefused(
            "test", f"stop of {instrument}", "STOP_LOSS_ON_FILL_LOSS", "Order would immediately trigger."
        )


class RefusingToClose:
    """A venue that takes no order that closes at the market, so many times; everything else passes."""

    def __init__(self, trading: Trading, times: int = 99) -> None:
        self._trading = trading
        self.left = times

    def __getattr__(self, name: str) -> object:
        return getattr(self._trading, name)

    async def submit(self, intent: OrderIntent) -> Order:
        if intent.type is OrderType.MARKET and self.left:
            self.left -= 1
            raise OrderRefused("test", f"order {intent.client_order_id}", "REFUSED", "not now")
        return await self._trading.submit(intent)


class Forgetful:
    """A venue whose answer about positions leaves out what is there."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading

    def __getattr__(self, name: str) -> object:
        return getattr(self._trading, name)

    async def positions(self) -> tuple[Position, ...]:
        return ()


class Deposited:
    """A venue to which somebody has moved units of his own: what was bought by hand there, and no fill tells of it."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading

    def __getattr__(self, name: str) -> object:
        return getattr(self._trading, name)

    async def fills_since(self, cursor: str) -> tuple[tuple[Fill, ...], str]:
        fills, following = await self._trading.fills_since(cursor)
        return tuple(fill for fill in fills if fill.client_order_id != "by-hand"), following


class Deaf:
    """A venue that does not say what became of an order; everything else passes."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading

    def __getattr__(self, name: str) -> object:
        return getattr(self._trading, name)

    async def find_order(self, client_order_id: str) -> Order | None:
        raise VenueUnavailable("test", f"order {client_order_id}")


@dataclass
class WatchedAccount:
    """The account, and what it was told."""

    bench: Bench
    ledger: Ledger
    inbox: Inbox = field(default_factory=Inbox)
    policy: Mapping[str, object] = field(default_factory=dict)

    async def desk(self, trading: Trading | None = None) -> OrderDesk:
        now = self.bench.clock.now()
        lease = await self.ledger.acquire_lease("sample", "watch-1", now, timedelta(minutes=2), venue="test")
        assert lease is not None
        return OrderDesk(trading or self.bench.trading, self.ledger, lease)

    async def enter(
        self,
        barriers: Barriers,
        *,
        side: Side = Side.BUY,
        at_venue: Barriers | None = None,
        quantity: Decimal | None = None,
    ) -> Order:
        """Enter by the desk's own code; `at_venue` is what the venue is told of the barriers, all of them without."""
        intent = self.bench.market_order("sd-entry", side, barriers=barriers, strategy="sample")
        intent = replace(intent, quantity=quantity or intent.quantity)
        desk = await self.desk(Telling(self.bench.trading, barriers if at_venue is None else at_venue))
        (order,) = await place_orders([intent], desk)
        now = self.bench.clock.now()
        await sync_fills("sample", trading=self.bench.trading, books=self.ledger, now=now)
        return order

    async def watch(self, trading: Trading | None = None, *, feed: Feed | None = None, **changes: object) -> Watched:
        """One pass, of a process that remembers nothing."""
        desk, case = await self.desk(trading), self.bench.case
        policy = WatchPolicy("sample", lambda _: KEEPING[case.name], **{**self.policy, **changes})  # type: ignore[arg-type]
        tools = WatchTools(
            desk,
            self.ledger,
            feed or QuotesOnly(self.bench.market),
            self.bench.clock.now,
            self.inbox,
            timeframe=Timeframe.M1,
            set_stop=PrioritisedTrading(desk.trading).set_stop,
            sleep=self._sleep,
        )
        return await watch_account(policy, CLOSE, tools)

    async def _sleep(self, seconds: float) -> None:
        self.bench.wait(seconds=seconds)

    async def position(self) -> Position | None:
        found = [one for one in await self.bench.trading.positions() if one.instrument == self.bench.case.instrument]
        return found[0] if found else None

    async def stops(self) -> list[tuple[Decimal, Decimal | None]]:
        """Quantity and price of each stop that rests at the venue, those that hang on the position too."""
        held = await self.position()
        working = [
            (order.quantity, order.price)
            for order in await self.bench.trading.open_orders()
            if order.reduce_only and order.type is OrderType.STOP
        ]
        if held is not None and held.barriers.stop is not None:
            working.append((abs(held.quantity), held.barriers.stop))
        return sorted(working, key=lambda stop: (stop[0], stop[1] or Decimal(0)))


class QuotesOnly:
    """A feed whose candles are missing: those of the simulator's past are not at the prices that a test sets."""

    base_timeframe = Timeframe.M1

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def instruments(self) -> Mapping[str, Instrument]:
        return await self._feed.instruments()

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        return await self._feed.quotes(instruments, at=at)

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        raise DataError(f"{instrument}: no candles here")


class Peak(QuotesOnly):
    """A feed that has seen a price some minutes ago."""

    def __init__(self, feed: Feed, price: Decimal) -> None:
        super().__init__(feed)
        self._price = float(price)

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        return candles([self._price] * 2, instrument=instrument, timeframe=timeframe, closed_at=timeframe.floor(until))


class Dying:
    """A venue that takes an order and whose client dies before it hears so."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading

    def __getattr__(self, name: str) -> object:
        return getattr(self._trading, name)

    async def submit(self, intent: OrderIntent) -> Order:
        await self._trading.submit(intent)
        raise KeyboardInterrupt


class Blackout:
    """A venue that is not to be reached any more once it has filled a market order."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading
        self._is_dark = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._trading, name)

    async def submit(self, intent: OrderIntent) -> Order:
        self._is_dark = True
        return await self._trading.submit(intent)

    async def open_orders(self) -> tuple[Order, ...]:
        if self._is_dark:
            raise VenueUnavailable("test", "open orders")
        return await self._trading.open_orders()


class Telling:
    """A venue that is told of other barriers than were decided: as if the orders beside an entry had never left."""

    def __init__(self, trading: Trading, barriers: Barriers) -> None:
        self._trading = trading
        self._barriers = barriers

    def __getattr__(self, name: str) -> object:
        return getattr(self._trading, name)

    async def submit(self, intent: OrderIntent) -> Order:
        return await self._trading.submit(replace(intent, barriers=self._barriers))
