"""Entries that are marked as on their way and still wait, for their budget or a connection, while trading is halted."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from blocks.account import AccountBlock, OpenAccount
from desk.adapters.budget.urgency import PrioritisedTrading
from desk.adapters.venue_http.session import Request, VenueSession
from desk.errors import LeaseLost
from desk.execution.placing import place_orders
from desk.model.books import TradingState
from desk.model.orders import Order, OrderIntent, OrderState
from desk.ports import Lease
from tests.builders import intent
from tests.fakes import FakeVenue

pytestmark = pytest.mark.usefixtures("installation")

ORDER = Request("POST", "/orders", "order sd-1", json={"size": "1"})
HALTED = "TRADING_HALTED: drill (ordered by pilot)"
SCOPES = ("fleet", "account:trader", "account:trader/strategy:constant", "account:trader/instrument:EUR/USD")


class Queue:
    """A budget for whose turn is waited, while something happens."""

    def __init__(self, happens: Callable[[], Awaitable[None]]) -> None:
        self._happens = happens

    async def admit(self, endpoint: str) -> None:
        await self._happens()

    def count(self, endpoint: str, status: int | None) -> None:
        pass

    async def pause(self, endpoint: str, status: int, length: timedelta, why: str) -> None:
        pass


class Wire(FakeVenue):
    """A venue that is sent each order over HTTP."""

    def __init__(self, session: VenueSession) -> None:
        super().__init__()
        self._session = session

    async def submit(self, intent: OrderIntent) -> Order:
        await self._session.write(ORDER)
        return await super().submit(intent)


@pytest.fixture
async def trader() -> AsyncIterator[OpenAccount]:
    account = AccountBlock(name="trader").open(run="run-1")
    async with account.held():
        yield account


async def send(
    trader: OpenAccount, sent: OrderIntent, happens: Callable[[], Awaitable[None]], seen: list[str] | None = None
) -> tuple[Order, Wire]:
    """Send an order that waits for its turn; return what became of it, and the venue."""

    def answer(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request.url.path)
        return httpx.Response(200, json={})

    transport = httpx.MockTransport(answer)
    async with VenueSession(
        "fake", "http://venue.test", errors=lambda *_: None, transport=transport, meter=Queue(happens)
    ) as session:
        wire = Wire(session)
        [order] = await place_orders([sent], replace(trader.order_desk, trading=PrioritisedTrading(wire)))
    return order, wire


def halt(trader: OpenAccount, scope: str, state: TradingState = TradingState.HALTED) -> Callable[[], Awaitable[None]]:
    return lambda: trader.ledger.set_trading_state(scope, state, who="pilot", why="drill")


@pytest.mark.parametrize("scope", SCOPES)
async def test_an_entry_that_waits_for_its_budget_while_a_halt_is_ordered_does_not_leave(trader, scope):
    order, venue = await send(trader, replace(intent(), account="trader"), halt(trader, scope))

    assert venue.accepted == []
    assert (order.state, order.reason) == (OrderState.CANCELLED, HALTED)
    assert await trader.ledger.unresolved_orders("trader") == ()


async def test_nor_does_one_while_only_reducing_is_ordered(trader):
    order, venue = await send(
        trader, replace(intent(), account="trader"), halt(trader, "fleet", TradingState.REDUCE_ONLY)
    )
    assert (order.state, venue.accepted) == (OrderState.CANCELLED, [])


async def test_one_leaves_that_the_halt_does_not_cover(trader):
    order, venue = await send(trader, replace(intent(), account="trader"), halt(trader, "account:holder"))
    assert (order.state, len(venue.accepted)) == (OrderState.FILLED, 1)


async def test_what_reduces_a_position_leaves_while_a_halt_is_ordered(trader):
    sent = replace(intent(), account="trader", reduce_only=True)
    order, venue = await send(trader, sent, halt(trader, "fleet"))
    assert (order.state, len(venue.accepted)) == (OrderState.FILLED, 1)


async def test_an_exit_that_waits_while_another_run_takes_the_account_over_does_not_leave(trader):
    async def hold() -> Lease | None:
        ledger, now = trader.ledger, trader.wall.now()
        return await ledger.acquire_lease("trader", "run-2", now, timedelta(minutes=2), venue=trader.spec.venue)

    async def take_over() -> None:
        await trader.ledger.release_lease(trader.lease)
        assert await hold()

    sent, seen = replace(intent(), account="trader", reduce_only=True), []
    with pytest.raises(LeaseLost):
        await send(trader, sent, take_over, seen)
    assert seen == []
    assert [order.state for order in await trader.ledger.unresolved_orders("trader")] == [OrderState.SENDING]


async def test_an_entry_does_not_leave_for_an_account_that_is_configured_otherwise_by_then(trader, installation):
    async def reconfigure() -> None:
        accounts = installation.config / "accounts.yaml"
        accounts.write_text(accounts.read_text().replace("mode: paper", "mode: dry_run"))

    order, venue = await send(trader, replace(intent(), account="trader"), reconfigure)
    assert (order.state, venue.accepted) == (OrderState.REJECTED, [])
    assert "the account's configuration has changed" in order.reason


async def test_an_entry_that_waits_in_a_task_of_its_own_does_not_leave_either(trader):
    order, venue = await asyncio.create_task(send(trader, replace(intent(), account="trader"), halt(trader, "fleet")))
    assert (order.state, venue.accepted) == (OrderState.CANCELLED, [])
