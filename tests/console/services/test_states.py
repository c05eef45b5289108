import pytest

from console.failures import NotUnderstood
from console.services.standings import fleet_standing
from console.services.states import StateOrder, put_state, states_in_force
from desk.model.books import TradingState
from tests.console.services.conftest import Ask

HALT = StateOrder("account:sample", TradingState.HALTED, "ana", "news\x1b at eight")


def test_a_halt_is_in_force_and_says_by_whom(ask: Ask):
    put = ask(lambda desk: put_state(desk.ledger, HALT, lambda: desk.fleet))
    assert (put.scope, put.state, put.who, put.why, put.stricter) == (
        "account:sample",
        "halted",
        "ana",
        "news at eight",
        (),
    )
    [found] = ask(lambda desk: states_in_force(desk.ledger))
    assert (found.scope, found.state, found.who) == ("account:sample", "halted", "ana")
    standing = ask(fleet_standing).accounts[0]
    assert standing.facts.trading_state is TradingState.HALTED
    assert "news at eight" in standing.facts.wrong


def test_who_resumes_less_than_is_halted_is_told(ask: Ask):
    fleet = StateOrder("fleet", TradingState.HALTED, "ana", "news")
    resumed = StateOrder("account:sample", TradingState.ACTIVE, "ben")
    ask(lambda desk: put_state(desk.ledger, fleet, lambda: desk.fleet))
    put = ask(lambda desk: put_state(desk.ledger, resumed, lambda: desk.fleet))
    assert put.stricter == ("It stays stricter than that: fleet is halted: news (ordered by ana).",)


@pytest.mark.parametrize("scope", ["account:sampel", "fleeet", ""])
def test_a_scope_that_is_none_changes_nothing(ask: Ask, scope: str):
    order = StateOrder(scope, TradingState.HALTED, "ana")
    with pytest.raises(NotUnderstood):
        ask(lambda desk: put_state(desk.ledger, order, lambda: desk.fleet))
    assert ask(lambda desk: states_in_force(desk.ledger)) == ()
