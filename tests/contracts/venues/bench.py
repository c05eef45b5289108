"""What a row of the acceptance list is tried on: an open account, a market at a known price, and the venue's truth."""

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from desk.adapters.venue_http.retries import Retries
from desk.adapters.venues.aster.nonces import Nonces
from desk.errors import OrderRefused
from desk.model.instrument import Side
from desk.model.orders import Barriers, Order, OrderIntent, OrderState, OrderType, TimeInForce
from desk.ports import Trading
from tests.simulator.conftest import START, Steering

CLOSE = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)


class HandClock:
    """Shows what it was set to, as the simulator's clock does."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def shown_at(self, wall: datetime) -> datetime:
        return self.at


class Wire(httpx.AsyncBaseTransport):
    """The network, with a count of what left, and with what cannot be scripted at the venue.

    Attributes:
        patience: seconds for the answer to a write; the session's own without.
        refuses_writes: no connection is made for a write.
        spoil: changes the body of an answer.
    """

    def __init__(self) -> None:
        self._network = httpx.AsyncHTTPTransport(verify=False, retries=0)
        self.patience: float | None = None
        self.refuses_writes = False
        self.spoil: Callable[[httpx.Request, bytes], bytes] | None = None
        self.sent: list[tuple[str, str]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append((request.method, request.url.path))
        if request.method != "GET" and self.refuses_writes:
            raise httpx.ConnectError("nobody listens")
        if request.method != "GET" and self.patience is not None:
            request.extensions["timeout"] = {**request.extensions["timeout"], "read": self.patience}
        response = await self._network.handle_async_request(request)
        if self.spoil is None:
            return response
        body = self.spoil(request, await response.aread())
        return httpx.Response(response.status_code, headers={"content-type": "application/json"}, content=body)

    async def aclose(self) -> None:
        await self._network.aclose()


@dataclass(frozen=True)
class Opened:
    """What a venue gives for an account: its port, its market data, and what else a row may want to call."""

    trading: Trading
    market: Any
    protect: Callable[[OrderIntent, Decimal], Awaitable[object]] | None = None
    edit: Callable[..., Awaitable[Order]] | None = None


@dataclass(frozen=True)
class VenueCase:
    """A venue as the contract sees it.

    Attributes:
        open: opens an account; what it opens is closed with the stack.
        wire: its name in the simulator; empty for what is embedded.
        instrument, quantity, bid, ask: what is traded, and at which price.
        step: a distance in price that is well away from the market.
        orders, cancels: patterns of the requests that place and that cancel an order.
        ids_name_one_order: a market order of an id that was used is no second order.
        bans: a client that asks too much may send nothing until a ban ends.
        missing: why a row cannot be tried here, by its number.
    """

    name: str
    open: Callable[["Bench", AsyncExitStack], Awaitable[Opened]]
    instrument: str
    quantity: Decimal
    bid: Decimal
    ask: Decimal
    step: Decimal
    wire: str = ""
    orders: str = "/orders?$"
    cancels: tuple[str, str] = ("DELETE", "/order")
    ids_name_one_order: bool = False
    bans: bool = False
    missing: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


class Bench:
    """One account at one venue."""

    trading: Trading
    market: Any

    def __init__(self, case: VenueCase, *, steer: Steering, address: str, database: str) -> None:
        self.case = case
        self.steer = steer
        self.address = address
        self.database = database
        self.clock = HandClock()
        self.transport = Wire()
        self.nonces = Nonces()
        self.naps: list[float] = []
        self.retries = Retries(sleep=self._nap)
        self.bid, self.ask = case.bid, case.ask
        self.pin: Callable[[Decimal, Decimal], None] = self._pin_simulator
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Bench":
        await self._open()
        self.move(self.case.bid)
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self._stack.aclose()

    async def reopen(self) -> None:
        """Open the account anew, some time later, as a process does that knows nothing of what was before."""
        self.wait(minutes=1)
        await self._open()

    async def _open(self) -> None:
        opened = await self.case.open(self, self._stack)
        self.trading, self.market, self.protect = opened.trading, opened.market, opened.protect
        self._edit = opened.edit

    def move(self, bid: Decimal) -> None:
        """Bring the market to a price, some time later."""
        self.bid, self.ask = bid, bid + self.case.ask - self.case.bid
        self.wait(minutes=1)
        self.pin(self.bid, self.ask)

    def wait(self, **duration: float) -> None:
        """Let time pass, here and at the venue."""
        self.clock.at += timedelta(**duration)
        if self.case.wire:
            self.steer.wait(**duration)

    def market_order(self, name: str = "sd-one", side: Side = Side.BUY, **more: Any) -> OrderIntent:
        intent = OrderIntent(
            client_order_id=name,
            account="sample",
            strategy="",
            instrument=self.case.instrument,
            candle_close=CLOSE,
            side=side,
            type=OrderType.MARKET,
            quantity=self.case.quantity,
        )
        return replace(intent, **more)

    def limit_order(self, name: str = "sd-one", side: Side = Side.BUY, **more: Any) -> OrderIntent:
        """An order that rests away from the market, unless something else is said of it."""
        usual = {"type": OrderType.LIMIT, "price": self.away(side), "time_in_force": TimeInForce.GTC}
        return self.market_order(name, side, **(usual | more))

    def stop_order(self, name: str = "sd-one", side: Side = Side.BUY, **more: Any) -> OrderIntent:
        """An order that waits for the market to move on in its direction."""
        usual = {"type": OrderType.STOP, "price": self.through(side), "time_in_force": TimeInForce.GTC}
        return self.market_order(name, side, **(usual | more))

    def barriers(self, side: Side, *, at: Decimal | None = None) -> Barriers:
        """A stop and a target around a price, the market's without."""
        start, reach = at or self.bid, 2 * self.case.step * side.sign
        return Barriers(stop=start - reach, target=start + reach)

    def away(self, side: Side) -> Decimal:
        """A price at which nobody trades now."""
        return self.bid - self.case.step if side is Side.BUY else self.ask + self.case.step

    def through(self, side: Side) -> Decimal:
        """A price that is worse than the market's."""
        return self.ask + self.case.step if side is Side.BUY else self.bid - self.case.step

    async def hold(self) -> None:
        """Have something to sell."""
        await self.trading.submit(self.market_order("sd-held"))

    async def edit(self, client_order_id: str, *, price: Decimal, quantity: Decimal) -> Order:
        """Give an order another price and size, where the venue can."""
        assert self._edit is not None, f"{self.case.name} cannot change orders; say so in its rows"
        return await self._edit(client_order_id, price=price, quantity=quantity)

    async def refused(self, intent: OrderIntent) -> bool:
        """Whether the venue definitely refuses an order, by an error or by its state."""
        try:
            return (await self.trading.submit(intent)).state is OrderState.REJECTED
        except OrderRefused:
            return True

    async def held(self) -> Decimal:
        """What the account says it holds of the instrument."""
        positions = await self.trading.positions()
        return sum((one.quantity for one in positions if one.instrument == self.case.instrument), Decimal(0))

    async def working(self) -> set[str]:
        """The client order ids of what the account says is working."""
        return {order.client_order_id for order in await self.trading.open_orders()}

    def true_orders(self) -> Sequence[dict[str, Any]]:
        """The orders with a client's id that the venue really has."""
        return [order for order in self.steer.orders(self.case.wire) if order["client_id"]]

    def true_ids(self) -> Counter[str]:
        """How many orders of each client order id the venue really has."""
        return Counter(order["client_id"] for order in self.true_orders())

    def fault(self, place: str, kind: str, **more: object) -> None:
        """Let something go wrong with the requests to this venue."""
        self.steer.fault(place, kind, **({"venue": self.case.wire} | more))

    def lose_orders(self, kind: str = "close", **more: object) -> None:
        """Let the reply to every order be lost after the venue has accepted it."""
        self.fault("after", kind, **({"method": "POST", "path": self.case.orders, "times": 0} | more))

    def orders_sent(self) -> int:
        """How many requests left that place an order."""
        posts = [path for method, path in self.transport.sent if method == "POST"]
        return sum(re.search(self.case.orders, path) is not None for path in posts)

    async def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)

    def _pin_simulator(self, bid: Decimal, ask: Decimal) -> None:
        self.steer.price(self.case.instrument, str(bid), str(ask))
