"""Money moves between the two wallets of a login at KuCoin once, whatever becomes of the answer."""

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
from desk.adapters.venues.kucoin.opening import Connection, open_kucoin_futures, open_kucoin_spot
from desk.adapters.venues.kucoin.transfers import Wallet
from desk.adapters.venues.kucoin.treasury import KucoinTreasury
from desk.model.instrument import Side
from desk.model.moves import Move, MoveState
from desk.model.orders import OrderIntent, OrderType, TimeInForce
from desk.portfolio.carrying import CarryingLimits, plan_move
from desk.ports import Lease, Trading
from desk.steps.treasury import End, Outcome, carry_out, settle
from simulator.server import Addresses
from tests.contracts.venues.bench import CLOSE, HandClock
from tests.simulator.conftest import Steering
from tests.simulator.kucoin_customer import BTC, credentials

SENT = "universal-transfer"
START = Decimal(100_000)
LIMITS = CarryingLimits(Decimal(1), Decimal(200_000), Decimal(400_000), {"spot", "futures"})


@dataclass
class Login:
    """One customer's two accounts with the ledger of a desk, which has valued both."""

    ledger: Ledger
    clock: HandClock
    steer: Steering
    ports: dict[str, Trading]
    leases: dict[str, Lease]
    treasuries: dict[str, KucoinTreasury]

    @property
    def ends(self) -> list[End]:
        return [End(name, port, self.leases[name], self.clock.now) for name, port in self.ports.items()]

    async def carry_out(self, move: Move) -> Outcome:
        return await carry_out(move, self.ends, self.treasuries[move.source], LIMITS, self.ledger)

    async def settle(self) -> Outcome:
        [kept] = await self.ledger.open_moves()
        return await settle(kept, self.ends, self.treasuries[kept.move.source], self.ledger)

    def wait(self, **duration: float) -> None:
        self.steer.wait(**duration)
        self.clock.at += timedelta(**duration)

    def cash(self) -> tuple[Decimal, Decimal]:
        spot, futures = (Decimal(self.steer.truth(venue)["cash"]) for venue in ("kucoin", "kucoin_futures"))
        return spot, futures

    async def counted(self) -> dict[str, tuple[Decimal, ...]]:
        """Equity at midnight, peak and last equity of both accounts, as limits of losses count them."""
        found = {}
        for name in self.ports:
            history = await self.ledger.day_start_and_peak(name, self.clock.now())
            (*_, last) = await self.ledger.equity_curve(name)
            assert history is not None
            found[name] = (*history, last.equity)
        return found


def move(amount: str = "2500", *, back: bool = False) -> Move:
    source, target = ("futures", "spot") if back else ("spot", "futures")
    return plan_move(CLOSE.date(), source, target, Decimal(amount), currency="USDT", rate=Decimal(1))


@pytest.fixture
async def login(addresses: Addresses, steer: Steering, empty_ledger: Path, tmp_path: Path) -> AsyncIterator[Login]:
    steer.price(BTC, "60000", "60000.1")
    clock = HandClock()
    database = Database.open(f"sqlite:///{shutil.copy(empty_ledger, tmp_path / 'desk.db')}")
    ledger = Ledger(database, clock)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        reached = [Connection(clock, "simulator", addresses.venues[name]) for name in ("kucoin", "kucoin_futures")]
        spot = await stack.enter_async_context(open_kucoin_spot(credentials(), reached[0], instruments=(BTC,)))
        futures = await stack.enter_async_context(open_kucoin_futures(credentials(), reached[1]))
        leases = {}
        for name in ("spot", "futures"):
            lease = await ledger.acquire_lease(name, "run-1", clock.now(), timedelta(hours=9), venue="kucoin")
            assert lease is not None
            leases[name] = lease
            await ledger.record_equity(name, clock.now() - timedelta(hours=1), START, START)
        yield Login(
            ledger,
            clock,
            steer,
            {"spot": spot.trading, "futures": futures.trading},
            leases,
            {
                "spot": KucoinTreasury(spot.transfers, (Wallet.TRADE, Wallet.FUTURES), clock=clock),
                "futures": KucoinTreasury(futures.transfers, (Wallet.FUTURES, Wallet.TRADE), clock=clock),
            },
        )


