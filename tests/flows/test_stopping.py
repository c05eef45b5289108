"""What stops an account by itself: keys that its venue does not accept, and a ledger that cannot be written."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text

from blocks.account import AccountBlock
from desk.adapters.ledger.database import Database
from desk.execution.placing import place_orders
from desk.model.books import TradingState
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderIntent, OrderState, OrderType, TimeInForce
from desk.steps.repair import sync_fills
from flows.reconcile import reconcile
from flows.watch import watch
from tests.flows.test_live_scan import VENUES, Truth, addresses, truth

__all__ = ["addresses", "truth"]
pytestmark = [
    pytest.mark.prefect,
    pytest.mark.parametrize("truth", [one for one in VENUES if one.dialect == "aster"], indirect=True, ids=["aster"]),
]

DENIED = "trader: the venue denies access, the account is halted"
UNWRITABLE = "trader: the ledger cannot be written, nothing is traded"


def deny(truth: Truth, status: int, **more: object) -> None:
    fault = {"place": "before", "kind": "status", "status": status, "venue": truth.venue.dialect, "times": 0, **more}
    truth.admin.post("/faults", json=[fault]).raise_for_status()


def told(desk) -> list[str]:
    return [message.title for message in desk.installation.told]


async def test_keys_that_are_not_accepted_halt_the_account_and_are_told_once_until_a_person_resumes(desk, truth):
    deny(truth, 401)
    for _ in range(2):
        assert (await desk.scan("trader", None)).is_failed()
    assert (await reconcile("trader", return_state=True)).is_failed()

    ledger = desk.installation.ledger
    assert told(desk) == [DENIED]
    assert "Connection simulated is denied access" in desk.installation.told[0].body
    assert "`desk venues check`" in desk.installation.told[0].body
    assert await ledger.trading_state("trader", "aster") is TradingState.HALTED

    truth.admin.delete("/faults").raise_for_status()
    assert (await desk.scan("trader", None)).name == "Held", "a key that works again does not resume by itself"
    await ledger.set_trading_state("account:trader", TradingState.ACTIVE, who="me", why="the key is mended")
    account = AccountBlock(name="trader").open(run="test")
    async with account.held():
        (sent,) = await place_orders([entry("sd-after")], account.order_desk)
    assert sent.state is OrderState.FILLED


async def test_keys_that_may_not_trade_are_found_out_by_the_first_order_and_send_no_second(desk, truth):
    deny(truth, 403, method="POST", path=truth.venue.orders)
    assert (await desk.scan("trader", None)).is_failed()
    (order,) = await desk.installation.ledger.orders("trader")
    assert order.state is OrderState.REJECTED
    assert told(desk) == [DENIED]
    (found,) = await desk.installation.ledger.restrictions("trader", "aster")
    assert (found.state, found.who, found.until) == (TradingState.HALTED, "breaker", None)
    assert truth.orders() == []


async def test_a_watch_that_is_denied_is_told_once_too(desk, truth):
    await hold(desk)
    deny(truth, 401)
    for _ in range(2):
        assert (await watch("trader", return_state=True)).is_failed()
    assert told(desk) == [DENIED]


async def test_a_watch_that_may_look_and_not_trade_halts_the_account_too(desk, truth):
    await hold(desk)
    account = AccountBlock(name="trader").open(run="test")
    await account.trading.cancel("sd-entry-s")
    deny(truth, 403, method="POST")
    assert (await watch("trader", return_state=True)).is_failed()
    assert told(desk) == [DENIED]


async def test_a_ledger_that_cannot_be_written_stops_entries_and_leaves_stops_where_they_are(desk, truth):
    await hold(desk)
    account = AccountBlock(name="trader").open(run="test")
    price = (await account.feed.quotes(["BTC/USDT:USDT"], at=account.clock.now()))["BTC/USDT:USDT"].bid
    away = entry("sd-waits", type=OrderType.LIMIT, price=(price * Decimal("0.9")).quantize(Decimal(1)))
    async with account.held():
        await account.trading.submit(replace(away, time_in_force=TimeInForce.GTC))
    before = await working(account)
    await set_read_only(desk.installation.ledger.database, "ON")

    for _ in range(2):
        assert (await desk.scan("trader", None)).is_failed()
        assert (await watch("trader", return_state=True)).is_failed()
    await set_read_only(desk.installation.ledger.database, "OFF")

    assert "sd-waits" in before
    assert await working(account) == before - {"sd-waits"}
    assert len(await account.trading.positions()) == 1
    assert set(told(desk)) == {UNWRITABLE}
    assert "sd-waits: cancelled, 0 of it filled" in desk.installation.told[0].body


def entry(name: str, **more: object) -> OrderIntent:
    account = AccountBlock(name="trader").open(run="test")
    made = OrderIntent(
        client_order_id=name,
        account="trader",
        strategy="sample",
        instrument="BTC/USDT:USDT",
        candle_close=account.key.candle_close,
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=Decimal("0.01"),
        barriers=Barriers(),
    )
    return replace(made, **more)


async def hold(desk) -> None:
    """Open a position that has its stop at the venue."""
    account = AccountBlock(name="trader").open(run="test")
    async with account.held():
        bought = entry("sd-entry", barriers=Barriers(stop=Decimal(10)))
        (order,) = await place_orders([bought], account.order_desk)
        await sync_fills("trader", trading=account.trading, books=account.ledger, now=account.clock.now())
    assert order.state is OrderState.FILLED
    desk.installation.told.clear()


async def working(account) -> set[str]:
    return {order.client_order_id for order in await account.trading.open_orders()}


async def set_read_only(database: Database, setting: str) -> None:
    async with database.read() as session:
        await (await session.connection()).execute(text(f"PRAGMA query_only={setting}"))
