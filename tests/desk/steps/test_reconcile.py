"""Reconciliation over a real ledger: what differs is listed, adopted or closed; a second run finds nothing to do."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import upgrade
from desk.errors import InvalidOrder, LeaseLost, VenueUnavailable
from desk.execution.placing import OrderDesk
from desk.execution.reconciliation import GRACE
from desk.model.books import Position
from desk.model.externals import ExternalKind, Externals
from desk.model.instrument import Side
from desk.model.orders import Fill, Order, OrderIntent, OrderState
from desk.ports import Lease, Message
from desk.steps.externals import STRATEGY
from desk.steps.reconcile import reconcile
from desk.steps.reconciling import Reconciliation, Terms
from tests.builders import CLOSE, INSTRUMENTS, intent
from tests.desk.adapters.ledger.builders import CONVERSION, answer, fill
from tests.desk.steps.fakes import FakeTrading
from tests.fakes import order_of

NOW = CLOSE + timedelta(minutes=10)
NEXT_CANDLE = CLOSE + timedelta(minutes=10)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ledger") / "desk.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


class Closing(FakeTrading):
    """Fills a closing order against what it holds, and forgets what was cancelled."""

    async def submit(self, intent: OrderIntent) -> Order:
        placed = await super().submit(intent)
        self.held = tuple(one for one in self.held if one.instrument != intent.instrument)
        done = fill(f"V-{intent.client_order_id}", order=intent.client_order_id, side=intent.side, price="1.4")
        self.fills = (*self.fills, replace(done, quantity=intent.quantity, at=NOW + timedelta(seconds=1)))
        return placed

    async def cancel(self, client_order_id: str) -> Order:
        [order] = (one for one in self.working if one.client_order_id == client_order_id)
        self.working = tuple(one for one in self.working if one is not order)
        return replace(order, state=OrderState.CANCELLED)


@dataclass
class Bench:
    """An account: its ledger, its venue, and what people were told."""

    ledger: Ledger
    lease: Lease
    venue: Closing = field(default_factory=Closing)
    told: list[Message] = field(default_factory=list)
    now: datetime = NOW
    candle_close: datetime = NEXT_CANDLE

    async def send(self, message: Message) -> None:
        self.told.append(message)

    async def reconcile(self, externals: Externals = Externals.IGNORE, *configured: str) -> Reconciliation:
        terms = Terms("sample", self.candle_close, configured or tuple(INSTRUMENTS), INSTRUMENTS, externals, self.now)
        desk = OrderDesk(self.venue, self.ledger, self.lease)
        return await reconcile(terms, desk=desk, books=self.ledger, notifier=self)

    async def reconcile_twice(self, externals: Externals = Externals.IGNORE) -> Reconciliation:
        """Return what comes of the second look, after which a difference is no late fill."""
        await self.reconcile(externals)
        self.now += GRACE
        return await self.reconcile(externals)

    async def trade(self) -> None:
        """Let the desk buy 100 EUR/USD, as ledger and venue both know."""
        await self.ledger.store_intents([intent()])
        assert await self.ledger.start_sending("sd-1", self.lease)
        await self.ledger.record_order("sample", answer(intent(), OrderState.FILLED, fill()))
        await self.ledger.book_fills("sample", (fill(),), cursor="c-1", conversion=CONVERSION, now=CLOSE)
        self.venue.fills, self.venue.held = (fill(),), self.positions("100")

    def positions(self, quantity: str, price: str = "1.1") -> tuple[Position, ...]:
        signed = Decimal(quantity)
        return (Position("EUR/USD", signed, signed * Decimal(price), CLOSE),) if signed else ()

    async def quantity(self) -> Decimal:
        return sum((one.quantity for one in await self.ledger.positions("sample")), Decimal(0))

    async def written(self) -> tuple[object, ...]:
        """Everything that reconciliation can write."""
        return (
            await self.ledger.digest(["sample"]),
            await self.ledger.externals("sample"),
            await self.ledger.audit_entries(),
            await self.ledger.fill_cursor("sample"),
            await self.ledger.orders("sample"),
        )


@pytest.fixture
async def bench(template: Path, tmp_path: Path) -> AsyncIterator[Bench]:
    shutil.copy(template, tmp_path / "desk.db")
    database = Database.open(f"sqlite:///{tmp_path / 'desk.db'}")
    ledger = Ledger(database, FixedClock(CLOSE))
    lease = await ledger.acquire_lease("sample", "run-1", CLOSE, timedelta(hours=1), venue="oanda")
    assert lease is not None
    yield Bench(ledger, lease)
    await database.close()


async def known(bench: Bench, state: OrderState, *fills: Fill) -> None:
    """Let the ledger have an order in a state; nothing is at the venue."""
    await bench.ledger.store_intents([intent()])
    assert await bench.ledger.start_sending("sd-1", bench.lease)
    if state is not OrderState.SENDING:
        await bench.ledger.record_order("sample", answer(intent(), state, *fills))


# Start, restart, start twice


async def test_a_cold_start_of_a_flat_account_has_nothing_to_do(bench: Bench) -> None:
    done = await bench.reconcile()
    assert done.is_clean
    assert (done.settled, done.adjusted, bench.told) == ((), (), [])


async def test_a_cold_start_on_a_new_ledger_reads_every_fill_and_adjusts_nothing(bench: Bench) -> None:
    """The ledger was lost, the account has traded: its history alone tells what it holds."""
    bench.venue.fills, bench.venue.held = (fill(),), bench.positions("100")
    done = await bench.reconcile(Externals.ADOPT)
    assert (done.adjusted, done.waiting, await bench.quantity()) == ((), (), 100)


async def test_a_warm_start_neither_sends_nor_writes(bench: Bench) -> None:
    await bench.trade()
    before = await bench.written()
    for externals in Externals:
        assert (await bench.reconcile(externals)).is_clean
    assert await bench.written() == before
    assert (bench.venue.accepted, bench.told) == ([], [])


@pytest.mark.parametrize("externals", Externals)
@pytest.mark.parametrize("quantity", ["150", "60", "0", "-50"])
async def test_a_second_start_finds_nothing_to_do(bench: Bench, quantity: str, externals: Externals) -> None:
    await bench.trade()
    bench.venue.held = bench.positions(quantity)
    await bench.reconcile_twice(externals)
    if externals is Externals.FLATTEN:
        bench.now += 2 * GRACE
    before, told, sent = await bench.written(), len(bench.told), len(bench.venue.accepted)

    again = await bench.reconcile(externals)

    assert again.adjusted == again.fresh == again.closed == ()
    assert await bench.written() == before
    assert (len(bench.told), len(bench.venue.accepted)) == (told, sent)


# Positions


async def test_what_was_traded_by_hand_is_listed_and_not_booked(bench: Bench) -> None:
    await bench.trade()
    bench.venue.held = bench.positions("150")
    done = await bench.reconcile_twice()
    assert await bench.quantity() == 100
    [external] = done.externals
    assert external.kind is ExternalKind.POSITION
    assert external.detail == "EUR/USD: the desk's fills add up to 100, the venue holds 150"
    [message] = bench.told
    assert message.severity == "warning"
    assert "Nothing is opened on the instrument until it is gone" in message.body


async def test_what_is_gone_again_is_not_listed_any_more(bench: Bench) -> None:
    await bench.trade()
    for held in ("150", "100"):
        bench.venue.held = bench.positions(held)
        await bench.reconcile()
    assert await bench.ledger.externals("sample") == ()


@pytest.mark.parametrize("quantity", ["150", "60", "0", "-50"])
async def test_an_account_that_adopts_takes_over_what_the_venue_holds(bench: Bench, quantity: str) -> None:
    await bench.trade()
    bench.venue.held = bench.positions(quantity)
    done = await bench.reconcile_twice(Externals.ADOPT)
    assert await bench.quantity() == Decimal(quantity)
    assert len(done.adjusted) == 1
    assert done.externals == ()
    assert [message.title for message in bench.told] == ["sample: the ledger and the venue differ"]


async def test_a_position_that_could_not_be_read_is_never_taken_for_flat(bench: Bench) -> None:
    await bench.trade()
    bench.venue.failing = ("positions", VenueUnavailable("fake", "positions"))
    for externals in Externals:
        done = await bench.reconcile(externals)
        assert done.unread == ("positions: fake: positions failed: no answer",)
    assert await bench.quantity() == 100
    assert bench.venue.accepted == []
    assert bench.told[0].severity == "error"


async def test_without_the_money_nothing_is_adjusted(bench: Bench) -> None:
    await bench.trade()
    bench.venue.held = bench.positions("150")
    bench.venue.failing = ("account", VenueUnavailable("fake", "account"))
    bench.venue.fills = ()
    done = await bench.reconcile(Externals.ADOPT)
    assert (done.adjusted, await bench.quantity()) == ((), 100)


@pytest.mark.parametrize(("age", "is_adjusted"), [(GRACE, True), (GRACE - timedelta(microseconds=1), False)])
async def test_a_difference_just_after_a_fill_is_left_alone_for_a_while(
    bench: Bench, age: timedelta, is_adjusted: bool
) -> None:
    bench.venue.fills, bench.venue.held = (fill("T7", order="web-7"),), bench.positions("150")
    bench.now = CLOSE + age
    done = await bench.reconcile(Externals.ADOPT)
    assert (len(done.adjusted) == 1) is is_adjusted
    assert (len(done.waiting) == 0) is is_adjusted


@pytest.mark.parametrize(("age", "is_adjusted"), [(GRACE, True), (GRACE - timedelta(microseconds=1), False)])
async def test_what_the_desk_traded_is_adjusted_when_it_differed_as_much_at_an_earlier_look(
    bench: Bench, age: timedelta, is_adjusted: bool
) -> None:
    await bench.trade()
    bench.venue.held = bench.positions("150")
    for held in ("140", "150"):
        bench.venue.held = bench.positions(held)
        bench.now += GRACE
        assert len((await bench.reconcile(Externals.ADOPT)).waiting) == 1
    assert bench.told == []
    bench.now += age
    done = await bench.reconcile(Externals.ADOPT)
    assert (len(done.adjusted) == 1) is is_adjusted
    assert (len(done.waiting) == 0) is is_adjusted


async def test_a_stop_whose_fill_is_told_after_the_position_is_gone_is_booked_and_not_adjusted(bench: Bench) -> None:
    await bench.trade()
    bench.venue.held = ()
    assert len((await bench.reconcile(Externals.ADOPT)).waiting) == 1
    stop = replace(fill("T2", side=Side.SELL, price="1.05"), at=NOW)
    bench.venue.fills, bench.venue.cursor, bench.now = (fill(), stop), "c-2", NOW + 2 * GRACE
    done = await bench.reconcile(Externals.ADOPT)
    assert (done.adjusted, done.waiting, await bench.quantity()) == ((), (), 0)
    assert {one.venue_trade_id for one in await bench.ledger.fills("sample")} == {fill().venue_trade_id, "T2"}


@pytest.mark.parametrize("externals", [Externals.IGNORE, Externals.ADOPT])
async def test_a_difference_that_is_another_one_at_each_look_is_judged_after_half_an_hour(
    bench: Bench, externals: Externals
) -> None:
    await bench.trade()
    for held, waits in (("150", True), ("151", True), ("152", False)):
        bench.venue.held = bench.positions(held)
        done = await bench.reconcile(externals)
        assert bool(done.waiting) is waits
        bench.now += timedelta(minutes=15)
    assert bool(done.adjusted) is (externals is Externals.ADOPT)
    assert len(bench.told) == 1


async def test_a_difference_that_comes_again_is_not_the_one_of_before(bench: Bench) -> None:
    await bench.trade()
    for held in ("150", "100", "150"):
        bench.venue.held = bench.positions(held)
        bench.now += GRACE
        done = await bench.reconcile(Externals.ADOPT)
    assert (len(done.waiting), done.adjusted) == (1, ())


async def test_positions_that_could_not_be_read_in_between_do_not_make_a_difference_young(bench: Bench) -> None:
    await bench.trade()
    bench.venue.held = bench.positions("150")
    await bench.reconcile(Externals.ADOPT)
    bench.now += GRACE
    bench.venue.failing = ("positions", VenueUnavailable("fake", "positions"))
    await bench.reconcile(Externals.ADOPT)
    bench.venue.failing = None
    assert len((await bench.reconcile(Externals.ADOPT)).adjusted) == 1


async def test_a_difference_on_an_instrument_with_an_unknown_order_is_left_alone(bench: Bench) -> None:
    await known(bench, OrderState.SENDING)
    bench.candle_close = CLOSE  # the order is of this candle, and its run may still send it
    bench.venue.held = bench.positions("100")
    done = await bench.reconcile(Externals.ADOPT)
    assert (done.adjusted, len(done.waiting)) == ((), 1)


async def test_a_fill_between_the_two_looks_is_read_and_is_no_difference(bench: Bench) -> None:
    await bench.trade()
    late = replace(fill("T2", side=Side.SELL), at=CLOSE + timedelta(minutes=1))

    async def positions() -> tuple[Position, ...]:
        bench.venue.fills, bench.venue.cursor = (fill(), late), "c-2"
        return ()

    bench.venue.positions = positions  # type: ignore[method-assign]
    done = await bench.reconcile(Externals.ADOPT)
    assert (done.adjusted, done.waiting, await bench.quantity()) == ((), (), 0)


async def test_only_the_holder_of_the_account_reconciles_it(bench: Bench) -> None:
    await bench.trade()
    bench.venue.held = bench.positions("150")
    await bench.reconcile(Externals.ADOPT)
    bench.now += GRACE
    bench.lease = replace(bench.lease, token=bench.lease.token - 1)
    with pytest.raises(LeaseLost):
        await bench.reconcile(Externals.ADOPT)
    assert await bench.quantity() == 100


async def test_a_held_instrument_that_was_taken_out_of_the_configuration_is_told_once(bench: Bench) -> None:
    await bench.trade()
    for _ in range(2):
        done = await bench.reconcile(Externals.IGNORE, "XAU/USD")
        assert [external.kind for external in done.externals] == [ExternalKind.UNJUDGED]
    [message] = bench.told
    assert "put its instrument back into the configuration" in message.body


async def test_what_is_held_and_not_listed_any_more_is_told_once_and_left_alone(bench: Bench) -> None:
    await bench.trade()
    listed = {name: one for name, one in INSTRUMENTS.items() if name != "EUR/USD"}
    terms = Terms("sample", bench.candle_close, tuple(listed), listed, Externals.IGNORE, bench.now)
    for _ in range(2):
        desk = OrderDesk(bench.venue, bench.ledger, bench.lease)
        done = await reconcile(terms, desk=desk, books=bench.ledger, notifier=bench)
        assert [external.kind for external in done.externals] == [ExternalKind.DELISTED]
    [message] = bench.told
    assert "buy 100 EUR/USD is held, and its source does not list it any more" in message.body
    assert await bench.quantity() == 100


# Orders


async def test_an_order_that_the_venue_lost_is_asked_for_once_and_cancelled(bench: Bench) -> None:
    await known(bench, OrderState.ACKED)
    done = await bench.reconcile()
    assert [(order.client_order_id, order.state) for order in done.settled] == [("sd-1", OrderState.CANCELLED)]
    assert (await bench.reconcile()).settled == ()


async def test_the_fills_of_an_order_that_the_venue_lost_are_kept(bench: Bench) -> None:
    await known(bench, OrderState.PARTIAL, fill(quantity="40"))
    bench.venue.fills, bench.venue.held = (fill(quantity="40"),), bench.positions("40")
    await bench.reconcile()
    [order] = await bench.ledger.orders("sample")
    assert (order.state, order.filled_quantity, await bench.quantity()) == (OrderState.CANCELLED, 40, 40)


async def test_an_order_that_the_venue_does_not_list_stays_as_it_is_while_it_does_not_answer(bench: Bench) -> None:
    await known(bench, OrderState.ACKED)
    bench.venue.find_fails = VenueUnavailable("fake", "order by client id")
    done = await bench.reconcile()
    assert done.settled == ()
    assert done.failures == ("order sd-1: fake: order by client id failed: no answer",)
    assert [order.state for order in await bench.ledger.orders("sample")] == [OrderState.ACKED]


async def test_orders_that_could_not_be_listed_are_not_taken_for_gone(bench: Bench) -> None:
    await known(bench, OrderState.ACKED)
    bench.venue.failing = ("open_orders", VenueUnavailable("fake", "open orders"))
    done = await bench.reconcile(Externals.FLATTEN)
    assert done.settled == ()
    assert [order.state for order in await bench.ledger.orders("sample")] == [OrderState.ACKED]


async def test_an_order_that_was_filled_unseen_is_recorded_and_booked(bench: Bench) -> None:
    await known(bench, OrderState.ACKED)
    filled = answer(intent(), OrderState.FILLED, fill(), at=NOW)
    bench.venue.held = bench.positions("100")

    async def find_order(client_order_id: str) -> Order:
        bench.venue.fills = (fill(),)  # the venue told of it a moment after it was asked for fills
        return filled

    bench.venue.find_order = find_order  # type: ignore[method-assign, assignment]
    done = await bench.reconcile()
    assert done.settled == (filled,)
    assert await bench.quantity() == 100


async def test_an_order_of_others_is_listed_and_never_touched(bench: Bench) -> None:
    bench.venue.working = (order_of(intent("web-7"), OrderState.ACKED),)
    for externals in (Externals.IGNORE, Externals.ADOPT):
        done = await bench.reconcile(externals)
        assert [external.name for external in done.externals] == ["web-7"]
    assert len(bench.venue.working) == 1
    assert len(bench.told) == 1


# Flattening


async def test_an_account_that_is_the_desks_alone_closes_what_others_opened(bench: Bench) -> None:
    bench.venue.held = bench.positions("70", "1.2")
    done = await bench.reconcile(Externals.FLATTEN)
    [sent] = bench.venue.accepted
    assert (sent.strategy, sent.side, sent.quantity, sent.reduce_only) == (STRATEGY, Side.SELL, 70, True)
    assert [order.state for order in done.closed] == [OrderState.FILLED]
    assert await bench.quantity() == 0


async def test_what_the_venue_does_not_hold_any_more_is_not_sold(bench: Bench) -> None:
    bench.venue.fills = (replace(fill("T7", order="web-7"), at=NOW - GRACE / 2),)
    done = await bench.reconcile(Externals.FLATTEN)
    assert (len(done.waiting), done.closed, bench.venue.accepted) == (1, (), [])


async def test_nothing_is_closed_while_the_positions_cannot_be_read(bench: Bench) -> None:
    bench.venue.fills, bench.venue.held = (fill("T7", order="web-7"),), bench.positions("100")
    bench.venue.failing = ("positions", VenueUnavailable("fake", "positions"))
    await bench.reconcile(Externals.FLATTEN)
    assert (await bench.quantity(), bench.venue.accepted) == (100, [])


async def test_a_closing_order_whose_outcome_is_unknown_is_not_sent_twice(bench: Bench) -> None:
    bench.venue.held = bench.positions("70")
    bench.venue.after = _raise(VenueUnavailable("fake", "order"))
    bench.venue.find_fails = VenueUnavailable("fake", "order by client id")
    first = await bench.reconcile(Externals.FLATTEN)
    assert [order.state for order in first.closed] == [OrderState.UNKNOWN]
    await bench.reconcile(Externals.FLATTEN)
    bench.candle_close += timedelta(minutes=15)
    await bench.reconcile(Externals.FLATTEN)
    assert len(bench.venue.accepted) == 1


async def test_a_refused_closing_order_is_told_and_tried_again_with_the_next_candle(bench: Bench) -> None:
    bench.venue.held = bench.positions("70")
    bench.venue.before = _raise(InvalidOrder("fake", "order", "MARKET_HALTED", "market halted"))
    done = await bench.reconcile(Externals.FLATTEN)
    assert "market halted" in done.failures[0]
    bench.venue.before = lambda _intent: None
    assert [order.state for order in (await bench.reconcile(Externals.FLATTEN)).closed] == [OrderState.REJECTED]
    bench.candle_close += timedelta(minutes=15)
    assert [order.state for order in (await bench.reconcile(Externals.FLATTEN)).closed] == [OrderState.FILLED]
    assert await bench.quantity() == 0


async def test_orders_of_others_are_cancelled_where_they_could_open_something(bench: Bench) -> None:
    entry = order_of(intent("web-7"), OrderState.ACKED)
    stop = replace(order_of(intent("web-8"), OrderState.ACKED), reduce_only=True)
    bench.venue.working = (entry, stop)
    done = await bench.reconcile(Externals.FLATTEN)
    assert [order.client_order_id for order in done.closed] == ["web-7"]
    assert bench.venue.working == (stop,)
    assert [external.name for external in done.externals] == ["web-8"]


def _raise(error: Exception) -> Callable[[OrderIntent], None]:
    def raising(_intent: OrderIntent) -> None:
        raise error

    return raising
