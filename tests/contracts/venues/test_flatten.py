"""Closing everything, at every venue: flat in the end whatever is lost, or an alert that names what is left."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from desk.adapters.ledger.ledger import Ledger
from desk.execution.flattening import FLATTEN, Flattening
from desk.execution.placing import OrderDesk, place_orders
from desk.model.books import Quote, TradingState
from desk.model.instrument import Side
from desk.model.orders import Order, OrderState
from desk.ports import Message
from desk.steps.flatten import Flattened, FlatteningTools, flatten
from tests.contracts.venues.bench import Bench
from tests.contracts.venues.venues import ASTER_HMAC, CASES, OANDA, WIRED

PATIENCE = (0.0,) * 6


class Told:
    """A notifier that keeps what it was told."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message) -> None:
        self.messages.append(message)


class Market:
    """Quotes of the bench's instrument, traded or not."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.tradable = True

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        bench = self._bench
        return {name: Quote(name, bench.bid, bench.ask, at, self.tradable) for name in instruments}


class Site:
    """The account of a bench, halted, in the ledger."""

    def __init__(self, bench: Bench, ledger: Ledger) -> None:
        self.bench = bench
        self.ledger = ledger
        self.told = Told()
        self.market = Market(bench)
        self.runs = 0

    async def hold_something(self) -> None:
        """A position and an order that works, both in the ledger."""
        async with self._held("scan") as desk:
            assert desk is not None
            await place_orders([self.bench.market_order("sd-held"), self.bench.limit_order("sd-entry")], desk)
        await self.ledger.set_trading_state("account:sample", TradingState.HALTED, who="me", why="test")

    async def flatten(self, pauses: Sequence[float] = PATIENCE) -> tuple[Flattening, Flattened]:
        self.runs += 1
        holder = f"flatten-{self.runs}"
        begun = await self.ledger.begin_flattening("sample", self.bench.clock.now(), who="me", why="test")
        tools = FlatteningTools(
            lambda: self._held(holder), self.ledger, self.market, self.bench.clock.now, self.told, sleep=self._wait
        )
        done = await flatten(begun, tools, pauses=pauses)
        await self.ledger.end_flattening(begun, who="me", remaining="\n".join(done.left))
        return begun, done

    async def closings(self) -> list[OrderState]:
        return [one.state for one in await self.ledger.orders("sample") if one.intent.strategy == FLATTEN]

    @asynccontextmanager
    async def _held(self, holder: str) -> AsyncIterator[OrderDesk | None]:
        ttl = timedelta(minutes=2)
        lease = await self.ledger.acquire_lease("sample", holder, self.bench.clock.now(), ttl, venue="any")
        yield OrderDesk(self.bench.trading, self.ledger, lease) if lease else None
        if lease:
            await self.ledger.release_lease(lease)

    async def _wait(self, _seconds: float) -> None:
        self.bench.wait(seconds=20)


@pytest.fixture
async def site(bench: Bench, ledger: Ledger) -> Site:
    site = Site(bench, ledger)
    await site.hold_something()
    return site


async def assert_flat(site: Site) -> None:
    """Nothing is left at the venue, nothing was turned round, and the ledger says the same."""
    assert await site.bench.held() == 0
    assert await site.bench.working() == set()
    assert await site.ledger.positions("sample") == ()
    assert await site.ledger.unfinished_flattenings() == ()
    assert not [one for one in await site.ledger.orders("sample") if not one.state.is_final]


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_orders_are_cancelled_and_positions_closed_although_the_account_is_halted(case, site):
    _, done = await site.flatten()
    assert (done.left, [message.severity for message in site.told.messages]) == ((), ["info"])
    assert await site.closings() == [OrderState.FILLED]
    await assert_flat(site)


@pytest.mark.parametrize("kind", ["close", "reset", "status"])
@pytest.mark.parametrize("case", WIRED, ids=str)
async def test_replies_that_are_lost_are_asked_for_and_nothing_is_closed_twice(case, kind, site):
    site.bench.lose_orders(kind, status=503, times=2)
    _, done = await site.flatten()
    assert done.is_flat
    assert await site.closings() == [OrderState.FILLED]
    await assert_flat(site)


@pytest.mark.parametrize("case", [OANDA, ASTER_HMAC], ids=str)
async def test_a_venue_that_is_silent_for_a_while_is_waited_for(case, site):
    for method in ("GET", "POST", "PUT", "DELETE"):
        site.bench.fault("before", "status", status=503, times=3, method=method)
    _, done = await site.flatten(pauses=(0.0,) * 12)
    assert done.is_flat
    await assert_flat(site)


@pytest.mark.parametrize("case", [CASES[0], OANDA, ASTER_HMAC], ids=str)
async def test_while_the_market_is_closed_what_is_left_is_said_and_the_next_run_goes_on(case, site):
    site.market.tradable = False
    first, done = await site.flatten()
    held = f"position {await site.bench.held()} {site.bench.case.instrument}: its market is closed"
    assert done.left == (held,)
    assert [message.severity for message in site.told.messages] == ["warning", "error"]
    assert held in site.told.messages[-1].body
    assert await site.closings() == []

    site.market.tradable = True
    second, done = await site.flatten()
    assert (first, done.is_flat) == (second, True)
    await assert_flat(site)


@pytest.mark.parametrize("case", [OANDA, ASTER_HMAC], ids=str)
async def test_a_run_that_died_while_it_closed_is_continued_without_closing_twice(case, site):
    await _die_after_sending(site)
    assert [state for state in await site.closings() if state.is_unresolved]
    await site.bench.reopen()
    # The dead run still holds the account for a while.
    _, done = await site.flatten()
    assert done.is_flat
    assert await site.closings() == [OrderState.FILLED]
    await assert_flat(site)


async def _die_after_sending(site: Site) -> None:
    """End like a killed process: the order is at the venue, and nothing more is written down."""
    record = site.ledger.record_order

    async def die(account: str, order: Order, *, detail: str = "") -> None:
        if order.state is OrderState.FILLED:
            raise KeyboardInterrupt("killed")
        await record(account, order, detail=detail)

    site.ledger.record_order = die
    with pytest.raises(KeyboardInterrupt):
        await site.flatten()
    site.ledger.record_order = record


@pytest.mark.parametrize("case", [CASES[0], OANDA], ids=str)
async def test_what_was_turned_round_by_hand_is_closed_as_it_is(case, site):
    await site.bench.trading.submit(
        site.bench.market_order("by-hand", Side.SELL, quantity=3 * site.bench.case.quantity)
    )
    assert await site.bench.held() == Decimal(-2) * site.bench.case.quantity
    await site.flatten()
    assert await site.bench.held() == 0
    assert await site.bench.working() == set()
