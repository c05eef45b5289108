"""What follows from comparing the ledger's orders with the venue's, and from asking for one of them."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from desk.execution.lifecycle import is_legal
from desk.execution.reconciliation import (
    GRACE,
    MOST_QUESTIONS,
    Failed,
    VenueReport,
    compare_orders,
    settle,
)
from desk.model.instrument import Side
from desk.model.orders import OrderState
from tests.builders import CLOSE, intent, position
from tests.fakes import order_of

LATER = CLOSE + GRACE
TABLE = Path(__file__).parents[4] / "shared" / "conformance" / "reconciliation_table.json"

STATES = {
    "SUBMITTED": OrderState.SENDING,
    "ACCEPTED": OrderState.ACKED,
    "PARTIALLY_FILLED": OrderState.PARTIAL,
    "FILLED": OrderState.FILLED,
    "CANCELED": OrderState.CANCELLED,
    "EXPIRED": OrderState.EXPIRED,
    "REJECTED": OrderState.REJECTED,
    "NOT_FOUND": None,
}
# What is lost is not refused: from CANCELLED a late fill is legal, and REJECTED is the venue's own word.
OTHERWISE = {"REJECTED after retries + one targeted query": OrderState.CANCELLED}
RESOLUTIONS = {
    **OTHERWISE,
    "CANCELED": OrderState.CANCELLED,
    "CANCELED, fills kept": OrderState.CANCELLED,
    "EXPIRED": OrderState.EXPIRED,
    "REJECTED": OrderState.REJECTED,
    "ignore (venues drop completed orders)": None,
}


def _rows() -> list[dict[str, str]]:
    return json.loads(TABLE.read_text())["order_consistency"] if TABLE.exists() else []


def test_the_table_of_another_platform_is_there() -> None:
    if not TABLE.exists():
        pytest.skip("the conformance tables are not part of the project")
    assert len(_rows()) == 10


@pytest.mark.parametrize("row", _rows(), ids=lambda row: f"{row['local']}-{row['venue']}")
def test_an_order_ends_as_in_the_table_of_another_platform(row: dict[str, str]) -> None:
    if row["resolve"] == "UNRESOLVED":
        # A cancel that is under way is no state here: the order was touched a moment ago, and is left alone.
        touched = replace(order_of(intent(), OrderState.ACKED), at=CLOSE)
        assert compare_orders([touched], (), now=LATER - timedelta(seconds=1)).to_ask == ()
        return
    assert settle(STATES[row["local"]], STATES[row["venue"]]) is RESOLUTIONS[row["resolve"]]


@pytest.mark.parametrize(("known", "told"), list(product(OrderState, [*OrderState, None])))
def test_what_follows_from_an_answer_is_a_legal_change_and_never_a_rejection_of_our_own(known, told) -> None:
    after = settle(known, told)
    assert after is None or (after is not known and is_legal(known, after))
    assert after is not OrderState.REJECTED or told is OrderState.REJECTED


def test_a_list_that_could_not_be_read_leads_to_nothing() -> None:
    actions = compare_orders([order_of(intent(), OrderState.ACKED)], Failed("no answer"), now=LATER)
    assert (actions.to_ask, actions.to_record, actions.external) == ((), (), ())


def test_an_order_that_is_not_listed_is_asked_for_after_a_grace_time_only() -> None:
    order = order_of(intent(), OrderState.ACKED)
    assert compare_orders([order], (), now=LATER - timedelta(microseconds=1)).to_ask == ()
    assert compare_orders([order], (), now=LATER).to_ask == (order,)


def test_only_so_many_orders_are_asked_for_in_one_pass_and_the_longest_known_come_first() -> None:
    orders = [
        replace(order_of(intent(f"sd-{n:02}"), OrderState.ACKED), at=CLOSE - timedelta(seconds=n)) for n in range(30)
    ]
    asked = compare_orders(orders, (), now=LATER).to_ask
    assert len(asked) == MOST_QUESTIONS
    assert [order.client_order_id for order in asked[:2]] == ["sd-29", "sd-28"]


def test_an_order_that_is_listed_as_it_is_known_needs_nothing() -> None:
    order = order_of(intent(), OrderState.ACKED)
    actions = compare_orders([order], (order,), now=LATER)
    assert (actions.to_ask, actions.to_record, actions.external) == ((), (), ())


@pytest.mark.parametrize("told", [(OrderState.PARTIAL, "40"), (OrderState.ACKED, "10")])
def test_what_the_venue_lists_otherwise_is_recorded(told) -> None:
    listed = order_of(intent(), *told)
    actions = compare_orders([order_of(intent(), OrderState.ACKED)], (listed,), now=LATER)
    assert actions.to_record == (listed,)
    assert actions.to_ask == ()


def test_orders_of_others_are_listed_and_what_protects_a_position_of_ours_is_not() -> None:
    stop = replace(order_of(intent("sd-1-s"), OrderState.ACKED), reduce_only=True)
    by_hand = order_of(intent("web-7"), OrderState.ACKED)
    stop_by_hand = replace(order_of(intent("web-8"), OrderState.ACKED), reduce_only=True)
    lost = order_of(intent("sd-never-stored"), OrderState.ACKED)
    actions = compare_orders([], (stop, by_hand, stop_by_hand, lost), now=LATER)
    assert actions.external == (by_hand, stop_by_hand, lost)
    assert actions.to_record == ()


def test_what_can_only_reduce_a_position_of_ours_is_its_stop_whatever_its_name() -> None:
    stop = replace(order_of(intent("st-77"), OrderState.ACKED), side=Side.SELL, reduce_only=True)
    listed = (stop, replace(stop, side=Side.BUY), replace(stop, reduce_only=False), replace(stop, instrument="XAU/USD"))
    actions = compare_orders([], listed, held=[position("EUR/USD")], now=LATER)
    assert actions.external == listed[1:]
    assert compare_orders([], (stop,), now=LATER).external == (stop,)


def test_a_report_names_what_could_not_be_read() -> None:
    report = VenueReport(Failed("timed out"), (), Failed("HTTP 500"))
    assert report.failures == ("money: timed out", "open orders: HTTP 500")
    assert VenueReport(Failed("a"), Failed("b"), ()).failures == ("money: a", "positions: b")
