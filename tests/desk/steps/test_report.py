"""The words for a cycle: rows, Markdown, the message to a person, an order and a finding in one line."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.cycle import CycleState, Decision
from desk.model.orders import OrderState
from desk.model.reasons import Reason
from desk.model.trade import Finding, NoTrade
from desk.steps.report import (
    describe_finding,
    describe_order,
    markdown_of,
    message_of,
    refusals_of,
    rows_of,
    state_of,
)
from tests.builders import intent
from tests.desk.adapters.ledger.builders import answer, fill, record
from tests.fakes import order_of

COLUMNS = ["instrument", "signals", "outcome", "reason", "order"]


def test_every_instrument_with_an_outcome_has_one_row_in_the_order_of_their_names():
    rows = rows_of(record())
    assert [list(row) for row in rows] == [COLUMNS] * 3
    assert [(row["instrument"], row["outcome"]) for row in rows] == [
        ("BTC/USD", "NO_SIGNAL"),
        ("EUR/USD", "approved"),
        ("XAU/USD", "refused"),
    ]


def test_a_row_has_the_signals_the_wish_what_stood_in_the_way_and_the_order():
    bitcoin, euro, gold = rows_of(record())
    assert bitcoin["reason"] == "constant: no opinion"
    assert euro["signals"] == "constant +0.30"
    assert euro["reason"].startswith("open buy 123.45679 at 1.10001; POSITION_SIZE (position_size: ")
    assert euro["order"] == "buy 100 EUR/USD at 1.10000, filled"
    assert (gold["signals"], gold["order"]) == ("constant -1.00", "")


def test_the_page_says_account_candle_mode_outcome_and_equity():
    page = markdown_of(record())
    assert page.startswith("# sample\n\nCandle closed **2026-01-14 15:00 UTC**\nMode **paper**, outcome **traded**\n")
    assert "Equity 10,000.00 USD, 1 positions before" in page
    assert "\n- **EUR/USD** approved\n  - constant +0.30\n  - open buy " in page


def test_the_page_of_a_cycle_without_a_snapshot_has_no_equity():
    assert "Equity" not in markdown_of(replace(record(), snapshot=None))


@given(detail=st.text(alphabet="#-<b> \n\r\t", max_size=12))
def test_whatever_a_plug_in_says_stays_one_item_of_the_page_and_no_markup(detail):
    passed = NoTrade("EUR/USD", Reason.STRATEGY_FAILED, f"raised {detail} here")
    page = markdown_of(replace(record(), snapshot=None, decision=Decision(no_trades=(passed,)), orders=()))
    _, _, body = page.partition("**traded**\n\n")
    first, second = body.splitlines()
    assert first == "- **EUR/USD** STRATEGY_FAILED"
    assert second.startswith("  - raised ")
    assert second.endswith(" here")
    assert "<" not in second


def test_there_is_nothing_to_tell_of_a_cycle_without_orders():
    assert message_of(replace(record(), orders=())) is None


def test_the_message_counts_the_orders_and_says_each_in_a_line():
    asked = intent()
    filled = answer(asked, OrderState.FILLED, fill())
    one = message_of(replace(record(), orders=(filled,)))
    two = message_of(replace(record(), orders=(filled, filled)))
    assert one.title == "sample: 1 order"
    assert two.title == "sample: 2 orders"
    assert one.body == "Candle closed 2026-01-14 15:00 UTC\nbuy 100 EUR/USD at 1.10000, filled"
    assert one.severity == "info"


@pytest.mark.parametrize("state", [OrderState.UNKNOWN, OrderState.REJECTED])
def test_an_order_that_was_rejected_or_is_unknown_makes_the_message_a_warning(state):
    assert message_of(replace(record(), orders=(order_of(intent(), state),))).severity == "warning"


@pytest.mark.parametrize("state", [OrderState.REJECTED, OrderState.UNKNOWN])
def test_a_position_that_was_not_closed_makes_the_message_an_error(state):
    closing = replace(order_of(intent(), state), reduce_only=True)
    assert message_of(replace(record(), orders=(closing,))).severity == "error"


@pytest.mark.parametrize("state", list(OrderState))
def test_a_cycle_has_traded_exactly_where_an_order_reached_the_venue_or_may_have(state):
    traded = state in (OrderState.ACKED, OrderState.PARTIAL, OrderState.FILLED, OrderState.UNKNOWN)
    assert (state_of([order_of(intent(), state)]) is CycleState.TRADED) == traded


def test_a_part_that_was_filled_before_the_rest_was_cancelled_is_a_trade():
    assert state_of([order_of(intent(), OrderState.CANCELLED, "1")]) is CycleState.TRADED
    assert state_of([]) is CycleState.HELD


def test_an_order_is_described_by_what_was_filled_of_it_at_which_price_and_why_not_more():
    asked = intent()
    half = answer(asked, OrderState.CANCELLED, fill(quantity="60"), reason="no more volume")
    two = answer(asked, OrderState.FILLED, fill("T1", quantity="60"), fill("T2", quantity="40"))
    assert describe_order(half) == "buy 60 of 100 EUR/USD at 1.1, cancelled (no more volume)"
    assert describe_order(two) == "buy 100 EUR/USD in 2 fills, filled"
    assert describe_order(order_of(asked, OrderState.REJECTED)) == "buy 0 of 100 EUR/USD, rejected"


def test_a_finding_is_described_by_code_rule_limit_and_observation_without_exponents():
    cut = Finding("total_exposure", Decimal(0), Decimal("3E+4"), Decimal("1.50"), "USD", Reason.TOTAL_EXPOSURE)
    assert describe_finding(cut) == "TOTAL_EXPOSURE (total_exposure: limit 30000, observed 1.5 USD)"
    assert describe_finding(replace(cut, reason=None)).startswith("passed (total_exposure: ")


def test_refusals_are_the_codes_of_everything_that_was_not_traded_in_full():
    assert refusals_of(record()) == [
        "EUR/USD approved POSITION_SIZE",
        "XAU/USD refused POSITION_SIZE",
        "BTC/USD NO_SIGNAL",
    ]


def test_a_limit_that_was_barely_passed_does_not_look_like_what_was_observed():
    cut = Finding("total_exposure", Decimal(0), Decimal(30_000), Decimal("30000.00001"), "USD", Reason.TOTAL_EXPOSURE)
    assert describe_finding(cut) == "TOTAL_EXPOSURE (total_exposure: limit 30000, observed 30000.00001 USD)"
