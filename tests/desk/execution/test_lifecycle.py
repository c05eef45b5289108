"""The life of an order: every pair of states is either legal or refused."""

from itertools import product

import pytest

from desk.errors import LedgerError
from desk.execution.lifecycle import TRANSITIONS, IllegalTransition, check_transition, is_legal, state_for_filled
from desk.model.orders import OrderState

P, S, U, A, PT, F, C, E, R = OrderState
LEGAL = {
    *product((P,), (S, A, PT, F, C, E, R)),
    *product((S,), (P, U, A, PT, F, C, E, R)),
    *product((U,), (P, A, PT, F, C, E, R)),
    *product((A,), (PT, F, C, E, R)),
    *product((PT,), (F, C, E)),
    (C, F),
    (E, F),
    (R, F),
}


@pytest.mark.parametrize(("before", "after"), list(product(OrderState, OrderState)))
def test_each_change_is_legal_or_refused_with_both_states(before: OrderState, after: OrderState) -> None:
    if before is after or (before, after) in LEGAL:
        check_transition("sd-1", before, after)
        return
    with pytest.raises(IllegalTransition, match=f"order sd-1: expected .* after {before}, found {after}"):
        check_transition("sd-1", before, after)


@pytest.mark.parametrize(
    ("before", "after", "expected"), [(PT, A, "cancelled, expired, filled"), (F, PT, "nothing more"), (C, A, "filled")]
)
def test_a_refusal_says_what_would_have_been_legal(before: OrderState, after: OrderState, expected: str) -> None:
    with pytest.raises(IllegalTransition, match=f"expected {expected} after {before}, found {after}; ask the venue"):
        check_transition("sd-1", before, after)


def test_the_table_covers_every_state() -> None:
    assert set(TRANSITIONS) == set(OrderState)


def test_an_illegal_change_stops_trading() -> None:
    assert issubclass(IllegalTransition, LedgerError)


def test_an_order_that_was_sent_never_goes_back_to_unsent_without_a_definite_no() -> None:
    assert [state for state in OrderState if state is not P and is_legal(state, P)] == [S, U]


def test_nothing_but_a_fill_of_all_of_it_follows_the_end_of_an_order() -> None:
    assert {state: TRANSITIONS[state] for state in OrderState if state.is_final} == {
        F: frozenset(),
        C: frozenset({F}),
        E: frozenset({F}),
        R: frozenset({F}),
    }


@pytest.mark.parametrize("before", OrderState)
def test_a_complete_order_is_filled_whatever_was_known(before: OrderState) -> None:
    after = state_for_filled(before, is_complete=True)
    assert after is F
    assert is_legal(before, after)


@pytest.mark.parametrize(("before", "after"), [(P, PT), (S, PT), (U, PT), (A, PT), (PT, PT), (C, C), (E, E), (R, R)])
def test_a_part_fill_keeps_an_ended_order_ended(before: OrderState, after: OrderState) -> None:
    assert state_for_filled(before, is_complete=False) is after
    assert is_legal(before, after)
