"""Taking back what waits to be opened: the desk's entries alone, each for itself, with a line for each."""

from dataclasses import replace

from desk.errors import LedgerError, VenueUnavailable
from desk.model.orders import Order, OrderState
from desk.steps.withdraw import withdraw_entries
from tests.builders import intent
from tests.desk.steps.fakes import FakeTrading
from tests.fakes import order_of

WAITING = order_of(intent("sd-entry"), OrderState.ACKED)
STOP = replace(order_of(intent("sd-entry-s"), OrderState.ACKED), reduce_only=True)
BY_HAND = order_of(intent("hand-1"), OrderState.ACKED)


class Trading(FakeTrading):
    """A venue where cancelling works, but for the orders that are named."""

    def __init__(self, *working: Order, stuck: str = "") -> None:
        super().__init__()
        self.working, self.stuck = working, stuck
        self.cancelled: list[str] = []

    async def cancel(self, client_order_id: str) -> Order:
        if client_order_id == self.stuck:
            raise VenueUnavailable("fake", "cancel", message="no answer")
        self.cancelled.append(client_order_id)
        return replace(WAITING, client_order_id=client_order_id, state=OrderState.CANCELLED)


async def test_an_entry_is_cancelled_and_stops_and_orders_of_others_stay() -> None:
    venue = Trading(STOP, WAITING, BY_HAND)
    assert await withdraw_entries(venue) == ("buy 100 EUR/USD, order sd-entry: cancelled, 0 of it filled",)
    assert venue.cancelled == ["sd-entry"]


async def test_one_that_cannot_be_cancelled_is_named_and_keeps_no_other_from_it() -> None:
    venue = Trading(WAITING, order_of(intent("sd-second"), OrderState.PARTIAL, "40"), stuck="sd-entry")
    first, second = await withdraw_entries(venue)
    assert "sd-entry: could not be cancelled: fake: cancel failed: no answer" in first
    assert venue.cancelled == ["sd-second"]
    assert "sd-second: cancelled" in second


async def test_where_the_orders_cannot_be_read_that_is_what_is_said() -> None:
    venue = Trading(WAITING)
    venue.failing = ("open_orders", LedgerError("disk full"))
    assert await withdraw_entries(venue) == ("the orders at the venue could not be read: disk full",)
