"""Cash on both sides: what no fill tells of is booked once, named for what is known, and never while orders move."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import upgrade
from desk.errors import LeaseLost, VenueUnavailable
from desk.execution.cash import CashKind
from desk.execution.placing import OrderDesk
from desk.model.books import AccountState, Position
from desk.model.externals import Externals
from desk.model.instrument import Side
from desk.model.moves import Worth
from desk.model.orders import OrderState
from desk.portfolio.carrying import CarryingLimits, plan_move
from desk.ports import Lease, Message
from desk.steps.reconcile import reconcile
from desk.steps.reconciling import CashLook, Terms
from tests.builders import CLOSE, INSTRUMENTS, intent
from tests.desk.adapters.ledger.builders import fill
from tests.desk.steps.fakes import FakeTrading

NOW = CLOSE + timedelta(minutes=10)
RATES = {"USD": Decimal(1)}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ledger") / "desk.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


@dataclass
class Bench:
    """An account with 10,000 USD, its ledger, and what people were told."""

    ledger: Ledger
    lease: Lease
    venue: FakeTrading = field(default_factory=FakeTrading)
    told: list[Message] = field(default_factory=list)
    now: datetime = NOW

    async def send(self, message: Message) -> None:
        self.told.append(message)

    async def look(self, paid: tuple[str, ...] | None = ()) -> CashLook | None:
        """Reconcile, and return what came of the cash."""
        known = tuple(INSTRUMENTS)
        terms = Terms("sample", CLOSE, known, INSTRUMENTS, Externals.IGNORE, self.now, paid)
        desk = OrderDesk(self.venue, self.ledger, self.lease)
        return (await reconcile(terms, desk=desk, books=self.ledger, notifier=self)).cash

    async def booked(self, paid: tuple[str, ...] = ()) -> CashKind | None:
        """Reconcile, and return what kind of entry was made."""
        found = await self.look(paid)
        assert found is not None
        return found.booked.kind if found.booked else None

    def pay(self, amount: str) -> None:
        """Let the venue's cash change without a fill."""
        self.venue.money = replace(self.venue.money, cash=self.venue.money.cash + Decimal(amount))

    async def buy(self, *, fee: str = "0", at: datetime = CLOSE) -> None:
        """Let the desk hold 100 EUR/USD at 1.1, as both sides know; the venue's cash stays what it was."""
        bought = replace(fill(fee=fee), at=at)
        await self.ledger.book_fills("sample", (bought,), cursor="c-1", conversion=RATES, now=CLOSE)
        self.venue.held = (Position("EUR/USD", Decimal(100), Decimal(110), CLOSE),)

    async def entries(self) -> int:
        return len(await self.ledger.audit_entries())


@pytest.fixture
async def bench(template: Path, tmp_path: Path) -> AsyncIterator[Bench]:
    shutil.copy(template, tmp_path / "desk.db")
    database = Database.open(f"sqlite:///{tmp_path / 'desk.db'}")
    ledger = Ledger(database, FixedClock(CLOSE))
    lease = await ledger.acquire_lease("sample", "run-1", CLOSE, timedelta(hours=1), venue="oanda")
    assert lease is not None
    yield Bench(ledger, lease)
    await database.close()


async def test_the_first_look_takes_over_what_is_there_and_a_second_writes_nothing(bench: Bench) -> None:
    first, second = await bench.look(), await bench.look()
    assert first is not None
    assert first.booked is not None
    assert (first.booked.kind, first.booked.ledger, first.booked.venue) == (CashKind.OPENING, 0, 10_000)
    assert second == CashLook("USD", Decimal(10_000), Decimal(10_000))
    assert (await bench.entries(), bench.told) == (1, [])


async def test_money_that_was_put_in_while_nothing_was_held_or_traded_is_a_transfer_and_a_person_hears_of_it(
    bench: Bench,
) -> None:
    await bench.look()
    bench.pay("250.50")
    assert await bench.booked() is CashKind.TRANSFER
    assert await bench.booked() is None
    [message] = bench.told
    assert "10000.00 USD by what is booked, 10250.50 USD at the venue: +250.50, put in or taken out" in message.body
    [_, entry] = await bench.ledger.audit_entries()
    assert (entry.who, entry.action, entry.subject) == ("reconciliation", "cash adjusted", "account:sample")
    assert (entry.detail["kind"], entry.detail["amount"]) == ("transfer", "250.50")


@pytest.mark.parametrize(("amount", "kind"), [("-0.55", CashKind.FINANCING), ("-0.56", CashKind.UNKNOWN)])
async def test_as_little_as_financing_of_what_is_held_is_called_so_and_the_rest_is_not_known(
    bench: Bench, amount: str, kind: CashKind
) -> None:
    await bench.look()
    await bench.buy()
    bench.pay(amount)
    assert await bench.booked() is kind
    is_told = any("Cash: " in message.body for message in bench.told)
    assert is_told is (kind is CashKind.UNKNOWN)


async def test_what_was_missing_after_a_trade_is_not_called_a_transfer(bench: Bench) -> None:
    await bench.look()
    await bench.buy(at=NOW + timedelta(seconds=1))
    sold = replace(fill("T2", side=Side.SELL), at=NOW + timedelta(seconds=2))
    await bench.ledger.book_fills("sample", (sold,), cursor="c-2", conversion=RATES, now=CLOSE)
    bench.venue.held, bench.now = (), NOW + timedelta(minutes=5)
    bench.pay("7")
    assert await bench.booked() is CashKind.UNKNOWN


