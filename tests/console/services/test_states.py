import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from console.failures import NotUnderstood
from console.services.opening import OpenDesk
from console.services.standings import fleet_standing
from console.services.states import StateInForce, StateOrder, halting_otherwise, put_state, states_in_force
from desk.errors import LedgerBusy, LedgerError
from desk.execution.breaker import Limit, Trip
from desk.model.books import Restriction, TradingState
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


def test_who_only_reduces_an_account_that_a_limit_has_halted_is_told(ask: Ask):
    loss = Trip(Limit.DAILY_LOSS, TradingState.HALTED, Decimal("0.04"), Decimal("0.03"), "0.04 is lost")

    async def reduce(desk: OpenDesk) -> StateInForce:
        await desk.ledger.record_trips("sample", [loss])
        return await put_state(desk.ledger, replace(HALT, state=TradingState.REDUCE_ONLY), lambda: desk.fleet)

    put = ask(reduce)
    assert isinstance(put, StateInForce)
    assert put.stricter == (
        "It stays stricter than that: account:sample is halted: 0.04 is lost (ordered by breaker).",
    )


@pytest.mark.parametrize("scope", ["account:sampel", "fleeet", ""])
def test_a_scope_that_is_none_changes_nothing(ask: Ask, scope: str):
    order = StateOrder(scope, TradingState.HALTED, "ana")
    with pytest.raises(NotUnderstood):
        ask(lambda desk: put_state(desk.ledger, order, lambda: desk.fleet))
    assert ask(lambda desk: states_in_force(desk.ledger)) == ()


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the ledger's write lock as another process does."""
    with closing(sqlite3.connect(home / "desk.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_halt_that_others_keep_from_being_written_says_soon_what_halts_without_the_ledger(ask: Ask, home: Path):
    soon = timedelta(milliseconds=300)
    started = time.monotonic()
    with locked(home), pytest.raises(LedgerBusy) as told:
        ask(lambda desk: put_state(desk.ledger, HALT, lambda: desk.fleet, patience=soon))
    assert time.monotonic() - started < 4
    assert "nothing was written, and positions may still be opened" in str(told.value)
    assert f"(touch {home / 'HALT'})" in str(told.value)
    assert ask(lambda desk: states_in_force(desk.ledger)) == ()


@pytest.mark.parametrize("state", [TradingState.HALTED, TradingState.ACTIVE])
def test_an_order_in_force_is_told_as_that_where_what_else_holds_cannot_be_read(ask: Ask, state: TradingState):
    async def broken() -> tuple[Restriction, ...]:
        raise LedgerError("the connection is gone")

    async def put(desk: OpenDesk) -> StateInForce:
        desk.ledger.restrictions_in_force = broken  # type: ignore[method-assign]
        return await put_state(desk.ledger, replace(HALT, state=state), lambda: desk.fleet)

    found = ask(put)
    assert isinstance(found, StateInForce)
    assert (found.scope, found.state) == ("account:sample", state)
    assert found.stricter == (
        "It is in force; whether something stricter holds could not be read: the connection is gone.",
    )


def test_what_is_told_is_what_halts_indeed(ask: Ask, home: Path):
    (home / "HALT").touch()
    [found] = ask(lambda desk: states_in_force(desk.ledger))
    assert (found.scope, found.state) == ("fleet", "halted")


def test_an_order_to_trade_more_is_told_nothing_of_halting(home: Path):
    with pytest.raises(LedgerBusy, match=r"^busy$"), halting_otherwise(TradingState.ACTIVE):
        raise LedgerBusy("busy")
