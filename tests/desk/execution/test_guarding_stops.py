"""How the watch brings the stops at a venue to where they belong, one step at a look, with the words that it says."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.execution.guarding import naked, watch
from desk.execution.plan import client_order_id
from desk.execution.stops import StopKeeping
from desk.execution.watching import WATCH, Cancel, Place, SetStop, Tell, WatchPolicy
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderIntent, OrderState, OrderType, TimeInForce
from tests.builders import CLOSE, EUR_USD
from tests.desk.execution.looks import AT, ENTRY, NAME, STOP, TARGET, decided, look, only, order, policy, position

ORDER, HOLDING, TRADE = StopKeeping.ORDER, StopKeeping.HOLDING, StopKeeping.TRADE
BY_HAND = "by-hand"


def stop(quantity: object = 1000, name: str = "sd-stop", *, price: object = STOP, **changes):
    return order(name, quantity=Decimal(str(quantity)), price=Decimal(str(price)), **changes)


def intended(quantity: object, *, price: object = STOP, leg: str = "stop 1") -> OrderIntent:
    return OrderIntent(
        client_order_id=client_order_id("sample", WATCH, NAME, CLOSE, leg),
        account="sample",
        strategy=WATCH,
        instrument=NAME,
        candle_close=CLOSE,
        side=Side.SELL,
        type=OrderType.STOP,
        quantity=Decimal(str(quantity)),
        price=Decimal(str(price)),
        time_in_force=TimeInForce.GTC,
        reduce_only=True,
    )


# Orders beside the position


def test_a_stop_works_until_it_is_cancelled_and_can_only_reduce():
    assert only(look()) == Place(intended(1000), "it has no stop at the venue")


def test_what_a_stop_leaves_open_is_covered_to_the_last_lot():
    told = "its stops do not cover it at this price"
    assert only(look(orders=(stop(999),))) == Place(intended(1), told)
    assert watch(look(orders=(stop("999.5"),)), policy()) == ()


@pytest.mark.parametrize(("missing", "waits"), [(99, True), (100, False)])
def test_a_rest_that_the_venue_takes_is_covered_and_a_smaller_one_waits(missing, waits):
    known = {NAME: replace(EUR_USD, minimum_quantity=Decimal(100))}
    assert (watch(look(orders=(stop(1000 - missing),), instruments=known), policy()) == ()) is waits


@pytest.mark.parametrize(
    ("state", "seconds", "waits"),
    [
        (OrderState.REJECTED, 29, True),
        (OrderState.REJECTED, 30, False),
        (OrderState.CANCELLED, 29, False),
    ],
)
def test_beside_a_stop_one_that_was_refused_is_not_sent_again_at_every_look(state, seconds, waits):
    refused = stop(400, "sd-refused", state=state, at=AT - timedelta(seconds=seconds))
    seen = look(orders=(stop(600),), known=decided(orders=(refused,)))
    assert watch(seen, policy()) == (
        () if waits else (Place(intended(400, leg="stop 2"), "its stops do not cover it at this price"),)
    )


def test_a_refused_stop_does_not_keep_a_naked_position_from_its_next_one():
    refused = stop(name="sd-refused", state=OrderState.REJECTED, at=AT)
    assert only(look(known=decided(orders=(refused,)))) == Place(
        intended(1000, leg="stop 2"), "it has no stop at the venue"
    )


def test_two_stops_that_cover_it_together_stay():
    assert watch(look(orders=(stop(600), stop(400, "sd-rest"))), policy()) == ()


def test_a_stop_without_a_quantity_covers_all_of_it():
    whole = stop(0, "sd-whole")
    assert watch(look(orders=(whole,)), policy()) == ()
    told = "another stop covers the position"
    assert only(look(orders=(stop(2000), whole))) == Cancel(stop(2000), told)


def test_one_stop_by_a_lot_too_large_is_replaced_by_an_exact_one():
    told = "its stops are over more than the 1000 that are held"
    assert only(look(orders=(stop(1001),))) == Place(intended(1000), told)
    assert watch(look(orders=(stop("1000.5"),)), policy()) == ()


def test_of_two_exact_stops_the_newer_one_stays():
    old, new = stop(name="sd-old"), stop(name="sd-new", at=AT)
    assert only(look(orders=(old, new))) == Cancel(old, "another stop covers the position")


def test_a_stop_farther_away_goes_once_nearer_ones_cover_the_position():
    far = stop(name="sd-far", price="1.08")
    assert only(look(orders=(far,))) == Place(intended(1000), "its stops do not cover it at this price")
    nearer = (stop(600), stop(400, "sd-rest"))
    assert only(look(orders=(far, *nearer))) == Cancel(far, "nearer stops cover the position")


def test_stops_of_a_person_are_left_alone_whatever_they_are_over():
    assert watch(look(orders=(stop(600, BY_HAND), stop(600, "by-hand-2"))), policy()) == ()
    assert watch(look(orders=(stop(600, BY_HAND), stop(400))), policy()) == ()
    far = stop(name=BY_HAND, price="1.08")
    assert watch(look(orders=(far, stop())), policy()) == ()


def test_beside_the_stop_of_a_person_ours_is_replaced_where_both_are_too_much():
    seen = look(orders=(stop(700, BY_HAND), stop(600)))
    assert only(seen) == Place(intended(1000), "its stops are over more than the 1000 that are held")


# Orders that hold back what they sell


def test_where_a_stop_holds_back_what_it_sells_a_farther_one_makes_way_and_the_nearer_one_comes_at_the_next_look():
    far = stop(name="sd-far", price="1.08")
    assert only(look(orders=(far,)), policy(HOLDING)) == Cancel(far, "it makes way for a nearer stop")
    assert only(look(), policy(HOLDING)) == Place(intended(1000), "it has no stop at the venue")


def test_where_a_stop_holds_back_what_it_sells_one_over_too_much_goes_first():
    large = stop(1500)
    assert only(look(orders=(large,)), policy(HOLDING)) == Cancel(large, "it is over more than the 1000 that are held")


def test_where_a_stop_holds_back_what_it_sells_a_rest_is_added_beside_a_good_one():
    told = "its stops do not cover it at this price"
    assert only(look(orders=(stop(600),)), policy(HOLDING)) == Place(intended(400), told)


# Stops that hang on the position


def hanging(price: object, **changes):
    return look(positions=(position(barriers=Barriers(stop=Decimal(str(price)))),), **changes)


@pytest.mark.parametrize(("price", "moves"), [("1.08", True), ("1.08999", True), ("1.09", False), ("1.091", False)])
def test_a_stop_on_the_position_is_moved_only_nearer(price, moves):
    expected = (SetStop(NAME, STOP, f"its stop moves from {price}"),) if moves else ()
    assert watch(hanging(price), policy(TRADE)) == expected


@pytest.mark.parametrize("keeping", [TRADE, ORDER, HOLDING])
def test_a_stop_that_trails_at_the_venue_is_left_to_it(keeping):
    trails = position(barriers=Barriers(trailing_distance=Decimal("0.5")))
    assert watch(look(positions=(trails,)), policy(keeping)) == ()


def test_a_stop_order_is_placed_where_the_one_on_the_position_is_farther_and_goes_where_it_is_as_near():
    assert only(hanging("1.08")) == Place(intended(1000), "its stops do not cover it at this price")
    assert only(hanging("1.09", orders=(stop(),))) == Cancel(stop(), "the stop of the position itself is as near")
    assert watch(hanging("1.09", orders=(stop(name=BY_HAND),)), policy()) == ()


def test_a_short_position_is_protected_as_a_long_one_is():
    short = decided("-1000", barriers=Barriers(stop=Decimal("1.11")))
    for price, expected in (("1.12", (SetStop(NAME, Decimal("1.11"), "its stop moves from 1.12"),)), ("1.11", ())):
        held = position("-1000", barriers=Barriers(stop=Decimal(price)))
        assert watch(look(positions=(held,), known=short), policy(TRADE)) == expected


# Where it belongs


def test_a_stop_trails_the_best_price_that_was_and_that_is():
    known = decided(barriers=Barriers(trailing_distance=Decimal("0.01")))
    was, now = (look(known=known, best={NAME: Decimal(best)}, bid="1.13") for best in ("1.135", "1.12"))
    assert [only(seen).intent.price for seen in (was, now)] == [Decimal("1.125"), Decimal("1.12")]


def test_a_stop_of_a_short_position_trails_the_lowest_price_at_which_it_could_be_bought_back():
    known = decided("-1000", barriers=Barriers(trailing_distance=Decimal("0.01")))
    seen = [
        only(look(known=known, positions=(position("-1000"),), bid="1.08", **best)).intent.price
        for best in ({}, {"best": {NAME: Decimal("1.075")}}, {"best": {NAME: Decimal("1.09")}})
    ]
    assert seen == [Decimal("1.09001"), Decimal("1.085"), Decimal("1.09001")]


def test_while_the_market_is_closed_a_stop_stands_where_the_best_price_so_far_puts_it():
    known = decided(barriers=Barriers(trailing_distance=Decimal("0.01")))
    seen = look(known=known, best={NAME: Decimal("1.12")}, bid="1.30", tradable=False)
    assert only(seen) == Place(intended(1000, price="1.11"), "it has no stop at the venue")


def test_each_instrument_is_kept_as_its_venue_keeps_it():
    keeping = {NAME: TRADE, "USD/JPY": ORDER}
    assert isinstance(only(look(), WatchPolicy("sample", keeping.__getitem__)), SetStop)


# What counts as protection


@pytest.mark.parametrize(("seconds", "bare"), [(29, False), (30, True)])
def test_a_stop_that_is_not_listed_protects_for_so_long(seconds, bare):
    known = decided(orders=(order(at=AT - timedelta(seconds=seconds)),))
    assert (naked(look(known=known)) == {NAME}) is bare


@pytest.mark.parametrize("state", [OrderState.PLANNED, OrderState.SENDING, OrderState.UNKNOWN, OrderState.REJECTED])
def test_a_stop_that_the_venue_has_not_taken_does_not_protect(state):
    assert naked(look(known=decided(orders=(order(at=AT, state=state),)))) == {NAME}


def test_a_stop_that_is_listed_and_was_taken_just_now_counts_once():
    half = stop(500, at=AT)
    assert only(look(orders=(half,), known=decided(orders=(half,)))).intent.quantity == 500


def test_an_order_that_closes_is_not_taken_for_the_target():
    part = order("sd-part", type=OrderType.MARKET, price=None, at=AT - timedelta(seconds=1))
    seen = look(orders=(order(),), known=decided(orders=(part,)), bid="1.12")
    assert watch(seen, policy()) == (), "its fill may be on the way"
    closed = look(orders=(order(),), known=decided(orders=(replace(part, state=OrderState.FILLED),)), bid="1.12")
    assert only(closed).intent.type is OrderType.MARKET


def test_the_target_of_a_position_that_somebody_else_opened_does_not_protect_it():
    strange = position(barriers=Barriers(target=TARGET))
    assert naked(look(positions=(strange,), decided={}, orders=(stop(name=BY_HAND, price=TARGET),))) == {NAME}
    assert naked(look(positions=(strange,), decided={}, orders=(stop(name=BY_HAND),))) == frozenset()


# What a person is told


@pytest.mark.parametrize("known", [None, decided("-1000"), decided("0")])
def test_of_a_naked_position_that_the_desk_has_not_opened_a_person_is_told_what_to_do(known):
    told = "the venue holds a position that the desk has not opened, and it has no stop; close it or give it one"
    assert only(look(decided={NAME: known} if known else {})) == Tell(NAME, told)


def test_a_position_of_less_than_one_unit_is_the_desks_all_the_same():
    known = {NAME: replace(EUR_USD, lot=Decimal("0.1"), minimum_quantity=Decimal("0.1"))}
    seen = look(positions=(position("0.5"),), known=decided("0.5"), instruments=known)
    assert only(seen) == Place(intended("0.5"), "it has no stop at the venue")


def test_of_a_position_without_a_decided_stop_a_person_is_told_unless_it_has_one():
    seen = look(known=decided(barriers=Barriers(target=TARGET)))
    assert only(seen) == Tell(NAME, "it has no stop, and none was decided; give it one at the venue or close it")
    assert watch(replace(seen, orders=(stop(name=BY_HAND),)), policy()) == ()


# What is cleared away


def test_what_is_left_over_and_what_waits_for_too_long_is_cancelled_with_the_reason():
    gone, waiting = order(), order("sd-entry", reduce_only=False, side=Side.BUY, instrument="USD/JPY", price=ENTRY)
    assert watch(look(positions=(), decided={}, orders=(gone, waiting)), policy()) == (
        Cancel(gone, "its position is gone"),
        Cancel(waiting, "it has waited for the market for 0:10:00, allowed are 0:05:00"),
    )


@pytest.mark.parametrize("changes", [{"state": OrderState.CANCELLED}, {"client_order_id": BY_HAND}])
def test_what_has_ended_and_what_a_person_ordered_is_not_cancelled(changes):
    entry = order("sd-entry", reduce_only=False, side=Side.BUY, instrument="USD/JPY")
    listed = tuple(replace(one, **changes) for one in (order(), entry))
    assert watch(look(positions=(), decided={}, orders=listed), policy()) == ()


@pytest.mark.parametrize(("quantity", "stays"), [("10", True), ("9", False)])
def test_a_stop_stays_while_the_fills_leave_as_much_as_the_venue_lets_one_sell(quantity, stays):
    known = {NAME: replace(EUR_USD, minimum_quantity=Decimal(10))}
    seen = look(positions=(), orders=(order(),), known=decided(quantity), instruments=known)
    assert watch(seen, policy()) == (() if stays else (Cancel(order(), "its position is gone"),))