async def test_less_than_a_cent_is_no_difference(bench: Bench) -> None:
    await bench.look()
    bench.pay("0.009")
    assert await bench.booked() is None
    bench.pay("0.001")
    assert await bench.booked() is CashKind.TRANSFER


async def test_profit_and_fees_are_no_difference_and_the_price_only_where_it_is_paid_with_cash(bench: Bench) -> None:
    await bench.look()
    await bench.buy(fee="0.25")
    bench.pay("-0.25")
    assert await bench.booked() is None
    bench.pay("-110")
    assert await bench.booked(("EUR/USD",)) is None


async def test_nothing_is_concluded_while_the_money_cannot_be_read_or_is_not_the_accounts_alone(bench: Bench) -> None:
    assert await bench.look(None) is None
    bench.venue.failing = ("account", VenueUnavailable("fake", "account"))
    assert await bench.look() is None
    assert await bench.entries() == 0


async def test_nothing_is_booked_while_a_fill_is_young_a_position_differs_or_an_outcome_is_not_known(
    bench: Bench,
) -> None:
    await bench.look()
    await bench.buy(at=NOW - timedelta(seconds=29))
    bench.pay("-50")
    assert await bench.booked() is None
    bench.now += timedelta(seconds=1)
    bench.venue.held = ()
    assert await bench.booked() is None
    await bench.ledger.store_intents([intent()])
    assert await bench.ledger.start_sending("sd-1", bench.lease)
    await bench.ledger.record_outcome("sd-1", OrderState.UNKNOWN, detail="no answer")
    bench.venue.held = (Position("EUR/USD", Decimal(100), Decimal(110), CLOSE),)
    bench.venue.find_fails = VenueUnavailable("fake", "order")
    assert (await bench.booked(), await bench.entries()) == (None, 1)


async def test_a_fill_that_comes_while_the_cash_is_looked_at_is_no_entry(bench: Bench) -> None:
    class Filling(FakeTrading):
        """Its stop fills while it is asked for the money once more."""

        asked = 0

        async def account(self) -> AccountState:
            self.asked += 1
            if self.asked == 2:
                self.fills = (replace(fill(), at=NOW - timedelta(seconds=1)),)
            return await super().account()

    await bench.look()
    bench.venue, before = Filling(), bench.venue.money
    bench.venue.money = replace(before, cash=before.cash - 50)
    assert await bench.booked() is None


async def test_nothing_is_booked_while_the_value_of_a_fee_is_not_known(bench: Bench) -> None:
    await bench.look()
    strange = replace(fill(fee="0.1"), fee_currency="KCS")
    await bench.ledger.book_fills("sample", (strange,), cursor="c-1", conversion=RATES, now=CLOSE)
    bench.venue.held = (Position("EUR/USD", Decimal(100), Decimal(110), CLOSE),)
    bench.pay("-1")
    assert (await bench.booked(), await bench.entries()) == (None, 1)


async def test_a_holder_that_was_replaced_books_nothing(bench: Bench) -> None:
    later = NOW + timedelta(hours=3)
    assert await bench.ledger.acquire_lease("sample", "run-2", later, timedelta(hours=1), venue="oanda")
    with pytest.raises(LeaseLost):
        await bench.look()
    assert await bench.entries() == 0


@pytest.mark.parametrize(("amount", "source"), [("-400", "sample"), ("400", "other")], ids=["taken", "brought"])
async def test_what_the_desk_has_moved_is_no_difference(bench: Bench, amount: str, source: str) -> None:
    assert await bench.booked() is CashKind.OPENING
    target = {"sample": "other", "other": "sample"}[source]
    move = plan_move(CLOSE.date(), source, target, Decimal(400), currency="USD", rate=Decimal(1))
    before = {name: Worth(bench.now, Decimal(10_000), Decimal(10_000)) for name in move.accounts}
    limits = CarryingLimits(Decimal(1), Decimal(400), Decimal(400), {source})
    await bench.ledger.store_move(move)
    assert await bench.ledger.start_move(move, [bench.lease], limits, before=before, prepared="") == ""
    bench.pay(amount)
    assert await bench.booked() is None, "nothing is concluded before it is known what became of the move"
    after = {name: replace(worth, at=bench.now) for name, worth in before.items()}
    await bench.ledger.end_move(move.move_id, [bench.lease], received=move.amount, after=after)
    entries = await bench.entries()
    bench.now += timedelta(minutes=10)
    found = await bench.look()
    assert found is not None
    assert (found.is_equal, found.booked, await bench.entries()) == (True, None, entries)
    bench.pay("-5")
    assert await bench.booked() is CashKind.TRANSFER


async def test_a_venue_that_shows_a_move_late_leads_to_no_conclusion(bench: Bench) -> None:
    assert await bench.booked() is CashKind.OPENING
    move = plan_move(CLOSE.date(), "sample", "other", Decimal(400), currency="USD", rate=Decimal(1))
    worths = {name: Worth(bench.now, Decimal(10_000), Decimal(10_000)) for name in move.accounts}
    limits = CarryingLimits(Decimal(1), Decimal(400), Decimal(400), {"sample"})
    await bench.ledger.store_move(move)
    await bench.ledger.start_move(move, [bench.lease], limits, before=worths, prepared="")
    await bench.ledger.end_move(move.move_id, [bench.lease], received=move.amount, after=worths)
    assert await bench.booked() is None
    bench.pay("-400")
    bench.now += timedelta(minutes=10)
    found = await bench.look()
    assert found is not None
    assert (found.is_equal, found.booked) == (True, None)