async def test_money_moves_there_and_back_and_is_neither_won_nor_lost(login: Login) -> None:
    assert (await login.carry_out(move())).state is MoveState.DONE
    assert login.cash() == (97_500, 102_500)
    assert await login.counted() == {"spot": (97_500,) * 3, "futures": (102_500,) * 3}
    login.wait(minutes=1)
    assert (await login.carry_out(move("1000", back=True))).state is MoveState.DONE
    assert login.cash() == (98_500, 101_500)
    assert await login.counted() == {"spot": (98_500,) * 3, "futures": (101_500,) * 3}


@pytest.mark.parametrize(("kind", "back"), [("reset", False), ("cut", False), ("status", True)])
async def test_a_lost_answer_is_asked_for_and_never_sent_again(login: Login, kind: str, back: bool) -> None:
    login.steer.fault("after", kind, path=SENT)
    assert (await login.carry_out(move(back=back))).state is MoveState.UNKNOWN
    again = await login.carry_out(move("900", back=back))
    assert (again.state, "it is not known what became of" in again.detail) == (MoveState.PLANNED, True)
    assert (await login.settle()).state is MoveState.DONE
    assert login.cash() == ((102_500, 97_500) if back else (97_500, 102_500))
    assert await login.ledger.open_moves() == ()
    spot, futures = (await login.counted()).values()
    assert (spot, futures) == (((102_500,) * 3, (97_500,) * 3) if back else ((97_500,) * 3, (102_500,) * 3))


async def test_while_it_is_not_known_both_accounts_open_nothing_and_the_giver_has_lost_nothing(login: Login) -> None:
    login.steer.fault("after", "reset", path=SENT)
    await login.carry_out(move())
    for name in ("spot", "futures"):
        [found] = await login.ledger.restrictions(name, "kucoin")
        assert f"it is not known whether 2500 USDT of spot were moved ({move().move_id})" in found.why
    counted = await login.counted()
    assert (counted["spot"][:2], counted["futures"][:2]) == ((97_500, 97_500), (START, START))


async def test_what_never_arrived_is_certain_after_five_minutes_and_then_free_to_be_planned_anew(login: Login) -> None:
    login.steer.fault("before", "reset", path=SENT)
    assert (await login.carry_out(move())).state is MoveState.UNKNOWN
    early = await login.settle()
    assert (early.state, "nothing is booked yet" in early.detail) == (MoveState.UNKNOWN, True)
    login.wait(minutes=5)
    assert (await login.settle()).state is MoveState.REFUSED
    assert login.cash() == (START, START)
    same = await login.carry_out(move())
    assert (same.state, "planned today before" in same.detail) == (MoveState.REFUSED, True)
    assert (await login.carry_out(move("2400"))).state is MoveState.DONE


async def test_what_the_venue_refuses_is_refused_for_good(login: Login) -> None:
    await login.ports["spot"].submit(
        OrderIntent(
            client_order_id="sd-1",
            account="spot",
            strategy="",
            instrument=BTC,
            candle_close=CLOSE,
            side=Side.BUY,
            type=OrderType.LIMIT,
            quantity=Decimal("1.9"),
            price=Decimal(50_000),
            time_in_force=TimeInForce.GTC,
        )
    )
    refused = await login.carry_out(move("50000"))
    assert (refused.state, "Balance insufficient!" in refused.detail) == (MoveState.REFUSED, True)
    assert login.cash() == (START, START)
    assert await login.ledger.open_moves() == ()


async def test_an_id_that_is_sent_twice_moves_money_once(login: Login) -> None:
    for _ in range(2):
        assert await login.treasuries["spot"].carry_out(move(), "") == 2500
    assert login.cash() == (97_500, 102_500)


async def test_a_key_that_may_not_move_money_moves_none_and_halts_nothing(login: Login) -> None:
    login.steer.fault("before", "status", path=SENT, status=403)
    assert (await login.carry_out(move())).state is MoveState.REFUSED
    assert await login.ledger.restrictions_in_force() == ()
    assert login.cash() == (START, START)
