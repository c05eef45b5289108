"""What a crash drill calls equal, and what it finds in an end that is wrong."""

from dataclasses import replace
from decimal import Decimal

import pytest

from drill.crashes.books import VenueOrder
from drill.crashes.states import State
from tests.drill.crashes.states import BOUGHT, HELD, STOP, ledger, placed_by_the_next_watch, state, venue

AGAIN = replace(BOUGHT, client_order_id="sd-again")
SOLD = VenueOrder("sd-close", "EUR/USD", "sell", "market", "", Decimal(1000), Decimal(1000), "filled")


def test_an_end_that_is_well_has_no_violation():
    assert state().violations(keeps_stops=True) == []


@pytest.mark.parametrize(
    ("wrong", "finding"),
    [
        (state(venue(BOUGHT, AGAIN, STOP)), "duplicate: 2 orders to buy EUR/USD"),
        (state(venue(BOUGHT, STOP, STOP)), "duplicate: 2 working orders sd-stop"),
        (state(venue(AGAIN, STOP)), "lost order: sd-again of the venue is not in the ledger"),
        (
            state(in_ledger=ledger(order=[{**ledger().rows["order"][0], "state": "unknown"}])),
            "lost order: sd-entry is unknown at the end",
        ),
        (state(in_ledger=ledger(fill=[])), "lost fill: buy EUR/USD 1000 at the venue, 0 in the ledger"),
        (state(venue(BOUGHT, SOLD, STOP)), "lost fill: sell EUR/USD 1000 at the venue, 0 in the ledger"),
        (state(in_ledger=ledger(position=[])), "position: EUR/USD 1000 at the venue, None in the ledger"),
        (state(venue(BOUGHT)), "unprotected: 1000 EUR/USD, stops over 0"),
        (
            state(venue(BOUGHT, replace(STOP, quantity=Decimal(400)))),
            "unprotected: 1000 EUR/USD, stops over 400",
        ),
    ],
)
def test_what_must_not_be_is_found(wrong: State, finding: str):
    assert finding in wrong.violations(keeps_stops=True)


def test_a_stop_that_hangs_on_the_position_protects_it():
    held = replace(HELD, stop="1.09")

    assert state(venue(BOUGHT, holdings=(held,))).violations(keeps_stops=True) == []


def test_where_no_stop_can_rest_none_is_missing():
    assert state(venue(BOUGHT)).violations(keeps_stops=False) == []


def test_two_ends_that_are_equal_differ_in_nothing():
    assert state().differences(state()) == []
    assert state().deviations(state()) == []


def test_a_stop_of_another_name_is_a_difference_and_no_deviation():
    ended = placed_by_the_next_watch()

    assert ended.differences(state())
    assert ended.deviations(state()) == []


@pytest.mark.parametrize(
    "other",
    [
        state(venue(BOUGHT, replace(STOP, price="1.08"))),
        state(venue(BOUGHT, replace(STOP, quantity=Decimal(900)))),
        state(venue(cash="99999")),
        state(venue(holdings=(replace(HELD, cost="1101"),))),
        state(in_ledger=ledger(fill=[])),
        state(in_ledger=ledger(lease=[{"holder": "somebody"}])),
        state(in_ledger=replace(ledger(), money="worth 99999, cash 100000")),
    ],
)
def test_everything_else_is_a_deviation(other: State):
    assert other.deviations(state())


def test_a_verdict_of_a_rule_that_differs_is_a_difference():
    other = state(in_ledger=replace(ledger(), digest="def"))

    assert other.differences(state()) == ["ledger: signals, verdicts or findings differ"]
