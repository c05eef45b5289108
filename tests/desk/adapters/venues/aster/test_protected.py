"""Positions at Aster keep their stop and target, and leave none behind; over the simulator, with lost replies."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.accounts import AccountSpec
from desk.accounts.connections import AsterConnection
from desk.adapters.budget.urgency import is_urgent
from desk.adapters.clocks import FixedClock
from desk.adapters.venues.aster.protected import ProtectedTrading
from desk.adapters.venues.aster.reached import ReachedAster
from desk.adapters.venues.reached import Tools
from desk.errors import LedgerError, OrderRefused, OutcomeUnknown, RateLimited, VenueUnavailable
from desk.execution.placing import OrderDesk, place_orders
from desk.model.cycle import Mode
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderState, OrderType, TimeInForce
from desk.ports import Lease
from tests.desk.adapters.venues.aster.fakes import ETH
from tests.desk.adapters.venues.aster.simulated import KEY, START, Place, entry, exit_
from tests.fakes import FakeLog

PAIR = {"sd-1-s", "sd-1-t"}


@pytest.fixture
def trading(place: Place) -> ProtectedTrading:
    return ProtectedTrading(place.venue.trading)


def errors(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


async def look(trading: ProtectedTrading) -> set[str]:
    """Look as a snapshot does, and return the ids of open orders."""
    _, orders = await asyncio.gather(trading.positions(), trading.open_orders())
    return {order.client_order_id for order in orders}


async def lose_replies(place: Place, *, skip: int = 0, times: int = 1) -> None:
    await place.fault("close", place="after", method="POST", path="/order$", skip=skip, times=times)


async def test_an_entry_that_filled_has_a_stop_and_a_target_over_what_was_filled(place, trading):
    await place.say("/depths", instrument=entry().instrument, depth="0.004")
    order = await trading.submit(entry())
    assert order.filled_quantity == Decimal("0.004")
    working = {one.client_order_id: one for one in await place.venue.trading.open_orders()}
    assert set(working) == PAIR
    assert {(one.side, one.quantity, one.reduce_only) for one in working.values()} == {
        (Side.SELL, Decimal("0.004"), True)
    }
    assert [working[name].price for name in sorted(PAIR)] == [Decimal(59_000), Decimal(62_000)]


async def test_an_order_without_barriers_is_followed_by_nothing(place, trading):
    await look(trading)
    place.recording.calls.clear()
    await trading.submit(entry(barriers=Barriers()))
    assert [call for call in place.recording.calls if call.startswith("POST")] == ["POST order"]
    assert await place.working() == set()


async def test_an_entry_that_is_refused_is_followed_by_nothing(place, trading):
    with pytest.raises(OrderRefused):
        await trading.submit(entry(quantity=Decimal(100)))
    assert await place.working() == set()
    place.recording.calls.clear()
    await trading.positions()
    assert place.recording.calls == ["GET positionRisk"]


async def test_an_entry_whose_reply_was_lost_is_protected_when_it_is_found(place, trading):
    await lose_replies(place)
    log = FakeLog()
    [order] = await place_orders([entry()], OrderDesk(trading, log, Lease("sample", "test", 1)))
    assert order.state is OrderState.FILLED
    assert await place.working() == PAIR
    assert len((await place.truth())["orders"]) == 3


async def test_an_entry_that_is_found_twice_is_protected_once(place, trading):
    await lose_replies(place)
    with pytest.raises(OutcomeUnknown):
        await trading.submit(entry())
    await trading.find_order("sd-1")
    await trading.find_order("sd-1")
    assert len((await place.truth())["orders"]) == 3


async def test_an_entry_that_nobody_asks_for_is_protected_at_the_next_look(place, trading):
    await lose_replies(place)
    with pytest.raises(OutcomeUnknown):
        await trading.submit(entry())
    await trading.positions()
    assert await place.working() == PAIR


async def test_an_entry_that_never_arrived_is_forgotten(place, trading):
    await place.fault("close", place="before", method="POST", path="/order$")
    with pytest.raises(OutcomeUnknown):
        await trading.submit(entry())
    assert await trading.find_order("sd-1") is None
    place.recording.calls.clear()
    await trading.positions()
    assert place.recording.calls == ["GET positionRisk"]


async def test_an_entry_that_cannot_be_asked_for_is_told_and_does_not_hide_the_positions(place, trading, caplog):
    await lose_replies(place)
    with pytest.raises(OutcomeUnknown):
        await trading.submit(entry())
    await place.fault("status", place="before", method="GET", path="/openOrders", times=0)
    assert len(await trading.positions()) == 1
    assert "has no stop if it has filled" in caplog.text


async def test_an_entry_that_rests_is_protected_when_it_has_filled(place, trading):
    limit = entry(type=OrderType.LIMIT, price=Decimal(59_500), time_in_force=TimeInForce.GTC)
    assert (await trading.submit(limit)).state is OrderState.ACKED
    assert await place.working() == {"sd-1"}
    await place.price("59499", "59500")
    await trading.positions()
    assert await place.working() == PAIR


async def test_an_entry_that_is_cancelled_after_a_part_is_protected_over_the_part(place, trading):
    limit = entry(type=OrderType.LIMIT, price=Decimal(59_500), time_in_force=TimeInForce.GTC)
    await trading.submit(limit)
    await place.say("/depths", instrument=limit.instrument, depth="0.003")
    await place.price("59499", "59500")
    assert (await trading.cancel("sd-1")).state is OrderState.CANCELLED
    assert {one.quantity for one in await place.venue.trading.open_orders()} == {Decimal("0.003")}


@pytest.mark.parametrize(("skip", "times"), [(1, 1), (2, 1), (0, 3)], ids=["the stop", "the target", "every order"])
async def test_a_stop_or_target_whose_reply_was_lost_is_found_and_not_sent_again(place, trading, caplog, skip, times):
    await lose_replies(place, skip=skip, times=times)
    log = FakeLog()
    await place_orders([entry()], OrderDesk(trading, log, Lease("sample", "test", 1)))
    assert await place.working() == PAIR
    assert len((await place.truth())["orders"]) == 3
    assert errors(caplog) == []


async def test_a_stop_that_never_arrived_is_sent_again(place, trading, caplog):
    await place.fault("close", place="before", method="POST", path="/order$", skip=1)
    assert (await trading.submit(entry())).state is OrderState.FILLED
    assert await place.working() == PAIR
    assert place.recording.calls.count("POST order") == 4
    assert errors(caplog) == []


async def test_a_stop_that_cannot_be_asked_for_is_told_as_missing(place, trading, caplog):
    await place.fault("close", place="before", method="POST", path="/order$", skip=1)
    await place.fault("status", place="before", method="GET", path="/openOrders.*symbol", times=0)
    assert (await trading.submit(entry())).state is OrderState.FILLED
    assert await place.working() == {"sd-1-t"}
    [told] = errors(caplog)
    assert "(buy 0.01 BTC/USDT:USDT) has no stop at the venue" in told


async def test_a_stop_that_is_refused_is_told_with_the_size_and_the_entry_stays_filled(place, trading, caplog):
    beyond = Barriers(stop=Decimal(60_500), target=Decimal(62_000))
    order = await trading.submit(entry(barriers=beyond))
    assert (order.state, order.filled_quantity) == (OrderState.FILLED, Decimal("0.010"))
    assert await place.working() == {"sd-1-t"}
    [told] = errors(caplog)
    assert "the position of sample (buy 0.01 BTC/USDT:USDT) has no stop at the venue" in told
    assert "-2021" in told


async def test_an_exit_leaves_no_orders(place, trading):
    await trading.submit(entry())
    await look(trading)
    assert (await trading.submit(exit_())).state is OrderState.FILLED
    assert await place.working() == set()


async def test_an_exit_of_a_part_leaves_the_protection_of_the_rest(place, trading):
    await trading.submit(entry())
    await trading.submit(exit_(quantity=Decimal("0.004")))
    assert await place.working() == PAIR


async def test_an_order_that_closes_without_saying_so_leaves_no_orders(place, trading):
    await trading.submit(entry())
    await trading.submit(exit_(reduce_only=False))
    assert await place.working() == set()


async def test_a_position_that_is_turned_has_the_protection_of_its_new_side_alone(place, trading):
    await trading.submit(entry())
    turned = Barriers(stop=Decimal(61_000), target=Decimal(58_000))
    await trading.submit(exit_(quantity=Decimal("0.020"), reduce_only=False, barriers=turned))
    assert await place.working() == {"sd-2-s", "sd-2-t"}


async def test_when_the_target_has_filled_the_stop_is_cancelled_at_the_next_look(place, trading):
    await trading.submit(entry())
    assert await look(trading) == PAIR
    await place.price("62000", "62001")
    assert await place.working() == {"sd-1-s"}
    await look(trading)
    assert await place.working() == set()
    assert await look(trading) == set()


async def test_when_the_stop_has_filled_no_target_is_left_after_the_next_look(place, trading):
    await trading.submit(entry())
    await place.venue.trading.cancel("sd-1-t")
    # Placed before the stop, it is still there when that has filled.
    await trading.submit(exit_("sd-9-t", type=OrderType.LIMIT, price=Decimal(62_000), time_in_force=TimeInForce.GTC))
    await place.venue.trading.cancel("sd-1-s")
    await place.venue.trading.protect(entry(barriers=Barriers(stop=Decimal(59_000))), Decimal("0.010"))
    await place.price("58990", "58991")
    assert await place.working() == {"sd-9-t"}
    await look(trading)
    assert await place.working() == set()


async def test_what_is_left_over_is_cancelled_before_the_next_entry(place, trading):
    await trading.submit(entry())
    await place.price("62000", "62001")
    assert await place.working() == {"sd-1-s"}
    fresh = ProtectedTrading(place.venue.trading)
    low = Barriers(stop=Decimal(61_000), target=Decimal(63_000))
    await fresh.submit(entry("sd-3", barriers=low))
    assert await place.working() == {"sd-3-s", "sd-3-t"}


async def test_the_protection_of_another_instrument_is_left_alone(place, trading):
    await place.price("3000", "3001", ETH)
    other = {"instrument": ETH, "barriers": Barriers(stop=Decimal(2_900)), "quantity": Decimal("0.1")}
    await trading.submit(entry("sd-5", **other))
    await trading.submit(entry())
    await trading.submit(exit_())
    assert await place.working() == {"sd-5-s"}


async def test_orders_of_somebody_else_are_left_alone(place, trading):
    mine = {"type": OrderType.LIMIT, "time_in_force": TimeInForce.GTC}
    bare = place.venue.trading
    await bare.submit(entry())
    await bare.submit(exit_("by-hand", price=Decimal(63_000), **mine))
    await bare.submit(entry("enter-s", price=Decimal(50_000), barriers=Barriers(), **mine))
    await bare.protect(entry(), Decimal("0.010"))
    await place.price("62000", "62001")
    assert await place.working() == {"by-hand", "enter-s", "sd-1-s"}
    assert await look(trading) == {"by-hand", "enter-s"}


async def empty_positions(place: Place) -> None:
    await place.fault("empty", place="read", method="GET", path="/positionRisk", times=0)


async def test_no_number_of_empty_answers_cancels_the_stop_of_a_position_that_no_fill_has_closed(
    place, trading, caplog
):
    await trading.submit(entry())
    await empty_positions(place)
    for _ in range(3):
        assert await look(trading) == PAIR
    assert await place.working() == PAIR
    assert "no fill has closed" in caplog.text


async def test_a_position_of_which_a_part_was_sold_keeps_its_stop_through_empty_answers(place, trading):
    await trading.submit(entry())
    await empty_positions(place)
    await trading.submit(exit_(quantity=Decimal("0.009")))
    await look(trading)
    assert await place.working() == PAIR


async def test_a_process_that_knows_nothing_cancels_no_stop_for_an_empty_answer(place, trading):
    await trading.submit(entry())
    await empty_positions(place)
    fresh = ProtectedTrading(place.venue.trading)
    await look(fresh)
    await fresh.submit(entry("sd-3", barriers=Barriers()))
    assert await place.working() == PAIR


async def test_fills_that_cannot_be_read_leave_the_stop_where_it_is(place, trading, caplog):
    await trading.submit(entry())
    await trading.positions()
    await place.fault("status", place="before", method="GET", path="/userTrades", times=0)
    await place.price("62000", "62001")
    await look(trading)
    assert await place.working() == {"sd-1-s"}
    assert "may be left over" in caplog.text


class Scarce:
    """A meter that lets only urgent orders pass once an entry has left."""

    def __init__(self) -> None:
        self.orders: list[bool] = []

    async def admit(self, endpoint: str) -> None:
        if endpoint.startswith("POST"):
            self.orders.append(is_urgent())
            if len(self.orders) > 1 and not is_urgent():
                raise RateLimited("aster", endpoint, "BUDGET_EMPTY", "used up", retry_after=timedelta(minutes=5))

    def count(self, endpoint: str, status: int | None) -> None:
        """Nothing is counted here."""

    async def pause(self, endpoint: str, status: int, length: timedelta, why: str) -> None:
        """Nothing is to be remembered here."""


async def test_a_stop_and_a_target_may_use_what_the_budget_keeps_for_urgent_calls(place):
    meter = Scarce()
    venue = place.open(meter=meter)
    await ProtectedTrading(venue.trading).submit(entry())
    await venue.session.close()
    assert await place.working() == PAIR
    assert meter.orders == [False, True, True]


async def test_an_entry_that_is_asked_for_because_it_may_have_no_stop_is_urgent(place):
    asked: list[bool] = []

    class Bare:
        def __init__(self, trading):
            self._trading = trading

        def __getattr__(self, name):
            return getattr(self._trading, name)

        async def find_order(self, client_order_id):
            asked.append(is_urgent())
            return await self._trading.find_order(client_order_id)

    trading = ProtectedTrading(Bare(place.venue.trading))
    await lose_replies(place)
    with pytest.raises(OutcomeUnknown):
        await trading.submit(entry())
    await trading.positions()
    assert asked == [True]
    assert await place.working() == PAIR


async def test_a_cancellation_that_fails_is_told_and_tried_again_and_hides_nothing(place, trading, caplog):
    await trading.submit(entry())
    await place.fault("status", place="before", method="DELETE", times=2)
    assert (await trading.submit(exit_())).state is OrderState.FILLED
    assert await place.working() == PAIR
    assert len(errors(caplog)) == 2
    assert "the stop sd-1-s is left over" in errors(caplog)[0]
    assert await look(trading) == set()
    assert await place.working() == set()


async def test_a_ledger_that_cannot_be_asked_for_what_is_left_over_hides_nothing(place, trading, caplog):
    async def busy(_client_order_id):
        raise LedgerError("the database is busy")

    await trading.submit(entry())
    await trading.positions()
    await place.price("62000", "62001")
    later = place.open(recall=busy)
    order = await ProtectedTrading(later.trading).submit(entry("sd-3", barriers=Barriers()))
    await later.session.close()
    assert order.state is OrderState.FILLED
    assert "the database is busy" in errors(caplog)[0]


async def test_a_look_that_fails_does_not_hide_the_result_of_an_exit(place, trading, caplog):
    await trading.submit(entry())
    await place.fault("status", place="before", method="GET", path="/openOrders", times=0)
    assert (await trading.submit(exit_())).state is OrderState.FILLED
    assert "may be left over" in caplog.text


async def test_a_look_that_fails_does_not_keep_an_entry_from_being_sent(place, trading, caplog):
    await place.fault("status", place="before", method="GET", path="/openOrders", times=9)
    assert (await trading.submit(entry())).state is OrderState.FILLED
    assert "it is not known whether" in caplog.text
    assert await place.working() == PAIR


async def test_a_look_costs_two_calls_while_a_position_is_protected_and_while_there_is_none(place, trading):
    await look(trading)
    for _ in range(2):
        place.recording.calls.clear()
        await look(trading)
        assert sorted(place.recording.calls) == ["GET openOrders", "GET positionRisk"]
        await trading.submit(entry())


async def test_an_entry_is_not_followed_by_a_look(place, trading):
    await look(trading)
    place.recording.calls.clear()
    await trading.submit(entry())
    assert place.recording.calls.count("POST order") == 3
    assert {"GET openOrders", "GET positionRisk"}.isdisjoint(place.recording.calls)


async def test_a_failed_look_fails(place, trading):
    await place.fault("status", place="before", method="GET", path="/positionRisk", times=0)
    with pytest.raises(VenueUnavailable):
        await trading.positions()


async def test_money_is_what_the_account_says(place, trading):
    assert replace(await trading.account(), at=None) == replace(await place.venue.trading.account(), at=None)


async def test_what_a_connection_offers_an_account_protects_its_positions(place):
    written = {"kind": "aster", "environment": "simulator", "url": place.address}
    spec = AsterConnection.model_validate({**written, "secrets": {"api_key": "KEY", "api_secret": "SECRET"}})
    reached = ReachedAster(spec, KEY.model_dump(), Tools(FixedClock(START)))
    account = AccountSpec.model_validate(
        {
            "name": "trader",
            "venue": "aster",
            "mode": Mode.LIVE,
            "feed": "venue",
            "connection": "here",
            "currency": "USDT",
            "instruments": [entry().instrument],
            "strategies": [{"name": "breakout"}],
            "policy": "plain",
            "schedule": {"every": "5m"},
            "late_after": "5m",
        }
    )
    await reached.trading(account).submit(entry())
    await reached.close()
    assert await place.working() == PAIR
