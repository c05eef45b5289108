"""Flattening by its ports: what fails does not end it, who cannot be told does not end it, and it ends in time."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest

from desk.adapters.clocks import FixedClock
from desk.errors import LeaseLost, LedgerError, VenueUnavailable
from desk.execution.flattening import Flattening
from desk.execution.placing import OrderDesk
from desk.model.books import Position
from desk.model.orders import Order, OrderIntent, OrderState
from desk.ports import Lease, Message
from desk.steps.flatten import FlatteningTools, flatten
from tests.builders import CLOSE, intent, position
from tests.desk.steps.fakes import FakeBooks
from tests.fakes import FakeLog, FakeVenue, order_of

ORDERED = Flattening("sample", CLOSE)
UNAVAILABLE = VenueUnavailable("fake", "GET positions")


@dataclass
class Venue(FakeVenue):
    """Fills closing orders, unless it is told to fail first."""

    held: list[Position] = field(default_factory=list)
    working: list[Order] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    cancels: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    async def positions(self) -> tuple[Position, ...]:
        if self.failures:
            raise self.failures.pop(0)
        return tuple(self.held)

    async def open_orders(self) -> tuple[Order, ...]:
        return tuple(self.working)

    async def cancel(self, client_order_id: str) -> Order:
        self.cancels.append(client_order_id)
        (order,) = [one for one in self.working if one.client_order_id == client_order_id]
        self.working.remove(order)
        return replace(order, state=OrderState.CANCELLED)

    async def submit(self, sent: OrderIntent) -> Order:
        self.held = [one for one in self.held if one.instrument != sent.instrument]
        return await super().submit(sent)


class Log(FakeBooks, FakeLog):
    """The ledger in memory."""

    def __init__(self) -> None:
        FakeLog.__init__(self)
        FakeBooks.__init__(self)

    async def closing_orders(self, flattening: Flattening) -> tuple[Order, ...]:
        return tuple(order for order in self.orders.values() if order.reduce_only)

    async def recall_order(self, client_order_id: str) -> object | None:
        return self.orders.get(client_order_id)


class NoQuotes:
    async def quotes(self, instruments: Sequence[str], *, at: object) -> dict[str, object]:
        return {}


@dataclass
class Site:
    """Ports of one account, and what became of them."""

    venue: Venue = field(default_factory=Venue)
    log: Log = field(default_factory=Log)
    told: list[Message] = field(default_factory=list)
    naps: list[float] = field(default_factory=list)
    holds: list[Exception | None] = field(default_factory=list)
    deaf: bool = False

    async def flatten(self, pauses: Sequence[float] = (1, 2, 3, 4)):
        tools = FlatteningTools(self.hold, self.log, NoQuotes(), FixedClock(CLOSE).now, self, sleep=self.nap)
        return await flatten(ORDERED, tools, pauses=pauses)

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[OrderDesk | None]:
        if self.holds and (trouble := self.holds.pop(0)):
            raise trouble
        yield OrderDesk(self.venue, self.log, Lease("sample", "me", 1))

    async def nap(self, seconds: float) -> None:
        self.naps.append(seconds)

    async def send(self, message: Message) -> None:
        if self.deaf:
            raise ConnectionError("no network")
        self.told.append(message)


@pytest.fixture
def site() -> Site:
    return Site(Venue(held=[position("EUR/USD", "100")]))


async def test_an_account_that_is_flat_already_is_told_so_at_once():
    site = Site()
    done = await site.flatten()
    assert (done.is_flat, done.passes, site.naps) == (True, 1, [])
    assert [(message.severity, message.title) for message in site.told] == [("info", "sample: flat")]


async def test_it_looks_again_after_it_has_closed(site):
    done = await site.flatten()
    assert (done.is_flat, done.passes, site.naps) == (True, 2, [1])
    assert [order.quantity for order in site.venue.accepted] == [Decimal(100)]


@pytest.mark.parametrize("trouble", [UNAVAILABLE, LedgerError("busy"), LeaseLost("another"), KeyError("a bug")])
async def test_whatever_a_pass_meets_the_next_one_tries_again(site, trouble):
    site.venue.failures = [trouble]
    assert (await site.flatten()).is_flat
    assert len(site.venue.accepted) == 1


async def test_a_read_that_fails_to_the_end_is_never_taken_for_flat():
    site = Site(Venue(failures=[UNAVAILABLE] * 9))
    done = await site.flatten()
    assert done.left == ("it is not known what is left: VenueUnavailable: fake: GET positions failed: no answer",)
    assert [message.severity for message in site.told] == ["warning", "error"]


async def test_it_ends_with_its_patience_and_says_what_is_left(site):
    site.venue.submit = _refuse
    done = await site.flatten(pauses=(1, 2, 3))
    assert (done.passes, site.naps) == (4, [1, 2, 3])
    assert "position 100 EUR/USD" in done.left[0]
    assert "NOT flat" in site.told[-1].title
    assert done.left[0] in site.told[-1].body


async def _refuse(_sent: OrderIntent) -> Order:
    raise VenueUnavailable("fake", "POST order", message="down")


async def test_what_one_order_meets_does_not_keep_the_others_from_being_closed(site):
    site.venue.held.append(position("USD/JPY", "5"))
    site.venue.working = [order_of(intent("by-hand"), OrderState.ACKED)]
    site.venue.cancel = _no_cancel
    await site.flatten(pauses=())
    assert [order.instrument for order in site.venue.accepted] == ["EUR/USD", "USD/JPY"]


async def _no_cancel(client_order_id: str) -> Order:
    raise VenueUnavailable("fake", f"DELETE {client_order_id}")


async def test_the_cancelling_of_an_order_that_is_not_the_desks_is_not_written_down(site):
    site.venue.working = [order_of(intent("by-hand"), OrderState.ACKED), order_of(intent("ours"), OrderState.ACKED)]
    site.log.orders["ours"] = site.venue.working[1]
    assert (await site.flatten()).is_flat
    assert site.venue.cancels == ["by-hand", "ours"]
    assert site.log.orders["ours"].state is OrderState.CANCELLED
    assert "by-hand" not in site.log.orders


async def test_an_order_without_a_known_outcome_is_asked_for_first(site):
    site.log.unresolved = {CLOSE: order_of(intent("lost"), OrderState.SENDING)}
    site.log.orders["lost"] = site.log.unresolved[CLOSE]
    assert (await site.flatten()).is_flat
    assert site.log.orders["lost"].state is OrderState.CANCELLED


async def test_what_was_planned_and_never_sent_is_given_up(site):
    site.log.planned = {CLOSE: order_of(intent("unsent"))}
    site.log.orders["unsent"] = site.log.planned[CLOSE]
    await site.flatten()
    assert site.log.orders["unsent"].state is OrderState.CANCELLED


async def test_while_another_run_holds_the_account_it_waits(site):
    site.holds = [LeaseLost("taken over")] * 2
    done = await site.flatten()
    assert (done.is_flat, done.passes) == (True, 4)


async def test_who_cannot_be_told_does_not_keep_it_from_closing_and_that_is_said(site):
    site.deaf = True
    site.venue.failures = [UNAVAILABLE] * 4
    done = await site.flatten(pauses=(1,) * 9)
    assert done.is_flat
    assert done.untold == "nobody was told: ConnectionError: no network"
