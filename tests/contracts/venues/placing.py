"""Orders placed by the desk's own code while their replies are lost, and what the venue and the log know afterwards."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from desk.errors import VenueUnavailable
from desk.execution.lifecycle import check_transition
from desk.execution.placing import OrderDesk, place_orders
from desk.model.orders import Order, OrderIntent
from desk.ports import Lease, Trading
from tests.contracts.venues.bench import Bench
from tests.fakes import FakeLog

LEASE = Lease("sample", "run-1", 1)
AT_ONCE = 10
A_MINUTES_WORTH = 50


class StrictLog(FakeLog):
    """Refuses a change of state that no order makes, as the ledger does."""

    def _set(self, order: Order) -> None:
        known = self.orders.get(order.client_order_id)
        if known is not None:
            check_transition(order.client_order_id, known.state, order.state)
        super()._set(order)

    @property
    def filled(self) -> Mapping[str, Decimal]:
        """What the log knows to be filled, by client order id."""
        return {name: order.filled_quantity for name, order in self.orders.items()}


class Blind:
    """A venue that cannot be asked for an order: no answer at first, and then "there was never one"."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading
        self._asked: set[str] = set()

    def __getattr__(self, name: str) -> object:
        return getattr(self._trading, name)

    async def find_order(self, client_order_id: str) -> Order | None:
        if client_order_id in self._asked:
            return None
        self._asked.add(client_order_id)
        raise VenueUnavailable("blind", f"order {client_order_id}", message="not asked")


@dataclass(frozen=True)
class Outcome:
    """What a run left behind.

    Attributes:
        asked: how many orders were decided.
        duplicates: orders that the venue has twice.
        lost: orders that the venue has and of which the log says something else.
        absent: orders that the venue does not have.
    """

    asked: int
    duplicates: int
    lost: int
    absent: int


async def place_twice(bench: Bench, names: Sequence[str], desk: OrderDesk) -> None:
    """Place orders, and as a run does that died and began again, place the same ones a second time."""
    intents = [bench.market_order(name) for name in names]
    for _ in range(2):
        for start in range(0, len(intents), A_MINUTES_WORTH):
            bench.wait(minutes=1)  # the venue counts calls by the minute
            await _place(intents[start : start + A_MINUTES_WORTH], desk)


def outcome(bench: Bench, known: Mapping[str, Decimal]) -> Outcome:
    """Compare what a log knows to be filled, by client order id, with what the venue really has."""
    true = bench.true_orders()
    counts = Counter(order["client_id"] for order in true)
    filled = {order["client_id"]: Decimal(order["order"]["filled_quantity"]) for order in true}
    return Outcome(
        asked=len(known),
        duplicates=sum(count > 1 for count in counts.values()),
        lost=sum(quantity != filled.get(name) for name, quantity in known.items()),
        absent=sum(name not in counts for name in known),
    )


async def _place(intents: Sequence[OrderIntent], desk: OrderDesk) -> None:
    turns = asyncio.Semaphore(AT_ONCE)

    async def place(intent: OrderIntent) -> None:
        async with turns:
            await place_orders([intent], desk)

    await asyncio.gather(*map(place, intents))
