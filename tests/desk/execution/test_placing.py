"""Placing: once per intent, whatever dies between two writes."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.errors import (
    AccessDenied,
    InsufficientFunds,
    LeaseLost,
    LedgerError,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    VenueUnavailable,
)
from desk.execution.placing import (
    OrderDesk,
    abandon_orders,
    give_up,
    place_orders,
    resolve_current,
    resolve_orders,
)
from desk.model.orders import OrderState
from desk.ports import Lease
from tests.builders import intent
from tests.fakes import FakeLog, FakeVenue, order_of

LEASE = Lease("sample", "run-1", 1)


def lost(_intent):
    raise OutcomeUnknown("fake", "submit", message="no answer in 10 s")


def killed(_intent):
    raise KeyboardInterrupt("kill -9")


def desk(venue=None, log=None, lease=LEASE):
    return OrderDesk(venue or FakeVenue(), log or FakeLog(), lease)


async def test_an_order_is_written_down_before_it_is_sent_and_its_outcome_after():
    venue, log = FakeVenue(), FakeLog()
    seen_at_venue = []
    venue.before = lambda order: seen_at_venue.append(log.orders[order.client_order_id].state)
    (order,) = await place_orders([intent()], desk(venue, log))
    assert seen_at_venue == [OrderState.SENDING]
    assert [state for _, state in log.events] == [OrderState.PLANNED, OrderState.SENDING, OrderState.FILLED]
    assert order.state is OrderState.FILLED


async def test_placing_the_same_intents_again_sends_nothing():
    order_desk = desk()
    first = await place_orders([intent("a"), intent("b")], order_desk)
    again = await place_orders([intent("a"), intent("b")], order_desk)
    assert first == again
    assert Counter(sent.client_order_id for sent in order_desk.trading.accepted) == {"a": 1, "b": 1}


async def test_a_lost_reply_is_resolved_by_asking_and_the_order_is_adopted():
    order_desk = desk()
    order_desk.trading.after = lost
    (order,) = await place_orders([intent()], order_desk)
    assert order.state is OrderState.FILLED
    assert len(order_desk.trading.accepted) == 1


async def test_an_order_that_is_known_by_its_fills_alone_is_asked_for():
    order_desk = desk()
    (sent,) = await place_orders([intent()], order_desk)
    order_desk.log.orders[sent.client_order_id] = replace(sent, venue_order_id="")

    (unanswered,) = await _place_unanswered(order_desk)
    (adopted,) = await place_orders([intent()], order_desk)

    assert unanswered.state is OrderState.FILLED
    assert adopted == order_desk.log.orders[sent.client_order_id] == sent
    assert len(order_desk.trading.accepted) == 1


async def _place_unanswered(order_desk):
    order_desk.trading.find_fails = VenueUnavailable("fake", "find order", message="maintenance")
    try:
        return await place_orders([intent()], order_desk)
    finally:
        order_desk.trading.find_fails = None


async def test_a_lost_request_is_given_up_and_not_sent_again_in_the_same_run():
    order_desk = desk()
    order_desk.trading.before = lost
    (order,) = await place_orders([intent()], order_desk)
    assert order.state is OrderState.CANCELLED
    assert order_desk.trading.accepted == []


async def test_without_a_definite_answer_the_order_stays_unknown_and_is_not_sent_again():
    order_desk = desk()
    order_desk.trading.after = lost
    order_desk.trading.find_fails = VenueUnavailable("fake", "order by client id")
    for _ in range(3):
        (order,) = await place_orders([intent()], order_desk)
        assert order.state is OrderState.UNKNOWN
    assert len(order_desk.trading.accepted) == 1


async def test_a_definite_refusal_is_final():
    order_desk = desk()

    def refuse(_intent):
        raise InsufficientFunds("fake", "submit", "MARGIN", "not enough margin")

    order_desk.trading.before = refuse
    for _ in range(2):
        (order,) = await place_orders([intent()], order_desk)
    assert order.state is OrderState.REJECTED
    assert "MARGIN" in order.reason
    assert [state for _, state in order_desk.log.events].count(OrderState.SENDING) == 1


async def test_an_order_that_was_one_call_too_many_is_refused_without_asking_for_it():
    order_desk = desk()

    def limited(_intent):
        raise RateLimited("fake", "submit", "429", "too many requests", retry_after=timedelta(minutes=10))

    order_desk.trading.before = limited
    order_desk.trading.find_fails = AssertionError("there is nothing to ask for")
    (order,) = await place_orders([intent()], order_desk)
    assert order.state is OrderState.REJECTED
    assert "too many requests" in order.reason
    assert order_desk.trading.accepted == []


def leaving_after(tries):
    """Let an order leave after so many tries that definitely did not."""
    left = iter(range(tries))

    def stay(_intent):
        if next(left, None) is not None:
            raise NotSent("fake", "submit", "429", "its stop is gone, and it did not leave")

    return stay


async def test_an_order_that_closes_a_position_without_a_stop_is_sent_again_at_once_under_the_same_id():
    order_desk = desk()
    order_desk.trading.before = leaving_after(2)
    (order,) = await place_orders([intent()], order_desk)
    assert order.state is OrderState.FILLED
    assert [one.client_order_id for one in order_desk.trading.accepted] == ["sd-1"]
    states = [state for _, state in order_desk.log.events]
    again = [OrderState.PLANNED, OrderState.SENDING]
    assert states == [*again, *again, *again, OrderState.FILLED]


async def test_an_order_that_does_not_leave_is_refused_in_the_end_with_the_words_of_why():
    order_desk = desk()
    order_desk.trading.before = leaving_after(3)
    (order,) = await place_orders([intent()], order_desk)
    assert (order.state, order_desk.log.orders["sd-1"].state) == (OrderState.REJECTED, OrderState.REJECTED)
    assert "its stop is gone" in order.reason
    assert order_desk.trading.accepted == []


async def test_denied_access_is_recorded_and_raised():
    order_desk = desk()

    def deny(_intent):
        raise AccessDenied("fake", "submit", "401", "unknown key")

    order_desk.trading.before = deny
    with pytest.raises(AccessDenied):
        await place_orders([intent()], order_desk)
    assert order_desk.log.orders["sd-1"].state is OrderState.REJECTED


async def test_a_bug_in_reading_the_reply_leaves_the_order_unknown_and_is_not_hidden():
    order_desk = desk()

    def broken(_intent):
        raise KeyError("orderFillTransaction")

    order_desk.trading.after = broken
    with pytest.raises(KeyError):
        await place_orders([intent()], order_desk)
    assert order_desk.log.orders["sd-1"].state is OrderState.UNKNOWN
    (order,) = await place_orders([intent()], order_desk)
    assert order.state is OrderState.FILLED
    assert len(order_desk.trading.accepted) == 1


class Failing(FakeLog):
    """A ledger that cannot write that an order is about to leave, after so many times."""

    def __init__(self, after):
        super().__init__()
        self.left = after

    async def start_sending(self, client_order_id, lease):
        self.left -= 1
        if self.left < 0:
            raise LedgerError("the disk is full")
        return await super().start_sending(client_order_id, lease)


@pytest.mark.parametrize("sent_before", [0, 1, 2])
async def test_an_order_that_the_ledger_kept_from_leaving_stays_planned_and_is_not_unknown(sent_before):
    order_desk = desk(log=Failing(sent_before))
    order_desk.trading.before = leaving_after(9)
    with pytest.raises(LedgerError, match="disk is full"):
        await place_orders([intent()], order_desk)
    assert order_desk.log.orders["sd-1"].state is OrderState.PLANNED
    order_desk.log.left, order_desk.trading.before = 1, lambda _intent: None
    (order,) = await place_orders([intent()], order_desk)
    assert (order.state, len(order_desk.trading.accepted)) == (OrderState.FILLED, 1)


async def test_a_holder_that_was_replaced_sends_nothing():
    order_desk = desk()
    order_desk.log.newest_token = 2
    with pytest.raises(LeaseLost):
        await place_orders([intent()], order_desk)
    assert order_desk.trading.accepted == []


KILLS = ("writing planned", "writing sending", "before the venue", "after the venue", "writing filled", "nowhere")


def arm(kill, order_desk):
    order_desk.log.fail_on = OrderState(kill.removeprefix("writing ")) if kill.startswith("writing") else None
    order_desk.trading.before = killed if kill == "before the venue" else lambda _intent: None
    order_desk.trading.after = killed if kill == "after the venue" else lambda _intent: None


@given(kills=st.lists(st.sampled_from(KILLS), max_size=6))
async def test_whatever_is_killed_and_how_often_the_end_is_one_order_per_intent(kills):
    order_desk = desk()
    for kill in kills:
        arm(kill, order_desk)
        try:
            await place_orders([intent("a"), intent("b")], order_desk)
        except KeyboardInterrupt:
            continue
    arm("nowhere", order_desk)
    orders = await place_orders([intent("a"), intent("b")], order_desk)
    assert [order.state for order in orders] == [OrderState.FILLED, OrderState.FILLED]
    assert Counter(sent.client_order_id for sent in order_desk.trading.accepted) == {"a": 1, "b": 1}


async def test_the_check_above_notices_when_ids_are_not_a_function_of_the_decision():
    order_desk = desk()
    for attempt in range(2):
        await place_orders([replace(intent(), client_order_id=f"random-{attempt}")], order_desk)
    assert Counter(sent.instrument for sent in order_desk.trading.accepted) == {"EUR/USD": 2}


async def test_an_old_order_that_never_arrived_is_given_up_and_one_that_did_is_adopted():
    order_desk = desk()
    arrived, vanished = intent("arrived"), intent("vanished")
    await order_desk.trading.submit(arrived)
    for old in (arrived, vanished):
        order_desk.log.orders[old.client_order_id] = order_of(old, OrderState.SENDING)
    settled = await resolve_orders(list(order_desk.log.orders.values()), order_desk)
    assert [order.state for order in settled] == [OrderState.FILLED, OrderState.CANCELLED]


@pytest.mark.parametrize("state", [OrderState.SENDING, OrderState.UNKNOWN])
async def test_of_a_cycle_that_is_not_over_an_entry_that_never_arrived_may_still_be_sent_and_an_exit_is_given_up(state):
    order_desk = desk()
    entry, leaving, arrived = intent("entry"), replace(intent("exit"), reduce_only=True), intent("arrived")
    await order_desk.trading.submit(arrived)
    for one in (entry, leaving, arrived):
        known = replace(order_of(one, state), reduce_only=one.reduce_only)
        order_desk.log.orders[one.client_order_id] = known
    settled = await resolve_current(list(order_desk.log.orders.values()), order_desk)
    assert [order.state for order in settled] == [OrderState.PLANNED, OrderState.CANCELLED, OrderState.FILLED]
    assert {order.reason for order in settled[:2]} == {"the venue never received it"}


async def test_orders_of_a_candle_that_is_too_old_are_given_up_unless_they_were_sent():
    order_desk = desk()
    sent, planned = intent("sent"), intent("planned")
    await order_desk.trading.submit(sent)
    order_desk.log.orders["sent"] = order_of(sent, OrderState.SENDING)
    orders = await give_up([sent, planned], order_desk, "the candle closed an hour ago")
    assert [order.state for order in orders] == [OrderState.FILLED, OrderState.CANCELLED]
    assert len(order_desk.trading.accepted) == 1


async def test_a_holder_that_was_replaced_concludes_nothing_from_absence():
    order_desk = desk()
    order_desk.log.orders["sd-1"] = order_of(intent(), OrderState.SENDING)
    order_desk.log.newest_token = 2
    with pytest.raises(LeaseLost):
        await place_orders([intent()], order_desk)
    assert order_desk.log.orders["sd-1"].state is OrderState.SENDING


async def test_an_order_that_a_halt_refused_is_returned_as_the_log_has_it():
    order_desk = desk()

    async def refuse(client_order_id, lease):
        await order_desk.log.record_outcome(client_order_id, OrderState.CANCELLED, detail="halted")
        return False

    order_desk.log.start_sending = refuse
    (order,) = await place_orders([intent()], order_desk)
    assert (order.state, order.reason) == (OrderState.CANCELLED, "halted")


def reasons(order_desk):
    return {name: (order.state, order.reason) for name, order in order_desk.log.orders.items()}


async def test_what_is_given_up_says_why_and_what_was_never_received_says_so():
    order_desk = desk()
    for name, state in (("sent", OrderState.SENDING), ("lost", OrderState.UNKNOWN)):
        order_desk.log.orders[name] = order_of(intent(name), state)
    orders = await give_up([intent("sent"), intent("planned")], order_desk, "an hour ago")
    settled = await resolve_orders([order_desk.log.orders["lost"]], order_desk)
    never = (OrderState.CANCELLED, "the venue never received it")
    expected = {"sent": never, "lost": never, "planned": (OrderState.CANCELLED, "an hour ago")}
    assert reasons(order_desk) == expected
    told = {order.client_order_id: (order.state, order.reason) for order in (*orders, *settled)}
    assert told == expected


async def test_orders_that_were_never_sent_are_abandoned_with_a_reason():
    order_desk = desk()
    stored = [order_of(intent(name)) for name in "ab"]
    order_desk.log.orders = {order.client_order_id: order for order in stored}
    abandoned = await abandon_orders(stored, order_desk, "its run ended")
    assert reasons(order_desk) == dict.fromkeys("ab", (OrderState.CANCELLED, "its run ended"))
    assert list(abandoned) == list(order_desk.log.orders.values())


async def test_a_holder_that_was_replaced_abandons_nothing():
    order_desk = desk()
    order_desk.log.orders["sd-1"] = order_of(intent())
    order_desk.log.newest_token = 2
    with pytest.raises(LeaseLost):
        await abandon_orders([order_desk.log.orders["sd-1"]], order_desk, "its run ended")
    assert order_desk.log.orders["sd-1"].state is OrderState.PLANNED


@pytest.mark.parametrize("place", [place_orders, lambda intents, order_desk: give_up(intents, order_desk, "late")])
async def test_an_order_without_a_fill_or_with_its_name_is_not_asked_for_again(place):
    order_desk = desk()
    order_desk.trading.find_fails = AssertionError("there is nothing to ask for")
    named = order_of(intent("named"), OrderState.FILLED, "100")
    ended = replace(order_of(intent("ended"), OrderState.CANCELLED), venue_order_id="")
    order_desk.log.orders = {"named": named, "ended": ended}
    assert await place([intent("named"), intent("ended")], order_desk) == (named, ended)


async def test_giving_up_finds_the_name_of_an_order_that_is_known_by_its_fills():
    order_desk = desk()
    (sent,) = await place_orders([intent()], order_desk)
    order_desk.log.orders["sd-1"] = replace(sent, venue_order_id="")
    assert await give_up([intent()], order_desk, "late") == (sent,)
    assert order_desk.log.orders["sd-1"] == sent


async def test_each_outcome_is_written_down_with_the_words_of_the_venue():
    order_desk = desk()
    order_desk.trading.after, order_desk.trading.find_fails = lost, VenueUnavailable("fake", "find order", "503")
    await place_orders([intent()], order_desk)
    (state, reason) = reasons(order_desk)["sd-1"]
    assert (state, reason) == (OrderState.UNKNOWN, "asked, no answer: fake: find order failed [503]: no answer")
    assert [event for _, event in order_desk.log.events].count(OrderState.UNKNOWN) == 2


async def test_a_reply_that_cannot_be_read_is_named():
    order_desk = desk()
    order_desk.trading.after = lambda _intent: int("no number")
    with pytest.raises(ValueError, match="no number"):
        await place_orders([intent()], order_desk)
    state, reason = reasons(order_desk)["sd-1"]
    assert state is OrderState.UNKNOWN
    assert reason.startswith("ValueError: invalid literal")


async def test_a_denied_key_is_written_down_in_the_words_of_the_venue():
    order_desk = desk()

    def deny(_intent):
        raise AccessDenied("fake", "submit", "401", "unknown key")

    order_desk.trading.before = deny
    with pytest.raises(AccessDenied):
        await place_orders([intent()], order_desk)
    assert reasons(order_desk)["sd-1"] == (OrderState.REJECTED, "fake: submit failed [401]: unknown key")


async def test_an_order_is_recorded_as_one_of_its_account():
    order_desk = desk()
    accounts, record = [], order_desk.log.record_order

    async def remember(account, order, *, detail=""):
        accounts.append(account)
        await record(account, order, detail=detail)

    order_desk.log.record_order = remember
    order_desk.trading.after = lost
    await place_orders([intent("asked")], order_desk)
    order_desk.trading.after = lambda _intent: None
    await place_orders([intent("answered")], order_desk)
    order_desk.log.orders["answered"] = replace(order_desk.log.orders["answered"], venue_order_id="")
    await place_orders([intent("answered")], order_desk)
    assert accounts == ["sample"] * 3
