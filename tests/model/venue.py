"""A venue in memory that is the truth: it takes every order that arrives, fills it as it likes, is traded by hand."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, auto

from desk.errors import AccessDenied, InsufficientFunds, NotSent, RateLimited
from desk.model.books import AccountState, Position
from desk.model.instrument import Side
from desk.model.orders import Fill, Order, OrderIntent, OrderState
from desk.ports import Clock
from tests.builders import INSTRUMENTS, PRICES

CASH = Decimal(1_000_000)


class Fate(Enum):
    """What becomes of an order that is sent."""

    FILLED = auto()
    PART_FILLED = auto()
    WORKING = auto()
    PART_WORKING = auto()
    REFUSED = auto()
    LIMITED = auto()
    DENIED = auto()
    NOT_SENT = auto()
    REQUEST_LOST = auto()
    REPLY_LOST = auto()
    REPLY_LOST_WORKING = auto()
    REPLY_LOST_IN_SILENCE = auto()
    REPLY_GARBLED = auto()

    @property
    def arrives(self) -> bool:
        return self is not Fate.REQUEST_LOST

    @property
    def keeps_working(self) -> bool:
        return self in (Fate.WORKING, Fate.PART_WORKING, Fate.REPLY_LOST_WORKING)

    @property
    def filled(self) -> Decimal:
        """Which part is filled at once."""
        if self in (Fate.WORKING, Fate.REPLY_LOST_WORKING):
            return Decimal(0)
        return Decimal("0.4") if self in (Fate.PART_FILLED, Fate.PART_WORKING) else Decimal(1)


REFUSALS = {
    Fate.REFUSED: InsufficientFunds("model", "submit", "MARGIN", "not enough margin"),
    Fate.LIMITED: RateLimited("model", "submit", "429", "too many requests", retry_after=timedelta(seconds=1)),
    Fate.NOT_SENT: NotSent("model", "submit", "", "the stop is gone, and the order did not leave"),
    Fate.DENIED: AccessDenied("model", "submit", "401", "unknown key"),
}


@dataclass
class Venue:
    """The books of one account at the venue; an id that arrives twice trades twice, as at a venue that forgets ids.

    Attributes:
        accepted: how often an order of each client order id was taken.
        refused: the ids that were refused for good.
        told: how many fills the venue tells of so far; None for all of them.
        tells_sums_only: whether an order is told with what was filled in all, and not with its fills.
    """

    clock: Clock
    tells_sums_only: bool = False
    orders: dict[str, Order] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    accepted: Counter[str] = field(default_factory=Counter)
    refused: set[str] = field(default_factory=set)
    told: int | None = None

    def accept(self, intent: OrderIntent, fate: Fate) -> Order:
        """Take an order, or refuse it."""
        if fate in REFUSALS:
            if fate is not Fate.NOT_SENT:
                self.refused.add(intent.client_order_id)
            raise REFUSALS[fate]
        self.accepted[intent.client_order_id] += 1
        self.orders[intent.client_order_id] = Order(
            client_order_id=intent.client_order_id,
            venue_order_id=f"V{sum(self.accepted.values())}",
            instrument=intent.instrument,
            side=intent.side,
            type=intent.type,
            quantity=intent.quantity,
            filled_quantity=Decimal(0),
            state=OrderState.ACKED,
            at=self.clock.now(),
            reduce_only=intent.reduce_only,
        )
        self.fill(intent.client_order_id, intent.quantity * fate.filled)
        if not fate.keeps_working:
            self.end(intent.client_order_id, OrderState.CANCELLED)
        return self.tell(intent.client_order_id)

    def fill(self, client_order_id: str, quantity: Decimal, *, late: timedelta = timedelta(0)) -> None:
        """Execute a part of an order; one that only reduces never turns a position."""
        order = self.orders[client_order_id]
        quantity = min(quantity, order.quantity - order.filled_quantity)
        if order.reduce_only:
            quantity = min(quantity, max(Decimal(0), -self.held(order.instrument) * order.side.sign))
        if quantity == 0:
            return
        self.trade(order.instrument, order.side, quantity, client_order_id, late=late)
        filled = order.filled_quantity + quantity
        ended = order.state if order.state.is_final else OrderState.PARTIAL
        state = OrderState.FILLED if filled == order.quantity else ended
        self.orders[client_order_id] = replace(order, filled_quantity=filled, state=state, at=self.clock.now())

    def end(self, client_order_id: str, state: OrderState) -> None:
        """End what is left of an order."""
        order = self.orders[client_order_id]
        if not order.state.is_final:
            self.orders[client_order_id] = replace(order, state=state, at=self.clock.now())

    def trade(
        self, instrument: str, side: Side, quantity: Decimal, client_order_id: str, *, late: timedelta = timedelta(0)
    ) -> None:
        """Book an execution, of an order or by hand; `late` puts its time before that of others."""
        number = len(self.fills) + 1
        tick = INSTRUMENTS[instrument].tick
        self.fills.append(
            Fill(
                venue_trade_id=f"T{number}",
                client_order_id=client_order_id,
                instrument=instrument,
                side=side,
                quantity=quantity,
                price=Decimal(PRICES[instrument]) + tick * (7 * number % 11 - 5),
                fee=Decimal("0.03") * (number % 3),
                fee_currency="USD",
                at=self.clock.now() - late,
            )
        )

    def tell(self, client_order_id: str) -> Order:
        """Return an order as the venue tells it."""
        order = self.orders[client_order_id]
        fills = () if self.tells_sums_only else self._fills_of(client_order_id)
        return replace(order, fills=fills)

    def known_fills(self) -> list[Fill]:
        """Return the fills that the venue tells of so far."""
        return self.fills[: self.told]

    def held(self, instrument: str) -> Decimal:
        """Return the signed quantity held."""
        mine = (fill for fill in self.fills if fill.instrument == instrument)
        return sum((fill.quantity * fill.side.sign for fill in mine), Decimal(0))

    def cash(self) -> Decimal:
        """Return what is left of the money after all that was paid and received, fees included."""
        paid = (fill.quantity * fill.side.sign * fill.price + fill.fee for fill in self.fills)
        return CASH - sum(paid, Decimal(0))

    def money(self) -> AccountState:
        """Return the account's money."""
        value = sum((self.held(name) * Decimal(PRICES[name]) for name in PRICES), Decimal(0))
        return AccountState("USD", self.cash(), self.cash() + value, self.clock.now(), {"JPY": Decimal("0.0066")})

    def positions(self) -> tuple[Position, ...]:
        """Return every open position."""
        now = self.clock.now()
        held = {name: self.held(name) for name in PRICES}
        return tuple(
            Position(name, quantity, quantity * Decimal(PRICES[name]), now)
            for name, quantity in held.items()
            if quantity
        )

    def working(self) -> list[str]:
        """Return the client order ids of what has not ended."""
        return [name for name, order in self.orders.items() if not order.state.is_final]

    def _fills_of(self, client_order_id: str) -> tuple[Fill, ...]:
        mine = [fill for fill in self.known_fills() if fill.client_order_id == client_order_id]
        return tuple(sorted(mine, key=_when))


def _when(fill: Fill) -> datetime:
    return fill.at
