"""What becomes known of an order, folded into the order: once per fill, in any order, and no change that cannot be."""

from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.execution.events import (
    Absent,
    Acknowledged,
    Cancelled,
    Change,
    Event,
    Executed,
    Expired,
    Lost,
    Rejected,
    Sending,
    fold,
    fold_all,
)
from desk.execution.lifecycle import IllegalTransition, is_legal
from desk.model.orders import Order, OrderState
from tests.builders import intent
from tests.desk.adapters.ledger.builders import fill
from tests.fakes import order_of

CHANGES = {
    Sending: OrderState.SENDING,
    Lost: OrderState.UNKNOWN,
    Absent: OrderState.PLANNED,
    Rejected: OrderState.REJECTED,
    Cancelled: OrderState.CANCELLED,
    Expired: OrderState.EXPIRED,
}
PLANNED = replace(order_of(intent()), venue_order_id="")


def executed(trade: str, quantity: str, *, after: int = 0) -> Executed:
    return Executed(fill(trade, quantity=quantity, after=after))


def in_state(state: OrderState) -> Order:
    return replace(PLANNED, state=state)


def test_an_order_goes_from_its_plan_to_its_last_fill() -> None:
    events: list[Event] = [Sending(), Acknowledged("V-1"), executed("T1", "40"), executed("T2", "60")]
    states = [fold_all(PLANNED, events[:count]).state for count in range(len(events) + 1)]
    assert states == [
        OrderState.PLANNED,
        OrderState.SENDING,
        OrderState.ACKED,
        OrderState.PARTIAL,
        OrderState.FILLED,
    ]
    order = fold_all(PLANNED, events)
    assert (order.venue_order_id, order.filled_quantity) == ("V-1", Decimal(100))


def test_an_order_that_was_lost_and_never_arrived_may_be_sent_again() -> None:
    order = fold_all(PLANNED, [Sending(), Lost("no answer in 10 s"), Absent("the venue never received it")])
    assert (order.state, order.reason) == (OrderState.PLANNED, "the venue never received it")
    assert fold(order, Sending()).state is OrderState.SENDING


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize("before", OrderState)
def test_a_change_is_made_where_the_table_allows_it_and_refused_elsewhere(
    kind: type[Change], before: OrderState
) -> None:
    if is_legal(before, CHANGES[kind]):
        changed = fold(in_state(before), kind("because"))
        assert (changed.state, changed.reason) == (CHANGES[kind], "because")
        return
    with pytest.raises(IllegalTransition, match=f"order sd-1: expected .* after {before}, found {CHANGES[kind]}"):
        fold(in_state(before), kind("because"))


@pytest.mark.parametrize("before", [state for state in OrderState if not is_legal(state, OrderState.ACKED)])
def test_an_order_that_ended_without_a_fill_is_not_acknowledged_any_more(before: OrderState) -> None:
    with pytest.raises(IllegalTransition, match="order sd-1: expected"):
        fold(in_state(before), Acknowledged("V-1"))


@pytest.mark.parametrize("quantity", ["40", "100"])
def test_an_acknowledgement_that_its_fills_have_overtaken_brings_the_name_alone(quantity: str) -> None:
    filled = fold_all(PLANNED, [Sending(), executed("T1", quantity)])
    assert fold(filled, Acknowledged("V-1")) == replace(filled, venue_order_id="V-1")


def test_a_fill_counts_once_however_often_it_is_told() -> None:
    once = fold_all(PLANNED, [Sending(), executed("T1", "40")])
    assert fold(once, executed("T1", "40")) == once


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_in_which_fills_arrive_makes_no_difference(order: tuple[int, ...]) -> None:
    fills = [executed("T9", "20"), executed("T10", "30"), executed("T1", "50", after=1)]
    folded = fold_all(in_state(OrderState.SENDING), [fills[index] for index in order])
    assert [known.venue_trade_id for known in folded.fills] == ["T9", "T10", "T1"]
    assert (folded.state, folded.filled_quantity) == (OrderState.FILLED, Decimal(100))


@pytest.mark.parametrize("end", [Cancelled("by hand"), Expired("its time is over"), Rejected("no")])
def test_a_fill_after_the_end_counts_and_all_of_them_make_it_filled(end: Change) -> None:
    ended = fold_all(PLANNED, [Sending(), end])
    part = fold(ended, executed("T1", "40"))
    assert (part.state, part.reason, part.filled_quantity) == (end.state, end.reason, Decimal(40))
    assert fold(part, executed("T2", "60")).state is OrderState.FILLED


def test_what_the_venue_said_of_the_whole_order_is_not_taken_back_by_fills_that_come_later() -> None:
    said = replace(in_state(OrderState.PARTIAL), filled_quantity=Decimal(70))
    told = fold(said, executed("T1", "70"))
    assert (told.state, told.filled_quantity) == (OrderState.PARTIAL, Decimal(70))
    assert [known.venue_trade_id for known in told.fills] == ["T1"]
    assert fold(told, executed("T2", "30")).state is OrderState.FILLED


def test_more_than_was_asked_is_counted_in_full() -> None:
    order = fold(in_state(OrderState.ACKED), executed("T1", "101"))
    assert (order.state, order.filled_quantity) == (OrderState.FILLED, Decimal(101))


EVENTS = st.one_of(
    st.sampled_from([kind("because") for kind in CHANGES]),
    st.just(Acknowledged("V-1")),
    st.integers(1, 5).map(lambda number: executed(f"T{number}", f"{10 * number}")),
)


@given(events=st.lists(EVENTS, max_size=12))
def test_whatever_is_told_an_order_loses_no_fill_and_never_comes_back_from_its_end(events: list[Event]) -> None:
    order, told = PLANNED, {}
    for event in events:
        try:
            after = fold(order, event)
        except IllegalTransition:
            continue
        if isinstance(event, Executed):
            told[event.fill.venue_trade_id] = event.fill.quantity
        assert after.filled_quantity == sum(told.values(), Decimal(0))
        if order.state.is_final:
            assert after.state in (order.state, OrderState.FILLED)
        order = after
