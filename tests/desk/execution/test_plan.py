"""Planning: one order for each verdict that leaves a quantity, under an id that is a function of the decision."""

import string
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.execution.plan import client_order_id, is_ours, plan_orders
from desk.model.instrument import Side
from desk.model.orders import OrderIntent, OrderType, TimeInForce
from desk.model.trade import Intention, Verdict, VerdictState
from tests.builders import CLOSE
from tests.contracts.samples import proposal

DECISION = {
    "account": "sample",
    "strategy": "constant",
    "instrument": "EUR/USD",
    "candle_close": CLOSE,
    "leg": "entry",
}


def verdict(quantity: str, *, intention: Intention = Intention.OPEN) -> Verdict:
    wish = replace(proposal(), intention=intention)
    return Verdict(wish, VerdictState.APPROVED, Decimal(quantity), ())


def test_an_order_is_what_was_approved_at_the_market_and_at_once() -> None:
    approved = verdict("0.5")
    wish = approved.proposal
    (intent,) = plan_orders("sample", [approved])
    assert intent == OrderIntent(
        client_order_id=client_order_id("sample", wish.strategy, wish.instrument, wish.candle_close, "entry"),
        account="sample",
        strategy=wish.strategy,
        instrument=wish.instrument,
        candle_close=wish.candle_close,
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=Decimal("0.5"),
        barriers=wish.barriers,
        time_in_force=TimeInForce.IOC,
        reduce_only=False,
    )


def test_a_closing_trade_can_only_reduce_and_has_an_id_of_its_own() -> None:
    (opening,), (closing,) = (plan_orders("sample", [verdict("1", intention=kind)]) for kind in Intention)
    assert (opening.reduce_only, closing.reduce_only) == (False, True)
    exit_id = client_order_id("sample", closing.strategy, closing.instrument, closing.candle_close, "exit")
    assert closing.client_order_id == exit_id != opening.client_order_id


def test_what_was_refused_is_not_ordered() -> None:
    assert [intent.quantity for intent in plan_orders("sample", [verdict("0"), verdict("2"), verdict("1")])] == [2, 1]


def test_the_id_of_a_decision_never_changes() -> None:
    # Orders of the release before are asked for under the ids that it gave them.
    assert client_order_id(**DECISION) == "sd-iysqzd5etq5bzgqsi5bzuugz"


@pytest.mark.parametrize(
    "other",
    [
        {"account": "another"},
        {"strategy": "another"},
        {"instrument": "XAU/USD"},
        {"candle_close": CLOSE + timedelta(minutes=1)},
        {"leg": "exit"},
    ],
)
def test_another_decision_has_another_id(other: dict) -> None:
    assert client_order_id(**{**DECISION, **other}) != client_order_id(**DECISION)


def test_an_id_is_short_and_plain_enough_for_every_venue() -> None:
    name = client_order_id(**DECISION)
    assert len(name) == 27
    assert set(name) <= set(string.ascii_lowercase + string.digits + "-")


def test_an_id_of_ours_is_told_from_others_also_where_something_hangs_on_it() -> None:
    name = client_order_id(**DECISION)
    assert [is_ours(each) for each in (name, f"{name}-stop", f"x{name}", "")] == [True, True, False, False]
