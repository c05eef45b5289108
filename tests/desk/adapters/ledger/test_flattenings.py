"""Flattenings in the ledger: continued until they are flat, and every step of them in the audit."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.errors import LedgerError
from desk.execution.flattening import FLATTEN, Flattening
from desk.model.books import TradingState
from tests.builders import CLOSE, intent


def begin(ledger, account="sample", instruments=(), at=CLOSE):
    return ledger.begin_flattening(account, at, who="me", why="test", instruments=instruments)


@pytest.fixture
async def lease(ledger):
    return await ledger.acquire_lease("sample", "run-1", CLOSE, timedelta(minutes=2), venue="oanda")


async def test_a_flattening_that_has_not_ended_is_continued(ledger):
    first = await begin(ledger)
    await ledger.end_flattening(first, who="me", remaining="position 3 EUR/USD")
    assert await begin(ledger, at=CLOSE + timedelta(hours=1)) == first
    assert [(one.action, one.detail.get("remaining")) for one in await ledger.audit_entries()] == [
        ("flatten begun", None),
        ("flatten stopped", "position 3 EUR/USD"),
        ("flatten continued", None),
    ]


async def test_after_it_has_ended_flat_the_next_is_another_one_even_within_the_same_second(ledger):
    first = await begin(ledger, at=CLOSE + timedelta(milliseconds=700))
    await ledger.end_flattening(first, who="me", remaining="")
    second = await begin(ledger, at=CLOSE + timedelta(milliseconds=800))
    assert (first.begun_at, second.begun_at) == (CLOSE, CLOSE + timedelta(seconds=1))


async def test_other_accounts_and_other_instruments_have_their_own(ledger):
    begun = [await begin(ledger), await begin(ledger, "other"), await begin(ledger, instruments=["EUR/USD"])]
    assert len(set(begun)) == 3
    assert set(await ledger.unfinished_flattenings()) == set(begun)
    await ledger.end_flattening(begun[1], who="me", remaining="")
    assert set(await ledger.unfinished_flattenings()) == {begun[0], begun[2]}


@pytest.mark.parametrize("resumed", ["fleet", "venue:oanda", "account:sample"])
async def test_who_resumes_keeps_what_is_open_whatever_is_halted_later(ledger, lease, resumed):
    begun = [await begin(ledger), await begin(ledger, instruments=["EUR/USD", "XAU/USD"])]
    await ledger.set_trading_state(resumed, TradingState.ACTIVE, who="ana", why="enough")
    await ledger.set_trading_state(resumed, TradingState.HALTED, who="ben", why="news")
    assert await ledger.unfinished_flattenings() == ()
    dropped = [row for row in await ledger.audit_entries() if row.action == "flatten dropped"]
    assert [(row.who, row.detail["why"]) for row in dropped] == [
        ("ana", f"{resumed} was resumed before it was flat") for _ in begun
    ]


@pytest.mark.parametrize("resumed", ["account:other", "venue:other", "account:sample/instrument:USD/JPY"])
async def test_resuming_something_else_leaves_a_flattening_as_it_is(ledger, lease, resumed):
    begun = await begin(ledger, instruments=["EUR/USD"])
    await ledger.set_trading_state(resumed, TradingState.ACTIVE, who="ana", why="")
    assert await ledger.unfinished_flattenings() == (begun,)


async def test_its_orders_are_those_that_carry_its_name(ledger):
    begun = await begin(ledger)
    ours = replace(intent("sd-ours"), strategy=FLATTEN, candle_close=begun.begun_at, reduce_only=True)
    await ledger.store_intents([ours, intent("sd-another"), replace(ours, client_order_id="sd-b", account="other")])
    assert [order.client_order_id for order in await ledger.closing_orders(begun)] == ["sd-ours"]


async def test_one_that_was_never_begun_cannot_end(ledger):
    with pytest.raises(LedgerError, match=r"expected a flattening of .* found none"):
        await ledger.end_flattening(Flattening("sample", CLOSE), who="me", remaining="")
