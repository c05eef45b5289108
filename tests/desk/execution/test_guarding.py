"""What the watch does next, from made-up looks; nothing here talks to a venue."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from desk.execution.guarding import naked, watch
from desk.execution.plan import client_order_id
from desk.execution.stops import StopKeeping
from desk.execution.watching import WATCH, Cancel, Place, SetStop, Tell
from desk.model.instrument import Side
from desk.model.orders import Barriers, Order, OrderState, OrderType
from tests.builders import CLOSE, EUR_USD
from tests.desk.execution.looks import (
    AT,
    ENTRY,
    NAME,
    STOP,
    TARGET,
    decided,
    look,
    only,
    order,
    policy,
    position,
)


def test_a_naked_position_gets_a_stop_over_what_is_held():
    intent = only(look()).intent
    assert (intent.type, intent.side, intent.quantity, intent.price) == (OrderType.STOP, Side.SELL, 1000, STOP)
    assert intent.reduce_only
    assert intent.client_order_id == client_order_id("sample", WATCH, NAME, CLOSE, "stop 1")


def test_a_stop_over_all_of_it_leaves_nothing_to_do():
    assert watch(look(orders=(order(),)), policy()) == ()


def test_a_stop_that_the_venue_took_just_now_and_does_not_list_yet_counts():
    assert watch(look(known=decided(orders=(order(at=AT - timedelta(seconds=5)),))), policy()) == ()
    assert isinstance(only(look(known=decided(orders=(order(at=AT - timedelta(minutes=1)),)))), Place)


def test_every_attempt_has_an_id_of_its_own_and_the_same_look_gives_the_same_one():
    refused = order(state=OrderState.REJECTED, at=CLOSE)
    first, again = only(look()), only(look(known=decided(orders=(refused,))))
    assert first.intent.client_order_id != again.intent.client_order_id
    assert again == only(look(known=decided(orders=(refused,))))


def test_only_what_is_missing_is_added_to_a_stop():
    assert only(look(orders=(order(quantity=Decimal(600)),))).intent.quantity == 400


def test_a_rest_that_is_too_small_for_the_venue_is_left_alone():
    known = {NAME: replace(EUR_USD, minimum_quantity=Decimal(100))}
    assert watch(look(orders=(order(quantity=Decimal(950)),), instruments=known), policy()) == ()


def test_too_large_a_stop_is_replaced_before_it_is_taken_away():
    large, exact = order(quantity=Decimal(1500)), order("sd-exact", at=AT)
    assert only(look(orders=(large,))).intent.quantity == 1000
    assert only(look(orders=(large, exact))) == Cancel(large, "another stop covers the position")


def test_where_a_stop_holds_back_what_it_would_sell_the_old_one_goes_first():
    large = order(quantity=Decimal(1500))
    assert isinstance(only(look(orders=(large,)), policy(StopKeeping.HOLDING)), Cancel)


def test_a_stop_that_is_not_ours_protects_and_is_never_cancelled():
    foreign = order("by-hand", quantity=Decimal(1500))
    assert watch(look(orders=(foreign,)), policy()) == ()
    assert watch(look(orders=(foreign,), positions=(), decided={}), policy()) == ()


def test_a_target_that_waits_like_a_stop_does_not_protect():
    target = order(price=TARGET)
    assert naked(look(orders=(target,))) == {NAME}
    assert naked(look(orders=(order(),))) == frozenset()


def test_an_order_that_could_turn_the_position_does_not_protect():
    assert naked(look(orders=(order(reduce_only=False),))) == {NAME}


def test_a_stop_that_hangs_on_the_position_is_set_there_and_only_once():
    assert only(look(), policy(StopKeeping.TRADE)) == SetStop(NAME, STOP, "it has no stop at the venue")
    hanging = position(barriers=Barriers(stop=STOP))
    assert watch(look(positions=(hanging,)), policy(StopKeeping.TRADE)) == ()


def test_a_stop_at_the_venue_that_is_nearer_than_decided_stays():
    hanging = position(barriers=Barriers(stop=Decimal("1.095")))
    assert watch(look(positions=(hanging,)), policy(StopKeeping.TRADE)) == ()


@pytest.mark.parametrize(("seconds", "closes"), [(9, False), (10, True)])
def test_a_position_is_closed_when_no_stop_could_be_placed_in_time(seconds, closes):
    action = only(look(naked_since={NAME: AT - timedelta(seconds=seconds)}))
    assert (action.intent.type is OrderType.MARKET) is closes


@pytest.mark.parametrize(("bid", "closes"), [("1.09001", False), ("1.09", True), ("1.08", True)])
def test_a_naked_position_is_closed_when_the_price_has_reached_its_stop(bid, closes):
    action = only(look(bid=bid))
    assert (action.intent.type is OrderType.MARKET) is closes
    assert action.is_loud is closes


def test_a_short_position_is_closed_at_the_ask():
    short = decided("-1000", barriers=Barriers(stop=Decimal("1.11")))
    seen = look(positions=(position("-1000"),), known=short, bid="1.10999")
    assert (only(seen).intent.type, only(seen).intent.side) == (OrderType.MARKET, Side.BUY)


def test_a_position_with_its_stop_at_the_venue_is_left_to_the_venue():
    assert watch(look(orders=(order(),), bid="1.08"), policy()) == ()


@pytest.mark.parametrize("keeping", StopKeeping)
def test_a_target_that_no_order_waits_for_is_taken_by_the_desk(keeping):
    first = policy(keeping)
    action = watch(look(orders=(order(),), bid="1.12"), first)[-1]
    assert isinstance(action, Place)
    assert action.intent.type is OrderType.MARKET
    resting = order("sd-target", type=OrderType.LIMIT, price=TARGET)
    assert watch(look(orders=(order(), resting), bid="1.12"), policy()) == ()


@pytest.mark.parametrize(("minutes", "closes"), [(11, False), (10, True)])
def test_a_position_ends_when_its_time_is_up(minutes, closes):
    limited = decided(barriers=Barriers(stop=STOP, time_limit=timedelta(minutes=minutes)))
    actions = watch(look(orders=(order(),), known=limited), policy())
    assert bool(actions) is closes


def test_a_time_limit_that_the_venue_keeps_is_left_to_it():
    limit = timedelta(minutes=1)
    kept = position(barriers=Barriers(stop=STOP, time_limit=limit))
    known = decided(barriers=Barriers(stop=STOP, time_limit=limit))
    assert watch(look(positions=(kept,), known=known), policy()) == ()


def test_nothing_is_closed_while_the_market_is_closed():
    assert only(look(bid="1.08", tradable=False)).intent.type is OrderType.STOP
    assert watch(look(bid="1.08", tradable=False), policy(StopKeeping.DESK)) == ()


def test_nothing_is_sent_while_an_order_of_the_instrument_has_no_known_outcome():
    assert watch(look(bid="1.08", orders=(order(),), busy=frozenset({NAME})), policy()) == ()


@pytest.mark.parametrize("keeping", StopKeeping)
def test_of_a_naked_position_that_has_to_wait_for_the_outcome_of_an_order_a_person_is_told(keeping):
    waiting = only(look(bid="1.08", busy=frozenset({NAME})), policy(keeping))
    told = "it has no stop, and nothing is done while the outcome of an order is not known; look at the venue yourself"
    assert waiting == Tell(NAME, told)


def test_nothing_is_closed_twice_while_a_fill_may_be_on_its_way():
    closing = order("sd-close", type=OrderType.MARKET, price=None, at=AT - timedelta(seconds=5))
    actions = watch(look(bid="1.08", known=decided(orders=(closing,))), policy(StopKeeping.DESK))
    assert actions == ()
    late = replace(closing, at=AT - timedelta(minutes=1))
    assert watch(look(bid="1.08", known=decided(orders=(late,))), policy(StopKeeping.DESK)) != ()


def test_where_stops_hold_back_what_they_sell_ours_goes_before_the_position_is_closed():
    limited = decided(barriers=Barriers(stop=STOP, time_limit=timedelta(0)))
    first, second = watch(look(orders=(order(),), known=limited), policy(StopKeeping.HOLDING))
    assert isinstance(first, Cancel)
    assert isinstance(second, Place)


def test_the_desk_keeps_the_stop_itself_where_the_venue_has_none():
    assert watch(look(naked_since={NAME: CLOSE}), policy(StopKeeping.DESK)) == ()
    assert only(look(bid="1.09"), policy(StopKeeping.DESK)).intent.type is OrderType.MARKET


@pytest.mark.parametrize("changes", [{"decided": {}}, {"known": decided("-1000")}])
def test_a_naked_position_that_the_desk_has_not_opened_is_told_and_not_touched(changes):
    assert isinstance(only(look(**changes)), Tell)
    assert watch(look(orders=(order("by-hand"),), **changes), policy()) == ()


def test_a_position_for_which_no_stop_was_decided_is_told():
    assert isinstance(only(look(known=decided(barriers=Barriers()))), Tell)


def test_a_part_is_closed_once_when_the_profit_is_large_enough():
    how = policy(partial_exit_at=Decimal(1), partial_exit_fraction=Decimal("0.333"))
    due, early = look(orders=(order(),), bid="1.11"), look(orders=(order(),), bid="1.10999")
    assert watch(early, how) == ()
    assert only(due, how).intent.quantity == 333
    done = order(only(due, how).intent.client_order_id, type=OrderType.MARKET, state=OrderState.REJECTED)
    assert watch(replace(due, decided={NAME: decided(orders=(done,))}), how) == ()


def test_the_stop_moves_to_the_entry_and_stays_there():
    how = policy(break_even_at=Decimal(1))
    first = only(look(orders=(order(),), bid="1.11"), how)
    assert first.intent.price == ENTRY
    moved = order("sd-moved", price=ENTRY)
    back = look(orders=(order(), moved), bid="1.105", known=decided(orders=(moved,)))
    assert only(back, how) == Cancel(order(), "another stop covers the position")
    assert watch(look(orders=(moved,), bid="1.101", known=decided(orders=(moved,))), how) == ()


@pytest.mark.parametrize(("age", "cancels"), [(299, False), (300, True)])
def test_an_order_that_waits_for_too_long_is_cancelled(age, cancels):
    waiting = order(reduce_only=False, side=Side.BUY, type=OrderType.LIMIT, at=AT - timedelta(seconds=age))
    assert bool(watch(look(positions=(), decided={}, orders=(waiting,)), policy())) is cancels


@pytest.mark.parametrize(("age", "cancels"), [(29, False), (30, True)])
def test_a_stop_whose_position_is_gone_is_cancelled_once_that_is_sure(age, cancels):
    left = order(at=AT - timedelta(seconds=age))
    assert bool(watch(look(positions=(), decided={}, orders=(left,)), policy())) is cancels


def test_a_stop_stays_while_an_order_may_still_open_its_position():
    entry = order("sd-entry", reduce_only=False, side=Side.BUY, at=AT)
    gone = look(positions=(), decided={}, orders=(order(), entry))
    assert watch(gone, policy()) == ()
    assert watch(look(positions=(), decided={}, orders=(order(),), busy=frozenset({NAME})), policy()) == ()


def test_a_stop_stays_while_the_ledger_holds_what_an_empty_answer_of_the_venue_leaves_out():
    assert watch(look(positions=(), orders=(order(),)), policy()) == ()
    dust = decided("0.5")
    assert only(look(positions=(), orders=(order(),), known=dust)) == Cancel(order(), "its position is gone")
    unlisted = look(positions=(), orders=(order(),), instruments={})
    assert watch(unlisted, policy()) == ()


LIMITED = Barriers(stop=STOP, time_limit=timedelta(minutes=5))


@pytest.mark.parametrize("keeping", StopKeeping)
@pytest.mark.parametrize("sign", ["", "-"])
def test_no_more_is_closed_than_the_desk_has_traded(keeping, sign):
    known = decided(f"{sign}100", barriers=replace(LIMITED, stop=None))
    seen = look(positions=(position(f"{sign}1100"),), known=known)
    assert only(seen, policy(keeping)).intent.quantity == 100


def test_a_stop_is_over_what_the_desk_has_traded_and_not_over_what_else_is_there():
    seen = look(positions=(position("1100"),), known=decided("100"))
    assert only(seen).intent.quantity == 100
    small, large = order(quantity=Decimal(100)), order(quantity=Decimal(1100))
    assert watch(replace(seen, orders=(small,)), policy()) == ()
    assert only(replace(seen, orders=(large,))).intent.quantity == 100


def test_no_part_is_closed_of_what_the_desk_has_not_traded():
    held = look(
        positions=(position("1100"),), orders=(order(),), bid="1.11", known=decided("500", entered=Decimal(1000))
    )
    assert watch(held, policy(partial_exit_at=Decimal(1))) == watch(held, policy())


def test_what_the_desk_has_left_and_cannot_sell_is_left_alone_beside_what_somebody_else_holds():
    seen = look(positions=(position("1000"),), bid="1.08", known=decided("0.5"))
    assert watch(seen, policy()) == ()


def test_where_the_venue_holds_less_than_the_desk_has_traded_no_more_is_closed_than_is_there():
    seen = look(positions=(position("900"),), known=decided(barriers=LIMITED))
    assert only(seen).intent.quantity == 900


def closing(state: OrderState, seconds: int, **changes: Any) -> Order:
    return order("sd-close", type=OrderType.MARKET, state=state, at=AT - timedelta(seconds=seconds), **changes)


@pytest.mark.parametrize("state", [OrderState.REJECTED, OrderState.CANCELLED, OrderState.EXPIRED])
def test_a_position_whose_closing_failed_has_its_stop_back_before_it_is_closed_again(state):
    how = policy(StopKeeping.HOLDING)
    known = decided(barriers=LIMITED, orders=(closing(state, 29),))
    assert only(look(known=known), how).intent.type is OrderType.STOP
    assert watch(look(known=known, orders=(order(),)), how) == ()
    again = decided(barriers=LIMITED, orders=(closing(state, 30),))
    assert isinstance(watch(look(known=again, orders=(order(),)), how)[0], Cancel)


def test_a_position_whose_closing_failed_is_closed_at_once_where_no_stop_can_help_it():
    known = decided(barriers=LIMITED, orders=(closing(OrderState.REJECTED, 1),))
    for naked_one in (look(bid="1.08", known=known), look(known=known, naked_since={NAME: CLOSE})):
        assert only(naked_one, policy(StopKeeping.HOLDING)).intent.type is OrderType.MARKET


@pytest.mark.parametrize("keeping", [one for one in StopKeeping if one is not StopKeeping.HOLDING])
def test_a_closing_that_failed_is_tried_at_the_next_look_where_it_takes_no_stop_away(keeping):
    known = decided(barriers=LIMITED, orders=(closing(OrderState.REJECTED, 1),))
    assert watch(look(known=known), policy(keeping))[-1].intent.type is OrderType.MARKET


def test_what_a_thin_market_leaves_of_a_position_has_a_stop_until_the_rest_is_sold():
    known = decided(barriers=LIMITED, orders=(closing(OrderState.EXPIRED, 1, filled_quantity=Decimal(100)),))
    rest = look(positions=(position("900"),), known=known)
    stop, close = watch(rest, policy())
    assert (stop.intent.type, stop.intent.quantity, stop.intent.price) == (OrderType.STOP, 900, STOP)
    assert (close.intent.type, close.intent.quantity) == (OrderType.MARKET, 900)
    assert stop.intent.client_order_id != close.intent.client_order_id
    moved, close = watch(rest, policy(StopKeeping.TRADE))
    assert (moved, close.intent.type) == (SetStop(NAME, STOP, "it has no stop at the venue"), OrderType.MARKET)
    protected = look(positions=(position("900"),), known=known, orders=(order(quantity=Decimal(900)),))
    assert only(protected).intent.type is OrderType.MARKET


def test_a_position_that_was_reduced_long_ago_is_only_sold():
    known = decided(barriers=LIMITED, orders=(closing(OrderState.FILLED, 3600, filled_quantity=Decimal(100)),))
    assert only(look(positions=(position("900"),), known=known)).intent.type is OrderType.MARKET


def test_what_a_thin_market_leaves_beyond_its_stop_is_only_sold():
    known = decided(barriers=LIMITED, orders=(closing(OrderState.EXPIRED, 1, filled_quantity=Decimal(100)),))
    assert only(look(positions=(position("900"),), known=known, bid="1.08")).intent.type is OrderType.MARKET
