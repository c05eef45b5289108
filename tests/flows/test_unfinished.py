"""The guardian goes on with a flattening whose process was killed, as long as somebody wants it, and no further."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from blocks.account import AccountBlock, OpenAccount
from blocks.flattening import flatten_account, go_on_flattening
from desk.errors import VenueUnavailable
from desk.execution.flattening import Flattening
from desk.execution.placing import place_orders
from desk.model.books import TradingState
from desk.model.orders import Barriers, OrderState
from desk.steps.repair import sync_fills
from flows.guardian import guardian
from tests.builders import intent
from tests.flows.installation import eventually

pytestmark = pytest.mark.prefect


@pytest.fixture
async def trader(desk) -> OpenAccount:
    """A halted paper account that holds coins, whose market never closes."""
    accounts = desk.installation.config / "accounts.yaml"
    accounts.write_text(accounts.read_text().replace("[EUR/USD, USD/JPY]", "[BTC/USD]"))
    account = AccountBlock(name="trader").open(run="scan")
    bought = replace(
        intent(instrument="BTC/USD", quantity="0.1"), account="trader", barriers=Barriers(stop=Decimal(10))
    )
    async with account.held():
        await place_orders([bought], account.order_desk)
        await sync_fills("trader", trading=account.trading, books=account.ledger, now=account.clock.now())
    await account.ledger.set_trading_state("account:trader", TradingState.HALTED, who="ana", why="fire drill")
    desk.installation.told.clear()
    return account


async def kill_once_sent(account: OpenAccount) -> None:
    """Begin to flatten, and end it without a word once its order is at the venue."""
    await begin(account)
    flattening = flatten_account("trader", run="flatten-1", who="ana", why="fire drill", pauses=[60])
    running = asyncio.create_task(flattening)
    await eventually(lambda: closings(account), lambda states: OrderState.FILLED in states)
    running.cancel()
    await asyncio.wait([running])


async def closings(account: OpenAccount) -> list[OrderState]:
    (one,) = await account.ledger.unfinished_flattenings()
    return [order.state for order in await account.ledger.closing_orders(one)]


async def begin(account: OpenAccount, *, before: timedelta = timedelta(minutes=10)) -> Flattening:
    """Order everything to be closed, so long ago that whoever ordered it has given up."""
    at = account.clock.now() - before
    return await account.ledger.begin_flattening("trader", at, who="ana", why="fire drill")


def told(desk) -> list[str]:
    return [message.title for message in desk.installation.told]


async def test_a_flattening_that_was_killed_before_it_had_closed_anything_is_ended_by_the_guardian(desk, trader):
    await begin(trader)
    state = await guardian(return_state=True)
    assert state.message.endswith("1 flattenings were ended")
    assert await trader.trading.positions() == ()
    assert await trader.ledger.positions("trader") == ()
    assert await trader.ledger.unfinished_flattenings() == ()
    assert told(desk) == ["trader: the guardian goes on closing", "trader: flat"]
    entry = (await trader.ledger.audit_entries())[-1]
    assert (entry.who, entry.action) == ("guardian", "flatten ended flat")


async def test_one_that_was_killed_after_its_order_was_sent_closes_nothing_twice(desk, trader):
    await kill_once_sent(trader)
    assert (await guardian(return_state=True)).is_completed()
    assert await trader.trading.positions() == ()
    orders = await trader.ledger.orders("trader")
    assert [order.intent.strategy for order in orders].count("flatten") == 1


async def test_what_resists_is_told_once_an_hour_whatever_resists_and_no_attempt_is_a_row_of_the_audit(desk, trader):
    begun = await begin(trader)
    async with AccountBlock(name="trader").open(run="a scan that never ends").held():
        assert (await guardian(return_state=True)).message == "not looked after: trader"
    desk.installation.sabotage("trader", task=None, error=VenueUnavailable("fake", "quotes"))
    unread = await go_on_flattening(begun, run="second", pauses=())
    assert unread.left not in ((), ("another run holds the account",))
    assert told(desk) == ["trader: the guardian goes on closing", "trader: NOT flat"]
    assert [entry.action for entry in await trader.ledger.audit_entries()] == ["halted", "flatten begun"]


async def test_who_resumes_the_account_keeps_what_is_open_also_when_it_is_halted_again(desk, trader):
    await begin(trader)
    await trader.ledger.set_trading_state("account:trader", TradingState.ACTIVE, who="ana", why="it was a drill")
    await trader.ledger.set_trading_state("account:trader", TradingState.HALTED, who="ana", why="odd prices")
    assert (await guardian(return_state=True)).is_completed()
    assert len(await trader.trading.positions()) == 1
    assert "flatten dropped" in [entry.action for entry in await trader.ledger.audit_entries()]
    assert told(desk) == []


async def test_while_the_command_may_still_be_at_work_the_guardian_leaves_it_alone(desk, trader):
    await begin(trader, before=timedelta(minutes=5))
    assert (await guardian(return_state=True)).is_completed()
    assert len(await trader.trading.positions()) == 1
    assert len(await trader.ledger.unfinished_flattenings()) == 1
