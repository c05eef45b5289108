"""Hand-written stand-ins for the ports, for tests of what goes through them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from desk.errors import LeaseLost
from desk.model.books import AccountState, Position
from desk.model.orders import Fill, Order, OrderIntent, OrderState
from desk.ports import Lease
from tests.builders import CLOSE


def order_of(intent: OrderIntent, state: OrderState = OrderState.PLANNED, filled: str = "0") -> Order:
    return Order(
        client_order_id=intent.client_order_id,
        venue_order_id="" if state is OrderState.PLANNED else f"V-{intent.client_order_id}",
        instrument=intent.instrument,
        side=intent.side,
        type=intent.type,
        quantity=intent.quantity,
        filled_quantity=Decimal(filled),
        state=state,
        at=CLOSE,
    )


class FakeVenue:
    """Fills every order at once and remembers how often it was asked to.

    `before` and `after` are called on submit, before and after the order is accepted; they may raise.
    """

    def __init__(self) -> None:
        self.accepted: list[OrderIntent] = []
        self.orders: dict[str, Order] = {}
        self.before: Callable[[OrderIntent], None] = lambda intent: None
        self.after: Callable[[OrderIntent], None] = lambda intent: None
        self.find_fails: Exception | None = None

    async def submit(self, intent: OrderIntent) -> Order:
        self.before(intent)
        self.accepted.append(intent)
        filled = order_of(intent, OrderState.FILLED, str(intent.quantity))
        self.orders[intent.client_order_id] = filled
        self.after(intent)
        return filled

    async def find_order(self, client_order_id: str) -> Order | None:
        if self.find_fails:
            raise self.find_fails
        return self.orders.get(client_order_id)

    async def account(self) -> AccountState:
        return AccountState("USD", Decimal(10_000), Decimal(10_000), CLOSE)

    async def positions(self) -> tuple[Position, ...]:
        return ()

    async def open_orders(self) -> tuple[Order, ...]:
        return ()

    async def cancel(self, client_order_id: str) -> Order:
        return self.orders[client_order_id]

    async def fills_since(self, cursor: str) -> tuple[tuple[Fill, ...], str]:
        return (), cursor


class FakeLog:
    """Keeps the state of each order in memory, as the ledger does in a database."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.events: list[tuple[str, OrderState]] = []
        self.newest_token = 1
        self.fail_on: OrderState | None = None

    async def store_intents(self, intents: Sequence[OrderIntent], *, lease: Lease | None = None) -> dict[str, Order]:
        if lease is not None and lease.token != self.newest_token:
            raise LeaseLost(f"expected token {self.newest_token}, found {lease.token}")
        for intent in intents:
            if intent.client_order_id not in self.orders:
                self._set(order_of(intent))
        return {intent.client_order_id: self.orders[intent.client_order_id] for intent in intents}

    async def start_sending(self, client_order_id: str, lease: Lease) -> bool:
        if lease.token != self.newest_token:
            raise LeaseLost(f"expected token {self.newest_token}, found {lease.token}")
        if self.orders[client_order_id].state is not OrderState.PLANNED:
            return False
        self._set(replace(self.orders[client_order_id], state=OrderState.SENDING))
        return True

    async def record_order(self, account: str, order: Order, *, detail: str = "") -> None:
        self._set(order)

    async def record_outcome(
        self, client_order_id: str, state: OrderState, *, detail: str, lease: Lease | None = None
    ) -> None:
        if lease is not None and lease.token != self.newest_token:
            raise LeaseLost(f"expected token {self.newest_token}, found {lease.token}")
        self._set(replace(self.orders[client_order_id], state=state, reason=detail))

    def _set(self, order: Order) -> None:
        if self.fail_on is order.state:
            raise KeyboardInterrupt(f"killed while writing {order.state}")
        self.orders[order.client_order_id] = order
        self.events.append((order.client_order_id, order.state))
