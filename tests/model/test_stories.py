"""Stories of the model that must be told every time: those in which an earlier or a broken desk came to grief."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.model.instrument import Side
from desk.model.orders import OrderState
from tests.model.machine import Desk
from tests.model.venue import Fate

BUY = {"EUR/USD": "buy", "XAU/USD": ""}
BOTH = {"EUR/USD": "trade", "XAU/USD": "trade"}
NOTHING = {"EUR/USD": "", "XAU/USD": ""}


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk that has come to rest, with all its books in order, when the test is over."""
    machine = Desk()
    yield machine
    machine.nothing_is_wrong()
    machine.teardown()


def states(desk: Desk) -> list[str]:
    return [row["state"] for row in desk.books.rows("order", "candle_close, instrument")]


@pytest.mark.parametrize("moment", ["before submit", "after submit", "after record_order"])
@pytest.mark.parametrize("passes", [0, 1])
@pytest.mark.parametrize(("fate", "state"), [(Fate.FILLED, OrderState.FILLED), (Fate.WORKING, OrderState.ACKED)])
def test_a_retry_ends_with_one_order_for_each_intent(
    desk: Desk, moment: str, passes: int, fate: Fate, state: OrderState
) -> None:
    desk.scan_and_die(BOTH, [fate, fate], moment, passes, [fate, fate], is_retried=True)
    assert states(desk) == [state, state]
    assert list(desk.venue.accepted.values()) == [1, 1]


@pytest.mark.parametrize(
    "moment", ["after store_intents", "before start_sending", "after submit", "before record_order"]
)
@pytest.mark.parametrize("is_newer", [True, False])
def test_a_run_that_was_replaced_around_a_send_sends_nothing_beside_the_other(
    desk: Desk, moment: str, *, is_newer: bool
) -> None:
    desk.scan_and_be_replaced(BOTH, [], moment, 0, [Fate.WORKING], is_newer=is_newer)
    assert set(desk.venue.accepted.values()) <= {1}


def test_an_order_without_an_answer_blocks_its_instrument_until_there_is_one(desk: Desk) -> None:
    desk.scan(BUY, [Fate.REPLY_LOST_IN_SILENCE])
    assert states(desk) == [OrderState.UNKNOWN]
    desk.the_venue_tells_fills_late(1)
    desk.the_venue_falls_silent({"order by client id"})
    desk.scan(BUY, [])
    assert states(desk) == [OrderState.UNKNOWN]
    desk.scan(NOTHING, [])
    assert states(desk) == [OrderState.FILLED]


def test_an_exit_without_an_answer_blocks_its_instrument_though_nothing_is_held(desk: Desk) -> None:
    desk.scan(BUY, [])
    desk.scan({"EUR/USD": "sell", "XAU/USD": ""}, [Fate.REPLY_LOST_IN_SILENCE])
    desk.the_venue_tells_fills_late(1)
    desk.the_venue_falls_silent({"order by client id"})
    assert desk.venue.held("EUR/USD") == 0
    desk.scan(BUY, [])
    assert states(desk) == [OrderState.FILLED, OrderState.UNKNOWN]
    assert len(desk.venue.accepted) == 2


def test_a_refusal_is_not_sent_again_by_a_run_that_is_started_again(desk: Desk) -> None:
    desk.scan_and_die(BUY, [Fate.REFUSED], "after record_outcome", 0, [], is_retried=True)
    assert states(desk) == [OrderState.REJECTED]
    assert desk.venue.accepted == {}


def test_a_refusal_that_died_with_its_run_is_asked_for_and_sent_again(desk: Desk) -> None:
    desk.scan_and_die(BUY, [Fate.REFUSED], "before record_outcome", 0, [Fate.FILLED], is_retried=True)
    assert states(desk) == [OrderState.FILLED]
    assert len(desk.venue.accepted) == 1


def test_a_denied_key_ends_the_run_and_the_order(desk: Desk) -> None:
    desk.scan(BOTH, [Fate.DENIED])
    assert states(desk) == [OrderState.REJECTED, OrderState.PLANNED]
    desk.scan(NOTHING, [])
    assert states(desk) == [OrderState.REJECTED, OrderState.CANCELLED]


def test_an_order_that_was_cut_short_and_is_filled_after_all_is_filled_in_the_books(desk: Desk) -> None:
    desk.scan(BUY, [Fate.PART_FILLED])
    desk.venue.fill(next(iter(desk.venue.orders)), Decimal(600))
    desk.scan(NOTHING, [])
    assert states(desk) == [OrderState.FILLED]


def test_fills_that_are_told_late_and_out_of_order_are_booked_in_the_order_of_their_times(desk: Desk) -> None:
    desk.scan(BUY, [Fate.WORKING])
    name = next(iter(desk.venue.orders))
    desk.venue.fill(name, Decimal(300))
    desk.scan(NOTHING, [])
    desk.venue.fill(name, Decimal(700), late=timedelta(hours=3))
    desk.the_venue_tells_fills_late(1)
    desk.scan(NOTHING, [])
    desk.scan({"EUR/USD": "sell", "XAU/USD": ""}, [Fate.PART_FILLED])


def test_a_trade_by_hand_between_the_look_and_the_order_is_in_the_books(desk: Desk) -> None:
    desk.scan_while_somebody_trades_by_hand(BOTH, "before submit", Side.SELL)
    desk.what_was_traded_by_hand_is_given_back()
