"""A cycle is carried out once, from wherever it stands, and closed as what it came to."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import upgrade
from desk.errors import InvalidOrder, LeaseLost, VenueUnavailable
from desk.execution.placing import OrderDesk
from desk.execution.stops import StopKeeping
from desk.model.books import Snapshot
from desk.model.cycle import CycleKey, CycleRecord, CycleState, Mode
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderState, OrderType
from desk.model.trade import Finding, Proposal
from desk.plugin import RiskRule
from desk.ports import Message
from desk.steps.cycles import OpenCycle, take_up
from desk.steps.scan import ScanTools, leaves_a_rest, needs_a_look, reason_to_give_up, scan_account
from desk.steps.surroundings import Company, Seat
from tests.builders import CLOSE, intent, policy, position, snapshot
from tests.desk.steps.fakes import FakeFeed, FakeTrading
from tests.fakes import order_of

NOW = CLOSE + timedelta(seconds=5)
FRESH = CycleRecord(CycleKey("sample", CLOSE), CycleState.RUNNING, Mode.PAPER)


STOP = replace(
    order_of(intent("sd-stop"), OrderState.ACKED),
    reduce_only=True,
    side=Side.SELL,
    type=OrderType.STOP,
    quantity=Decimal(1000),
    price=Decimal(1),
)


class Present:
    """A time that tests set."""

    at = NOW

    def now(self) -> datetime:
        return self.at

    def shown_at(self, wall: datetime) -> datetime:
        return self.at


class Nobody:
    async def send(self, message: Message) -> None:
        """Tell nobody."""


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    await upgrade(url)
    opened = Ledger(Database.open(url), Present())
    yield opened
    await opened.close()


class Scans:
    """One account, its ledger and its venue."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.venue = FakeTrading()
        self.present = Present()

    async def take_up(self) -> OpenCycle:
        return await take_up(FRESH, self.ledger, flow_run_id="run-1", now=NOW)

    async def tools(self, holder: str = "run-1") -> ScanTools:
        lease = await self.ledger.acquire_lease("sample", holder, NOW, timedelta(minutes=2), venue="oanda")
        assert lease is not None
        return ScanTools(
            OrderDesk(self.venue, self.ledger, lease),
            self.ledger,
            FakeFeed(),
            Nobody(),
            self.present.now,
            self.present.now,
            venue="oanda",
            late_after=timedelta(minutes=5),
        )

    async def scan(self) -> OpenCycle:
        return await scan_account(await self.take_up(), policy(), await self.tools())

    async def recorded(self) -> CycleRecord:
        found = await self.ledger.cycle(FRESH.key)
        assert found is not None
        return found


@pytest.fixture
def scans(ledger: Ledger) -> Scans:
    return Scans(ledger)


async def test_a_cycle_is_decided_sent_and_closed(scans: Scans) -> None:
    done = await scans.scan()
    assert done.record.state is CycleState.TRADED
    assert [order.state for order in done.record.orders] == [OrderState.FILLED]
    assert len(scans.venue.accepted) == 1
    assert (await scans.recorded()).state is CycleState.TRADED


class Noting(RiskRule):
    """Lets everything pass, and keeps what it was shown."""

    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        SHOWN.append(snapshot)
        return self.finding(proposal.quantity, limit=Decimal(1), observed=Decimal(1), unit="", reason=None)


Noting.name = "noting"
SHOWN: list[Snapshot] = []


async def test_a_rule_is_shown_the_last_closes_and_how_the_other_accounts_stand(scans: Scans) -> None:
    await scans.ledger.acquire_lease("gold", "run-1", NOW, timedelta(minutes=2), venue="oanda")
    await scans.ledger.record_equity("gold", CLOSE, Decimal(700), Decimal(700))
    tools = replace(await scans.tools(), company=Company({"gold": Seat("oanda", "USD")}))
    await scan_account(await scans.take_up(), policy(rules=[Noting()]), tools)
    around = SHOWN.pop().surroundings
    assert [(other.name, other.equity) for other in around.others or ()] == [("gold", Decimal(700))]
    assert around.last_closes == {"EUR/USD": Decimal("1.1")}


async def test_what_an_earlier_run_decided_is_carried_out_and_not_decided_again(scans: Scans) -> None:
    def die(_intent: object) -> None:
        raise KeyboardInterrupt

    scans.venue.after = die
    with pytest.raises(KeyboardInterrupt):
        await scans.scan()
    scans.venue.after = lambda intent: None
    decided = (await scans.recorded()).decision
    done = await scans.scan()
    assert done.record.decision == decided
    assert len(scans.venue.accepted) == 1
    assert [order.state for order in done.record.orders] == [OrderState.FILLED]


async def test_a_read_that_fails_closes_the_cycle_without_a_trade(scans: Scans) -> None:
    scans.venue.failing = ("positions", VenueUnavailable("test", "positions"))
    with pytest.raises(VenueUnavailable):
        await scans.scan()
    assert (await scans.recorded()).state is CycleState.NO_TRADE
    assert scans.venue.accepted == []


