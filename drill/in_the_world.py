"""Mishaps at the venue itself: somebody trades by hand, a market halts, jumps or dries up, a clock is wrong."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import httpx

from desk.errors import VenueError
from desk.model.books import Quote
from desk.model.externals import Externals
from desk.model.instrument import Side
from desk.model.orders import Order, OrderIntent, OrderState, OrderType, TimeInForce
from drill.evidence import Span
from drill.interrupting import Moments, Wire
from drill.mishaps import Scene
from drill.process import Installation, newest_close
from drill.seats import Seat
from drill.steering import Steering
from drill.wires import DIALECTS, Line, Opened, patient
from simulator.clock import SteeredClock

BY_HAND = "by-hand-"
_WORTH = Decimal(500)
"""What a trade by hand is about, in quote currency."""

_FAR = Decimal("0.8")
"""At which part of the price an order by hand waits for ever."""

_JUMP = Decimal("0.03")
_SKEWS = (-25.0, 3.0, 25.0)

Mend = Callable[[], Awaitable[None]]


class Hand:
    """Somebody else who uses an account, through a connection of their own."""

    def __init__(self, installation: Installation, seat: Seat) -> None:
        self._wire = Wire(Moments())
        self._seat = seat
        self._clock = installation.clock
        line = Line(
            installation.address, installation.clock, self._wire, installation.limits, retries=patient(self._clock)
        )
        self._opened: Opened = DIALECTS[installation.dialect].open(seat, line)
        self._count = 0

    async def untouched(self) -> tuple[str, ...]:
        """Return the instruments that the account neither holds nor has an order in."""
        taken = {one.instrument for one in await self._opened.bare.positions()}
        taken |= {one.instrument for one in await self._opened.bare.open_orders()}
        return tuple(name for name in self._seat.account.instruments if name not in taken)

    async def quote(self, instrument: str) -> Quote:
        """Return the present prices."""
        return (await self._opened.market.quotes([instrument], at=self._clock.now()))[instrument]

    async def worth(self, instrument: str, price: Decimal) -> Decimal:
        """Return how much of an instrument a trade by hand is, on the venue's grid."""
        known = (await self._opened.market.instruments())[instrument]
        return max(known.minimum_quantity, known.round_quantity(_WORTH / price))

    async def buy(self, instrument: str) -> Order:
        """Buy at the market."""
        return await self._send(instrument, Side.BUY, OrderType.MARKET, (await self.quote(instrument)).ask)

    async def sell(self, instrument: str, quantity: Decimal) -> Order:
        """Sell what was bought."""
        return await self._send(instrument, Side.SELL, OrderType.MARKET, Decimal(1), quantity=quantity)

    async def rest(self, instrument: str) -> Order:
        """Offer to buy far below the market."""
        price = (await self.quote(instrument)).bid * _FAR
        return await self._send(instrument, Side.BUY, OrderType.LIMIT, price)

    async def is_working(self, client_order_id: str) -> bool:
        """Whether an order still waits."""
        found = await self._opened.bare.find_order(client_order_id)
        return found is not None and not found.state.is_final

    async def cancel(self, client_order_id: str) -> Order:
        """Take an order away."""
        return await self._opened.bare.cancel(client_order_id)

    async def stops(self) -> tuple[Order, ...]:
        """Return the stops that are orders."""
        orders = await self._opened.bare.open_orders()
        return tuple(order for order in orders if order.reduce_only and order.type is OrderType.STOP)

    async def close(self) -> None:
        """Close the connection."""
        await self._wire.close()

    async def _send(
        self, instrument: str, side: Side, kind: OrderType, price: Decimal, *, quantity: Decimal | None = None
    ) -> Order:
        self._count += 1
        known = (await self._opened.market.instruments())[instrument]
        is_limit = kind is OrderType.LIMIT
        intent = OrderIntent(
            client_order_id=f"{BY_HAND}{self._seat.place}-{self._count}",
            account=self._seat.name,
            strategy="",
            instrument=instrument,
            candle_close=newest_close(self._seat, self._clock.now()),
            side=side,
            type=kind,
            quantity=quantity or await self.worth(instrument, price),
            price=known.round_price(price) if is_limit else None,
            time_in_force=TimeInForce.GTC if is_limit else TimeInForce.IOC,
            reduce_only=quantity is not None,
        )
        return await self._opened.bare.submit(intent)


