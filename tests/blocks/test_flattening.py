"""Closing an account from its name: at its own venue, on its own clock, under its lease."""

from dataclasses import replace
from decimal import Decimal

import pytest

from blocks.account import AccountBlock
from blocks.flattening import flatten_account
from desk.execution.placing import place_orders
from desk.model.books import TradingState
from tests.builders import intent


@pytest.fixture
async def trader(installation):
    """A paper account that holds coins, whose market never closes, and is halted."""
    accounts = installation.config / "accounts.yaml"
    accounts.write_text(accounts.read_text().replace("[EUR/USD, USD/JPY]", "[BTC/USD]"))
    account = AccountBlock(name="trader").open(run="scan")
    bought = replace(intent(instrument="BTC/USD", quantity="0.1"), account="trader")
    async with account.held():
        (order,) = await place_orders([bought], account.order_desk)
    assert order.filled_quantity == Decimal("0.1")
    await account.ledger.set_trading_state("fleet", TradingState.HALTED, who="me", why="test")
    return account


async def test_an_account_is_closed_at_its_venue_and_booked_in_the_ledger(trader, installation):
    done = await flatten_account("trader", run="flatten-1", who="ana", why="fire drill", pauses=(0,) * 3)
    assert (done.left, done.passes) == ((), 2)
    assert await trader.trading.positions() == ()
    assert await trader.ledger.positions("trader") == ()
    assert [message.title for message in installation.told] == ["trader: flat"]
    actions = [(entry.who, entry.action) for entry in await trader.ledger.audit_entries()]
    assert actions[-2:] == [("ana", "flatten begun"), ("ana", "flatten ended flat")]


async def test_only_the_instruments_that_were_named_are_closed(trader):
    done = await flatten_account("trader", run="flatten-1", who="ana", why="", instruments=["EUR/USD"], pauses=())
    assert done.left == ()
    assert len(await trader.trading.positions()) == 1


async def test_while_a_scan_holds_the_account_it_waits_and_says_so_in_the_end(trader, installation):
    async with trader.held():
        done = await flatten_account("trader", run="flatten-1", who="ana", why="", pauses=(0,) * 3)
    assert done.left == ("another run holds the account",)
    assert [message.severity for message in installation.told] == ["warning", "error"]
    (unfinished,) = await trader.ledger.unfinished_flattenings()
    assert unfinished.account == "trader"
