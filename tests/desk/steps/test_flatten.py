"""Flattening by its ports: what fails does not end it, who cannot be told does not end it, and it ends in time."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from desk.adapters.clocks import FixedClock
from desk.errors import DataError, LeaseLost, LedgerError, OrderRefused, VenueUnavailable
from desk.execution.flattening import Flattening
from desk.execution.placing import OrderDesk
from desk.model.books import Position, Quote
from desk.model.messages import MessageKind
from desk.model.orders import Fill, Order, OrderIntent, OrderState, OrderType
from desk.ports import Lease, Message
from desk.steps.flatten import FlatteningTools, flatten
from tests.builders import CLOSE, intent, position, quote
from tests.desk.adapters.ledger.builders import fill
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
    fills: tuple[Fill, ...] = ()
    fills_fail: Exception | None = None

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

    async def fills_since(self, cursor: str) -> tuple[tuple[Fill, ...], str]:
        if self.fills_fail:
            raise self.fills_fail
        return self.fills, cursor

    async def submit(self, sent: OrderIntent) -> Order:
        self.held = [one for one in self.held if one.instrument != sent.instrument]
        return await super().submit(sent)


class Log(FakeBooks, FakeLog):
    """The ledger in memory, of the account `sample` and its flattening alone."""

    def __init__(self) -> None:
        FakeLog.__init__(self)
        FakeBooks.__init__(self)
        self.flattening = ORDERED
        self.booked_at: list[datetime] = []
        self.is_full = False

    async def closing_orders(self, flattening: Flattening) -> tuple[Order, ...]:
        assert flattening == self.flattening
        return tuple(order for order in self.orders.values() if order.type is OrderType.MARKET and order.reduce_only)

    async def recall_order(self, client_order_id: str) -> object | None:
        return self.orders.get(client_order_id)

    async def store_intents(self, intents: Sequence[OrderIntent], *, lease: Lease | None = None) -> dict[str, Order]:
        if self.is_full:
            raise LedgerError("disk full")
        await super().store_intents(intents, lease=lease)
        for one in intents:
            self.orders[one.client_order_id] = replace(self.orders[one.client_order_id], reduce_only=one.reduce_only)
        return {one.client_order_id: self.orders[one.client_order_id] for one in intents}

    async def record_order(self, account: str, order: Order, *, detail: str = "") -> None:
        assert account == "sample"
        await super().record_order(account, order, detail=detail)

    async def unresolved_orders(self, account: str, *, before: datetime | None = None) -> tuple[Order, ...]:
        assert account == "sample"
        return await super().unresolved_orders(account, before=before)

    async def planned_orders(self, account: str, *, before: datetime | None = None) -> tuple[Order, ...]:
        assert account == "sample"
        return await super().planned_orders(account, before=before)

    async def book_fills(self, account: str, fills: tuple[Fill, ...], *, now: datetime, **told: Any) -> int:
        assert account == "sample"
        self.booked_at.append(now)
        return await super().book_fills(account, fills, now=now, **told)


class Quotes:
    """Says of its instruments that they are closed, or fails."""

    def __init__(self, closed: Sequence[str] = (), fails: Exception | None = None) -> None:
        self.closed, self.fails = closed, fails
        self.asked: list[tuple[list[str], datetime]] = []

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> dict[str, Quote]:
        self.asked.append((list(instruments), at))
        if self.fails:
            raise self.fails
        return {name: quote(name, tradable=name not in self.closed) for name in instruments}


@dataclass
class Site:
    """Ports of one account, and what became of them."""

    venue: Venue = field(default_factory=Venue)
    log: Log = field(default_factory=Log)
    told: list[Message] = field(default_factory=list)
    naps: list[float] = field(default_factory=list)
    holds: list[Exception | None] = field(default_factory=list)
    deaf: bool = False
    feed: Quotes = field(default_factory=Quotes)

    async def flatten(self, pauses: Sequence[float] = (1, 2, 3, 4)):
        tools = FlatteningTools(self.hold, self.log, self.feed, FixedClock(CLOSE).now, self, sleep=self.nap)
        return await flatten(self.log.flattening, tools, pauses=pauses)

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


# What it knows and says

EVERYTHING = "ordered to be closed at 2026-01-14 15:00:00 UTC: every order and position"


async def test_what_was_filled_is_booked_at_every_look(site):
    site.venue.fills = (fill("T1"),)
    await site.flatten()
    assert [one.venue_trade_id for one in site.log.booked] == ["T1"]
    assert set(site.log.booked_at) == {CLOSE}


async def test_an_account_whose_fills_could_not_be_booked_is_not_flat():
    site = Site(Venue(fills_fail=VenueUnavailable("fake", "GET fills")))
    done = await site.flatten(pauses=())
    assert done.left == ("the fills are not booked: VenueUnavailable: fake: GET fills failed: no answer",)


async def test_why_an_order_was_given_up_is_written_down(site):
    site.log.planned = {CLOSE: order_of(intent("unsent"))}
    site.log.orders["unsent"] = site.log.planned[CLOSE]
    await site.flatten()
    assert site.log.orders["unsent"].reason == "everything is being closed"


@pytest.mark.parametrize("instruments", [(), ("EUR/USD",)])
async def test_while_an_outcome_is_not_known_nothing_is_sent_on_the_instrument_and_that_is_said(site, instruments):
    site.log.flattening = replace(ORDERED, instruments=frozenset(instruments))
    site.venue.find_fails = UNAVAILABLE
    site.log.unresolved = {CLOSE: order_of(intent("lost"), OrderState.UNKNOWN)}
    site.log.orders["lost"] = site.log.unresolved[CLOSE]
    done = await site.flatten(pauses=())
    assert site.venue.accepted == []
    assert done.left == (
        "position 100 EUR/USD: not closed yet",
        "order lost, buy 100 EUR/USD: its outcome is not known",
    )


async def test_every_attempt_is_a_new_order_and_the_last_refusal_is_said(site):
    site.venue.submit = _no_liquidity
    done = await site.flatten(pauses=(1, 2))
    names = [name for name, state in site.log.events if state is OrderState.REJECTED]
    assert len(set(names)) == 3
    why = "fake: POST order failed [51]: no liquidity"
    assert done.left == (f"position 100 EUR/USD: order 2 to close it is rejected ({why})",)


async def _no_liquidity(_sent: OrderIntent) -> Order:
    raise OrderRefused("fake", "POST order", "51", "no liquidity")


async def test_what_is_not_to_be_closed_is_left_alone():
    site = Site(Venue(held=[position("EUR/USD", "100"), position("USD/JPY", "5")]))
    site.venue.working = [
        order_of(intent(f"entry-{name[:3]}", instrument=name), OrderState.ACKED) for name in ("USD/JPY", "EUR/USD")
    ]
    site.venue.find_fails = UNAVAILABLE
    site.log.unresolved = {CLOSE: order_of(intent("lost", instrument="USD/JPY"), OrderState.UNKNOWN)}
    site.log.orders["lost"] = site.log.unresolved[CLOSE]
    site.log.flattening = Flattening("sample", CLOSE, frozenset(["EUR/USD", "BTC/USD"]))
    done = await site.flatten()
    assert done.is_flat
    assert ([order.instrument for order in site.venue.accepted], site.venue.cancels) == (["EUR/USD"], ["entry-EUR"])
    (message,) = site.told
    assert message.body == "ordered to be closed at 2026-01-14 15:00:00 UTC: BTC/USD, EUR/USD"


async def test_a_position_whose_market_is_closed_waits_and_that_is_said(site):
    site.venue.held.append(position("USD/JPY", "5"))
    site.feed = Quotes(closed=["EUR/USD"])
    done = await site.flatten(pauses=())
    assert [order.instrument for order in site.venue.accepted] == ["USD/JPY"]
    assert done.left[0] == "position 100 EUR/USD: its market is closed"
    assert site.feed.asked == [(["EUR/USD", "USD/JPY"], CLOSE)]


@pytest.mark.parametrize("trouble", [UNAVAILABLE, DataError("no quotes")])
async def test_without_prices_the_venue_is_asked_to_close_all_the_same(site, trouble):
    site.feed = Quotes(fails=trouble)
    assert (await site.flatten()).is_flat


async def test_each_order_that_could_not_be_cancelled_is_named_as_the_venue_names_it():
    by_hand = replace(order_of(intent("by-hand"), OrderState.ACKED), venue_order_id="V-7")
    site = Site(Venue(working=[by_hand, replace(by_hand, client_order_id="")]))
    site.venue.cancel = _no_cancel
    done = await site.flatten(pauses=())
    assert done.left[2:] == (
        "order by-hand is not cancelled: VenueUnavailable: fake: DELETE by-hand failed: no answer",
        "order V-7 is not cancelled: VenueUnavailable: fake: DELETE  failed: no answer",
    )


async def test_each_position_that_could_not_be_closed_is_named(site):
    site.venue.held.append(position("USD/JPY", "5"))
    site.log.is_full = True
    done = await site.flatten(pauses=())
    assert done.left[2:] == (
        "EUR/USD is not closed: LedgerError: disk full",
        "USD/JPY is not closed: LedgerError: disk full",
    )


async def test_another_run_that_holds_the_account_to_the_end_is_named():
    site = Site(holds=[LeaseLost("taken over")] * 2)
    assert (await site.flatten(pauses=(1,))).left == ("another run holds the account",)


async def test_a_person_is_told_that_it_goes_on_after_three_passes_and_how_it_ended(site):
    site.venue.submit = _no_liquidity
    done = await site.flatten(pauses=(1, 2, 3))
    why = "position 100 EUR/USD: order {} to close it is rejected (fake: POST order failed [51]: no liquidity)"
    resists, ended = site.told
    assert resists == Message(
        "sample: not flat yet, the desk goes on trying", f"{EVERYTHING}\n{why.format(2)}", "warning", MessageKind.STATE
    )
    assert (ended.title.startswith("sample: NOT flat"), ended.severity) == (True, "error")
    assert ended.body.startswith(f"{EVERYTHING}\n{why.format(3)}\n")
    assert "run the same command again" in ended.body.splitlines()[-1]
    assert done.untold == ""


async def test_a_person_is_told_what_was_closed(site):
    done = await site.flatten()
    assert (site.told, done.untold) == ([Message("sample: flat", EVERYTHING, kind=MessageKind.STATE)], "")
