"""The watch and the guardian through Prefect's engine, over the embedded venue and a real ledger, at the present."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from blocks.account import LEASE_FOR, AccountBlock, watch_holder
from desk.errors import VenueUnavailable
from desk.execution.placing import place_orders
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderIntent, OrderType
from desk.steps.repair import sync_fills
from flows.guardian import guardian
from flows.hooks import tell_watch_ended
from flows.watch import watch

pytestmark = pytest.mark.prefect

ASTER = "  aster: {maker_fee_bps: 0, taker_fee_bps: 0, max_leverage: 20}\n"
COINS = """\
  coins: &coins
    <<: *account
    venue: aster
    currency: USDT
    instruments: [BTC/USDT:USDT]
    strategies: [{name: momentum_trading}]
"""


def configure(accounts: Path) -> None:
    accounts.write_text(accounts.read_text().replace("  oanda: {", ASTER + "  oanda: {", 1) + COINS)


@pytest.fixture
async def coins(desk):
    """An account that trades at any hour, and has just opened a position that no scan knows of."""
    accounts = desk.installation.config / "accounts.yaml"
    configure(accounts)
    account = AccountBlock(name="coins").open(run="test")
    intent = OrderIntent(
        client_order_id="sd-entry",
        account="coins",
        strategy="sample",
        instrument="BTC/USDT:USDT",
        candle_close=account.key.candle_close,
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=Decimal("0.01"),
        barriers=Barriers(stop=Decimal(10)),
    )
    async with account.held() as is_held:
        assert is_held
        await place_orders([intent], account.order_desk)
        await sync_fills("coins", trading=account.trading, books=account.ledger, now=account.clock.now())
    return accounts


async def test_an_account_that_holds_nothing_costs_a_look_into_the_ledger(desk):
    state = await watch("trader", return_state=True)
    assert (state.name, state.message) == ("NotWatched", "trader: nothing is held, and no order is open")


async def test_a_position_is_watched_and_the_money_written_down(desk, coins):
    ledger, before = desk.installation.ledger, datetime.now(UTC)
    state = await watch("coins", return_state=True)
    assert (state.name, state.message) == ("Completed", "coins: 1 positions, 0 things done")
    assert await ledger.last_valued_at("coins", datetime.now(UTC)) >= before
    assert await ledger.lease_holder("coins") == ""


async def test_a_watch_looks_at_the_prices_of_now_and_not_at_those_of_the_last_decision(desk, coins):
    desk.installation.forbid_decisions("coins")
    assert (await watch("coins", return_state=True)).name == "Completed"


async def test_a_watch_gives_way_to_a_scan(desk, coins):
    now = datetime.now(UTC)
    await desk.installation.ledger.acquire_lease("coins", "a scan", now, LEASE_FOR, venue="aster")
    state = await watch("coins", return_state=True)
    assert (state.name, state.message) == ("NotWatched", "coins: another run holds the account")


async def test_a_scan_waits_for_a_watch_and_for_no_other_scan(desk):
    ledger, now = desk.installation.ledger, datetime.now(UTC)
    lease = await ledger.acquire_lease("trader", watch_holder("x"), now, LEASE_FOR, venue="oanda")
    account = AccountBlock(name="trader").open(run="a scan")

    async def release() -> None:
        await asyncio.sleep(0.1)
        await ledger.release_lease(lease)

    async def hold() -> bool:
        async with account.held() as is_held:
            return is_held

    assert await asyncio.gather(hold(), release()) == [True, None]
    await ledger.acquire_lease("trader", "another scan", now, LEASE_FOR, venue="oanda")
    assert not await asyncio.wait_for(hold(), 1)


async def test_a_watch_that_crashed_gives_its_account_back(desk):
    run = await desk.client.read_flow_run(await desk.deployed_run("trader"))
    now, holder = datetime.now(UTC), watch_holder(str(run.id))
    await desk.installation.ledger.acquire_lease("trader", holder, now, LEASE_FOR, venue="oanda")
    await tell_watch_ended(flow=watch, flow_run=run, state=run.state)
    assert await desk.installation.ledger.lease_holder("trader") == ""


async def test_an_account_whose_scan_is_broken_is_watched_all_the_same(desk, coins):
    desk.installation.sabotage("coins", task="take_snapshot", error=ZeroDivisionError("a bug"))
    assert (await desk.scan("coins", None)).is_failed()
    assert (await watch("coins", return_state=True)).name == "Completed"


async def test_the_guardian_watches_an_account_that_was_switched_off_with_a_position(desk, coins):
    assert (await watch("coins", return_state=True)).name == "Completed"
    coins.write_text(coins.read_text() + "    active: false\n")
    before = datetime.now(UTC)
    state = await guardian(return_state=True)
    assert state.message == "1 accounts were watched that nobody else watches"
    assert await desk.installation.ledger.last_valued_at("coins", datetime.now(UTC)) >= before


async def test_the_guardian_leaves_alone_what_is_watched(desk, coins):
    assert (await watch("coins", return_state=True)).name == "Completed"
    state = await guardian(return_state=True)
    assert state.message == "0 accounts were watched that nobody else watches"


async def test_the_guardian_tells_of_positions_of_an_account_that_is_in_no_configuration(desk, coins):
    text = coins.read_text()
    coins.write_text(text[: text.index("  coins:")])
    desk.installation.told.clear()
    for _ in range(2):
        assert (await guardian(return_state=True)).message == "not looked after: coins"
    assert [message.title for message in desk.installation.told] == ["coins: held and not watched"]


async def test_a_watch_that_fails_is_told_once_and_holds_nothing(desk, coins):
    desk.installation.told.clear()
    broken = desk.installation.opened.feed("coins")

    async def fail(*_: object, **__: object) -> None:
        raise VenueUnavailable("aster", "candles", message="no answer")

    broken.matching.candles = broken.matching.quotes = fail
    broken.deciding.instruments = fail
    for _ in range(2):
        assert (await watch("coins", return_state=True)).is_failed()
    assert [message.title for message in desk.installation.told] == ["coins: the watch failed"]
    assert await desk.installation.ledger.lease_holder("coins") == ""
