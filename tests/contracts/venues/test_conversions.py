"""Dollars become USDC at Coinbase once, whatever becomes of the answer, and are no difference of cash."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.venues.coinbase.open import Coinbase, open_coinbase
from desk.adapters.venues.coinbase.terms import CoinbaseTerms
from desk.adapters.venues.coinbase.treasury import CoinbaseTreasury
from desk.execution.cash import CashDifference, CashKind
from desk.model.moves import Move, MoveState
from desk.portfolio.carrying import CarryingLimits, plan_move
from desk.ports import Lease
from desk.steps.treasury import End, Outcome, carry_out, settle
from simulator.server import Addresses
from tests.contracts.venues.bench import CLOSE, HandClock
from tests.simulator.conftest import Steering
from tests.simulator.dialects.test_coinbase_adapter import credentials

MOVE = plan_move(CLOSE.date(), "coins", "coins", Decimal(500), currency="USD", rate=Decimal(1), into="USDC")
LIMITS = CarryingLimits(Decimal(1), Decimal(500), Decimal(1000), {"coins"})
START = Decimal(100_000)


@dataclass
class Portfolio:
    """One account with its ledger, whose cash is counted."""

    ledger: Ledger
    lease: Lease
    clock: HandClock
    coinbase: Coinbase

    @property
    def ends(self) -> list[End]:
        return [End("coins", self.coinbase.trading, self.lease, self.clock.now)]

    @property
    def treasury(self) -> CoinbaseTreasury:
        return CoinbaseTreasury(self.coinbase.conversions, clock=self.clock)

    async def convert(self, move: Move = MOVE) -> Outcome:
        return await carry_out(move, self.ends, self.treasury, LIMITS, self.ledger)

    async def settle(self) -> Outcome:
        [kept] = await self.ledger.open_moves()
        return await settle(kept, self.ends, self.treasury, self.ledger)

    async def figures(self) -> tuple[Decimal, ...]:
        """Dollars, USDC and equity at the venue, and the cash that the ledger expects."""
        money, book = await self.coinbase.trading.account(), await self.ledger.cash_book("coins")
        assert book.entries is not None
        return money.cash, money.balances.get("USDC", Decimal(0)), money.equity, book.entries


@pytest.fixture
async def portfolio(
    addresses: Addresses, steer: Steering, empty_ledger: Path, tmp_path: Path
) -> AsyncIterator[Portfolio]:
    steer.price("BTC/USD", "60000", "60001")
    clock = HandClock()
    database = Database.open(f"sqlite:///{shutil.copy(empty_ledger, tmp_path / 'desk.db')}")
    ledger = Ledger(database, clock)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        terms = CoinbaseTerms("USD", ("BTC/USDC",))
        coinbase = open_coinbase(
            credentials("legacy"), "simulator", terms, clock=clock, base_url=addresses.venues["coinbase"]
        )
        await stack.enter_async_context(coinbase.session)
        lease = await ledger.acquire_lease("coins", "run-1", clock.now(), timedelta(hours=1), venue="coinbase")
        assert lease is not None
        await ledger.record_equity("coins", clock.now() - timedelta(hours=1), START, START)
        opening = CashDifference("USD", Decimal(0), START, CashKind.OPENING)
        await ledger.book_cash(opening, lease=lease, now=CLOSE)
        yield Portfolio(ledger, lease, clock, coinbase)


async def test_dollars_become_as_many_usdc_and_nothing_is_won_or_lost(portfolio: Portfolio) -> None:
    assert (await portfolio.convert()).state is MoveState.DONE
    assert await portfolio.figures() == (99_500, 500, START, 99_500)
    assert await portfolio.ledger.day_start_and_peak("coins", portfolio.clock.now()) == (START, START)


@pytest.mark.parametrize("kind", ["reset", "garble"])
async def test_a_lost_answer_is_asked_for_by_the_id_of_the_offer(
    portfolio: Portfolio, steer: Steering, kind: str
) -> None:
    steer.fault("after", kind, path="convert/trade", method="POST")
    assert (await portfolio.convert()).state is MoveState.UNKNOWN
    assert (await portfolio.settle()).state is MoveState.DONE
    assert await portfolio.figures() == (99_500, 500, START, 99_500)


async def test_an_acceptance_that_never_arrived_is_certain_once_the_offer_has_expired(
    portfolio: Portfolio, steer: Steering
) -> None:
    steer.fault("before", "reset", path="convert/trade", method="POST")
    assert (await portfolio.convert()).state is MoveState.UNKNOWN
    assert (await portfolio.settle()).state is MoveState.UNKNOWN
    steer.wait(minutes=1)
    portfolio.clock.at += timedelta(minutes=1)
    assert (await portfolio.settle()).state is MoveState.REFUSED
    assert await portfolio.figures() == (START, 0, START, START)


async def test_without_an_offer_nothing_is_sent_and_the_same_may_be_tried_again(
    portfolio: Portfolio, steer: Steering
) -> None:
    steer.fault("before", "status", path="convert/quote", status=400)
    assert (await portfolio.convert()).state is MoveState.PLANNED
    assert (await portfolio.convert()).state is MoveState.DONE