async def test_a_cycle_that_may_have_sent_something_has_failed(scans: Scans) -> None:
    def garble(_intent: object) -> None:
        raise ZeroDivisionError("a reply that nobody can read")

    scans.venue.after = garble
    with pytest.raises(ZeroDivisionError):
        await scans.scan()
    assert (await scans.recorded()).state is CycleState.FAILED


async def test_a_candle_that_is_too_old_is_skipped_before_anything_is_asked(scans: Scans) -> None:
    scans.present.at = CLOSE + timedelta(minutes=6)
    done = await scans.scan()
    assert (done.record.state, scans.venue.accepted) == (CycleState.SKIPPED_STALE, [])


async def test_a_run_that_lost_its_lease_leaves_the_record_to_the_other_one(scans: Scans) -> None:
    cycle, tools = await scans.take_up(), await scans.tools()
    await scans.ledger.acquire_lease("sample", "run-2", NOW + timedelta(minutes=3), timedelta(minutes=2), venue="oanda")
    with pytest.raises(LeaseLost):
        await scan_account(cycle, policy(), tools)
    assert (await scans.recorded()).state is CycleState.RUNNING
    assert scans.venue.accepted == []


async def test_a_new_process_compares_everything_before_it_decides(scans: Scans) -> None:
    looked: list[bool] = []

    async def look() -> None:
        looked.append(not scans.venue.accepted)

    await scan_account(await scans.take_up(), policy(), replace(await scans.tools(), repair=look))
    assert looked == [True]
    assert len(scans.venue.accepted) == 1


@pytest.mark.parametrize(
    ("age", "superseded_by", "decided", "why"),
    [
        (timedelta(seconds=5), None, None, ""),
        (timedelta(minutes=5), None, None, ""),
        (timedelta(minutes=5, microseconds=1), None, None, "the candle closed 0:05:00.000001 ago"),
        (timedelta(seconds=5), CLOSE + timedelta(minutes=5), None, "has acted on the candle of"),
        (timedelta(minutes=3), None, timedelta(minutes=2), ""),
        (timedelta(minutes=3), None, timedelta(minutes=2, microseconds=1), "on prices that are old by now"),
    ],
)
def test_nothing_is_sent_any_more_for(
    age: timedelta, superseded_by: datetime | None, decided: timedelta | None, why: str
) -> None:
    now = CLOSE + age
    record = replace(FRESH, snapshot=None if decided is None else snapshot(at=now - decided))
    told = reason_to_give_up(record, now, late_after=timedelta(minutes=5), superseded_by=superseded_by)
    assert (told == "") == (why == "")
    assert why in told


@pytest.mark.parametrize(("filled", "leaves"), [("0", True), ("40", True), ("100", False)])
def test_a_closing_order_that_does_not_close_everything_leaves_a_rest(filled: str, leaves: bool) -> None:
    closing = replace(intent("sd-1"), reduce_only=True)
    order = replace(order_of(closing, OrderState.EXPIRED), filled_quantity=Decimal(filled))
    assert leaves_a_rest([closing], [order]) is leaves
    assert not leaves_a_rest([intent("sd-1")], [order])
    assert not leaves_a_rest([closing], [replace(order, client_order_id="another")])


@pytest.mark.parametrize("leaves", [True, False])
async def test_what_a_closing_order_leaves_is_looked_after_before_the_cycle_ends(scans: Scans, leaves: bool) -> None:
    """The intents of a cycle that was decided before: one that closes, and that the venue fills or does not."""
    looks: list[str] = []

    async def look() -> None:
        looks.append((await scans.recorded()).state)

    if leaves:
        scans.venue.before = _refusing
    tools = replace(await scans.tools(), look_after=look)
    cycle = await scans.take_up()
    closing = replace(intent("sd-1"), reduce_only=True)
    decision = replace(cycle.record.decision, intents=(closing,))
    decided = replace(cycle.record, snapshot=replace(snapshot(), at=NOW), decision=decision)
    await scan_account(replace(cycle, record=decided), policy(), tools)
    assert looks == ([CycleState.RUNNING] if leaves else [])


def _refusing(_intent: object) -> None:
    raise InvalidOrder("fake", "order", "THIN", "nobody buys")


@pytest.mark.parametrize(
    ("changes", "keeping", "needs"),
    [
        ({}, StopKeeping.ORDER, True),
        ({}, StopKeeping.HOLDING, True),
        ({}, StopKeeping.DESK, False),
        ({"external": {"EUR/USD": Decimal(100)}}, StopKeeping.ORDER, False),
        ({"positions": (replace(position(), instrument="GONE/USD"),)}, StopKeeping.ORDER, False),
        ({"positions": ()}, StopKeeping.ORDER, False),
        ({"positions": (replace(position(), barriers=Barriers(stop=Decimal(1))),)}, StopKeeping.TRADE, False),
        ({"open_orders": (STOP,)}, StopKeeping.ORDER, False),
    ],
)
def test_a_position_without_a_stop_is_looked_after_where_its_venue_keeps_stops(changes, keeping, needs) -> None:
    held = replace(snapshot(positions=[position()]), **changes)
    assert needs_a_look(replace(FRESH, snapshot=held), (), lambda _: keeping) is needs


def test_a_cycle_that_was_never_decided_needs_no_look() -> None:
    assert not needs_a_look(FRESH, (), lambda _: StopKeeping.ORDER)
