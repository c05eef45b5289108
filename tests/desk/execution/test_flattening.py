"""The next step on the way to flat: what is cancelled, what is closed, what is left alone and why."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.execution.flattening import FLATTEN, Flattening, Look, next_steps, what_is_left
from desk.execution.plan import client_order_id
from desk.model.instrument import Side
from desk.model.orders import Order, OrderState, OrderType
from tests.builders import CLOSE, intent, position
from tests.fakes import order_of

FLATTENING = Flattening("sample", CLOSE)
LONG = position("EUR/USD", "100")


def working(name: str, *, instrument: str = "EUR/USD", reduce_only: bool = False) -> Order:
    order = order_of(intent(name, instrument=instrument), OrderState.ACKED)
    return replace(order, reduce_only=reduce_only, type=OrderType.LIMIT)


def closing(name: str, state: OrderState, reason: str = "") -> Order:
    return replace(order_of(intent(name), state), reduce_only=True, reason=reason)


STOP = working("sd-stop", reduce_only=True)


def cancelled(look: Look) -> list[str]:
    return [order.client_order_id for order in next_steps(FLATTENING, look).cancels]


@pytest.mark.parametrize(("quantity", "side"), [("100", Side.SELL), ("-3", Side.BUY)])
def test_a_position_is_closed_at_market_by_an_order_that_can_only_reduce(quantity, side):
    look = Look(positions=(position("EUR/USD", quantity),))
    (order,) = next_steps(FLATTENING, look).closings
    assert (order.side, order.quantity, order.type) == (side, abs(Decimal(quantity)), OrderType.MARKET)
    assert (order.reduce_only, order.strategy, order.candle_close) == (True, FLATTEN, CLOSE)


def test_the_id_of_a_closing_order_is_a_function_of_flattening_instrument_and_attempt():
    look = Look(positions=(LONG,))
    (first,) = next_steps(FLATTENING, look).closings
    again = next_steps(FLATTENING, look).closings
    (second,) = next_steps(FLATTENING, replace(look, closings=(closing("a", OrderState.CANCELLED),))).closings
    (later,) = next_steps(Flattening("sample", CLOSE + timedelta(seconds=1)), look).closings
    assert again == (first,)
    assert len({first.client_order_id, second.client_order_id, later.client_order_id}) == 3


def test_a_closing_order_is_of_the_account_and_names_its_attempt():
    refused = closing("a", OrderState.REJECTED)
    looks = [Look(positions=(LONG,)), Look(positions=(LONG,), closings=(refused,))]
    for number, look in enumerate(looks, start=1):
        (order,) = next_steps(FLATTENING, look).closings
        assert order.client_order_id == client_order_id("sample", FLATTEN, "EUR/USD", CLOSE, f"attempt {number}")
        assert order.account == "sample"


def test_orders_that_open_are_cancelled_and_those_that_protect_a_position_stay():
    assert cancelled(Look(orders=(working("sd-entry"), STOP), positions=(LONG,))) == ["sd-entry"]


def test_an_order_that_protects_nothing_any_more_is_cancelled():
    assert cancelled(Look(orders=(STOP,))) == ["sd-stop"]


def test_what_protects_goes_first_once_a_closing_order_was_refused_beside_it():
    look = Look(orders=(STOP,), positions=(LONG,), closings=(closing("a", OrderState.REJECTED),))
    assert cancelled(look) == ["sd-stop"]
    assert len(next_steps(FLATTENING, look).closings) == 1


def test_while_its_market_is_closed_a_position_keeps_its_protection_and_is_not_closed():
    look = Look(
        orders=(working("sd-entry"), STOP),
        positions=(LONG,),
        closings=(closing("a", OrderState.REJECTED),),
        shut=frozenset(["EUR/USD"]),
    )
    assert cancelled(look) == ["sd-entry"]
    assert next_steps(FLATTENING, look).closings == ()
    assert what_is_left(look)[0] == "position 100 EUR/USD: its market is closed"


def test_nothing_more_is_sent_while_the_outcome_of_an_order_on_the_instrument_is_not_known():
    unknown = closing("a", OrderState.UNKNOWN)
    look = Look(positions=(LONG, position("USD/JPY", "5")), unresolved=(unknown,), closings=(unknown,))
    assert [order.instrument for order in next_steps(FLATTENING, look).closings] == ["USD/JPY"]
    assert "order a, buy 100 EUR/USD: its outcome is not known" in what_is_left(look)


def test_a_closing_order_that_did_not_fill_is_cancelled_before_the_next_attempt():
    ours = replace(working("a"), reduce_only=True)
    look = Look(orders=(ours,), positions=(LONG,), closings=(ours,))
    assert cancelled(look) == ["a"]
    assert next_steps(FLATTENING, look).closings == ()


def test_what_is_left_is_said_with_the_last_refusal():
    look = Look(positions=(LONG,), closings=(closing("a", OrderState.REJECTED, "no liquidity"),), orders=(STOP,))
    assert what_is_left(look) == (
        "position 100 EUR/USD: order 1 to close it is rejected (no liquidity)",
        "order sd-stop, buy 100 EUR/USD: it is still working",
    )
    silent = Look(positions=(LONG,), closings=(closing("a", OrderState.CANCELLED),))
    assert what_is_left(silent) == ("position 100 EUR/USD: order 1 to close it is cancelled",)
    assert what_is_left(Look()) == ()


def test_a_flattening_of_instruments_concerns_no_other():
    narrow = Flattening("sample", CLOSE, frozenset(["EUR/USD"]))
    assert narrow.concerns("EUR/USD")
    assert not narrow.concerns("USD/JPY")
    assert FLATTENING.concerns("USD/JPY")
