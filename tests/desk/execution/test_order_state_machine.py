"""The life of an order beside that of another engine, pair by pair: where ours differs, it differs on purpose."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from desk.execution.events import Acknowledged, Cancelled, Event, Executed, Expired, Rejected, Sending, fold
from desk.execution.lifecycle import IllegalTransition
from desk.model.orders import Order, OrderState
from tests.builders import intent
from tests.desk.adapters.ledger.builders import fill
from tests.fakes import order_of

TABLE = Path(__file__).parents[4] / "shared" / "conformance" / "order_state_machine.json"
pytestmark = pytest.mark.skipif(not TABLE.exists(), reason="needs ../shared/conformance/order_state_machine.json")

STATES = {
    "Initialized": OrderState.PLANNED,
    "Submitted": OrderState.SENDING,
    "Accepted": OrderState.ACKED,
    "PartiallyFilled": OrderState.PARTIAL,
    "Filled": OrderState.FILLED,
    "Canceled": OrderState.CANCELLED,
    "Expired": OrderState.EXPIRED,
    "Rejected": OrderState.REJECTED,
}
STATES_WITHOUT_OURS = {
    "Denied": "what risk refuses never becomes an order; what a halt refuses before sending is CANCELLED",
    "Emulated": "a stop or a target waits at the venue, never in a process of ours",
    "Released": "nothing is emulated, so nothing is released",
    "Triggered": "a stop order is ACKED until its first fill; that it was triggered changes nothing for us",
    "PendingUpdate": "an order is never changed at the venue: it is cancelled, and another one is placed",
    "PendingCancel": "a cancel is answered by the order as it is then; without an answer it is still working",
}
EVENTS: dict[str, Callable[[], Event]] = {
    "Submitted": Sending,
    "Accepted": lambda: Acknowledged("V-1"),
    "Filled": lambda: Executed(fill("T2", quantity="60")),
    "Canceled": lambda: Cancelled("by hand"),
    "Expired": lambda: Expired("its time is over"),
    "Rejected": lambda: Rejected("no"),
}
EVENTS_WITHOUT_OURS = {
    **{state: why for state, why in STATES_WITHOUT_OURS.items() if state != "PendingCancel"},
    "Updated": STATES_WITHOUT_OURS["PendingUpdate"],
    "ModifyRejected": STATES_WITHOUT_OURS["PendingUpdate"],
    "PendingCancel": STATES_WITHOUT_OURS["PendingCancel"],
    "CancelRejected": STATES_WITHOUT_OURS["PendingCancel"],
}

# (state, event): where ours leads, and why; None where it is refused.
DIFFERENCES: dict[tuple[str, str], tuple[OrderState | None, str]] = {
    ("PartiallyFilled", "Accepted"): (OrderState.PARTIAL, "a late acknowledgement takes no fill back"),
    ("Filled", "Accepted"): (OrderState.FILLED, "a late acknowledgement still brings the venue's name of the order"),
    ("Initialized", "Filled"): (OrderState.PARTIAL, "a fill of an order that was thought not to be there is not lost"),
    ("Submitted", "Expired"): (OrderState.EXPIRED, "an immediate order may end before its acknowledgement is read"),
    ("Expired", "Filled"): (OrderState.EXPIRED, "the last fill and the end may cross; all of it filled is FILLED"),
    ("Canceled", "Filled"): (OrderState.CANCELLED, "a part does not end a cancelled order anew; all of it is FILLED"),
    ("Rejected", "Filled"): (OrderState.REJECTED, "a fill is never lost, whatever was said before"),
    **{
        (state, event): (STATES[state], "the same words again change nothing")
        for state, event in (
            ("Submitted", "Submitted"),
            ("Accepted", "Accepted"),
            ("Canceled", "Canceled"),
            ("Expired", "Expired"),
            ("Rejected", "Rejected"),
        )
    },
}


def table() -> dict:
    return json.loads(TABLE.read_text()) if TABLE.exists() else {"transitions": [], "states": []}


LISTED = {(row["from"], row["event"]): row["to"] for row in table()["transitions"]}


def order_in(state: str) -> Order:
    """An order of 100 in a state; one that is filled, or partly, has its fills."""
    filled = {"PartiallyFilled": ("30",), "Filled": ("30", "70")}.get(state, ())
    fills = tuple(fill(f"T{10 + number}", quantity=quantity) for number, quantity in enumerate(filled))
    done = sum((known.quantity for known in fills), Decimal(0))
    return replace(order_of(intent()), state=STATES[state], filled_quantity=done, fills=fills)


def expected(state: str, event: str) -> OrderState | None:
    if (state, event) in DIFFERENCES:
        return DIFFERENCES[state, event][0]
    if (state, event) not in LISTED:
        return None
    # Their event says Filled of a part, too.
    return OrderState.PARTIAL if event == "Filled" else STATES[LISTED[state, event]]


@pytest.mark.parametrize(("state", "event"), list(product(STATES, EVENTS)))
def test_each_pair_leads_where_the_table_says_or_is_refused(state: str, event: str) -> None:
    order, happened, after = order_in(state), EVENTS[event](), expected(state, event)
    if after is not None:
        assert fold(order, happened).state is after
        return
    if (state, event) == ("Filled", "Filled"):
        assert fold(order, happened).filled_quantity > order.quantity  # the ledger halts the account
        return
    with pytest.raises(IllegalTransition):
        fold(order, happened)


@pytest.mark.parametrize("state", [state for state in STATES if state != "Filled"])
def test_a_fill_of_all_that_is_left_ends_every_order_as_filled(state: str) -> None:
    order = order_in(state)
    rest = fill("T2", quantity=str(order.quantity - order.filled_quantity))
    assert fold(order, Executed(rest)).state is OrderState.FILLED


def test_every_state_and_event_of_the_table_is_ours_or_has_a_reason() -> None:
    assert set(STATES) | set(STATES_WITHOUT_OURS) == set(table()["states"])
    assert set(EVENTS) | set(EVENTS_WITHOUT_OURS) == {event for _, event in LISTED}


def test_a_difference_is_one() -> None:
    for (state, event), (after, why) in DIFFERENCES.items():
        listed = STATES.get(LISTED.get((state, event), ""))
        assert after is not listed, f"{state} and {event} need no exception: {why}"


def test_what_only_we_have_is_about_outcomes_that_are_not_known() -> None:
    assert set(OrderState) - set(STATES.values()) == {OrderState.UNKNOWN}