@dataclass(slots=True)
class World:
    """The venue as others change it; each change is mended some cycles later.

    Attributes:
        foreign: client ids of orders by hand that must still be working, by account.
        touched: those that were not when somebody looked.
        halts: when the market of an instrument stopped, while it does.
        shut: when it did.
    """

    steering: Steering
    clock: SteeredClock
    hands: dict[str, Hand]
    foreign: dict[str, set[str]]
    touched: dict[str, set[str]]
    halts: dict[str, datetime] = field(default_factory=dict)
    shut: dict[str, list[Span]] = field(default_factory=dict)

    async def change(self, scene: Scene, number: str) -> Mend | None:
        """Let a fault of the world happen, and return how it is mended; None where it cannot happen now."""
        try:
            return await _CHANGES[number](self, scene)
        except VenueError:
            return None  # somebody's hand was refused; nothing has changed, or the next reconciliation finds it

    async def trade_by_hand(self, scene: Scene) -> Mend | None:
        """Buy something that the account does not hold; where nobody takes it over it is sold again later."""
        hand, account = self.hands[scene.seat.name], scene.seat.account
        free = await hand.untouched()
        if not free:
            return None
        name = scene.chance.choice(free)
        bought = await hand.buy(name)
        scene.hits.note("F23", "S13", int(bought.filled_quantity > 0))

        async def sell() -> None:
            await hand.sell(name, bought.filled_quantity)

        return sell if account.externals is Externals.IGNORE and bought.filled_quantity else None

    async def rest_by_hand(self, scene: Scene) -> Mend | None:
        """Leave an order that is nobody's business."""
        hand, name = self.hands[scene.seat.name], scene.seat.name
        free = await hand.untouched()
        if not free:
            return None
        order = (await hand.rest(scene.chance.choice(free))).client_order_id
        spared = scene.seat.account.externals is not Externals.FLATTEN
        scene.hits.note("F24", "S13")
        if spared:
            self.foreign[name].add(order)

        async def take_away() -> None:
            if not await hand.is_working(order) and spared:
                self.touched[name].add(order)
            self.foreign[name].discard(order)
            await hand.cancel(order)

        return take_away

    async def cancel_a_stop(self, scene: Scene) -> Mend | None:
        """Cancel the stop of a position by hand."""
        if scene.venue == "oanda":
            self._cancel_at_oanda(scene)
            return None
        hand = self.hands[scene.seat.name]
        stops = await hand.stops()
        if stops:
            cancelled = await hand.cancel(scene.chance.choice(stops).client_order_id)
            scene.hits.note("F25", "S11", int(cancelled.state is OrderState.CANCELLED))
        return None

    def _cancel_at_oanda(self, scene: Scene) -> None:
        """Stops hang on trades there, and their orders have no id of a client."""
        number = scene.dialect.number(scene.seat.place)
        token = scene.dialect.secrets(scene.seat.place)["token"]
        orders = self.steering.truth("oanda", number)["orders"]
        stops = [one["number"] for one in orders if one["role"] == "stop" and one["order"]["state"] == "acked"]
        if stops:
            path = f"{scene.address}/v3/accounts/{number}/orders/{scene.chance.choice(stops)}/cancel"
            answer = httpx.put(path, headers={"Authorization": f"Bearer {token}"})
            scene.hits.note("F25", "S11", int(answer.is_success))

    async def halt_a_market(self, scene: Scene) -> Mend | None:
        """Stop all trading in an instrument."""
        name = scene.chance.choice(scene.seat.account.instruments)
        if name in self.halts:
            return None
        self.steering.halt(name)
        self.halts[name] = self.clock.now()
        scene.hits.note("F26", "S8")

        async def resume() -> None:
            self.steering.resume(name)
            self.shut.setdefault(name, []).append((self.halts.pop(name), self.clock.now()))

        return resume

    async def dry_up(self, scene: Scene) -> Mend | None:
        """Let an order find less than it wants."""
        name = scene.chance.choice(scene.seat.account.instruments)
        hand = self.hands[scene.seat.name]
        self.steering.limit(name, await hand.worth(name, (await hand.quote(name)).ask))
        scene.hits.note("F18", "S10")

        async def refill() -> None:
            self.steering.limit(name, None)

        return refill

    async def jump(self, scene: Scene) -> Mend | None:
        """Let a price jump away, and come back later."""
        name = scene.chance.choice(scene.seat.account.instruments)
        quote = await self.hands[scene.seat.name].quote(name)
        factor = 1 + scene.chance.choice((-_JUMP, _JUMP))
        self.steering.pin(name, quote.bid * factor, quote.ask * factor)
        scene.hits.note("F31", "S4")

        async def come_back() -> None:
            self.steering.unpin(name)

        return come_back

    async def set_the_clock(self, scene: Scene) -> Mend | None:
        """Let the venue's clock go wrong."""
        self.steering.skew(scene.chance.choice(_SKEWS))
        scene.hits.note("F33", "S8")

        async def set_right() -> None:
            self.steering.skew(0)

        return set_right


_CHANGES: dict[str, Callable[[World, Scene], Awaitable[Mend | None]]] = {
    "F18": World.dry_up,
    "F23": World.trade_by_hand,
    "F24": World.rest_by_hand,
    "F25": World.cancel_a_stop,
    "F26": World.halt_a_market,
    "F31": World.jump,
    "F33": World.set_the_clock,
}
IN_THE_WORLD = tuple(_CHANGES)
