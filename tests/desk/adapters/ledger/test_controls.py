"""Trading states: the most severe order holds, for what it names, and no entry is sent after a halt is committed."""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.clocks import FixedClock, SystemClock
from desk.adapters.ledger.controls import order_state
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.tables import ControlRow, OrderRow
from desk.errors import LedgerError
from desk.execution.breaker import Limit, Trip
from desk.model.books import Restriction, TradingState
from desk.model.orders import OrderState
from desk.ports import Lease
from tests.builders import CLOSE, intent

TTL = timedelta(minutes=2)
HALTED = TradingState.HALTED
PULLED = Restriction(HALTED, "the file HALT", "fire drill")


async def test_without_any_order_an_account_is_active(ledger: Ledger) -> None:
    assert await ledger.trading_state("sample", "oanda") is TradingState.ACTIVE


@pytest.mark.parametrize("scope", ["fleet", "venue:oanda", "account:sample"])
async def test_each_scope_covers_the_account(ledger: Ledger, scope: str) -> None:
    await ledger.set_trading_state(scope, TradingState.HALTED, who="me", why="test")
    assert await ledger.trading_state("sample", "oanda") is TradingState.HALTED


@pytest.mark.parametrize("scope", ["venue:kucoin", "account:other"])
async def test_orders_for_others_do_not_concern_it(ledger: Ledger, scope: str) -> None:
    await ledger.set_trading_state(scope, TradingState.HALTED, who="me", why="test")
    assert await ledger.trading_state("sample", "oanda") is TradingState.ACTIVE


async def test_the_most_severe_order_wins_until_it_is_lifted(ledger: Ledger) -> None:
    await ledger.set_trading_state("fleet", TradingState.REDUCE_ONLY, who="me", why="test")
    await ledger.set_trading_state("account:sample", TradingState.HALTED, who="me", why="test")
    assert await ledger.trading_state("sample", "oanda") is TradingState.HALTED
    await ledger.set_trading_state("account:sample", TradingState.ACTIVE, who="me", why="done")
    assert await ledger.trading_state("sample", "oanda") is TradingState.REDUCE_ONLY


async def test_an_order_with_an_end_ends_by_itself(database: Database) -> None:
    await Ledger(database, FixedClock(CLOSE)).set_trading_state(
        "fleet", TradingState.HALTED, who="me", why="news", until=CLOSE + TTL
    )
    states = [await Ledger(database, FixedClock(at)).trading_state("sample", "oanda") for at in (CLOSE, CLOSE + TTL)]
    assert states == [TradingState.HALTED, TradingState.ACTIVE]


@pytest.fixture
async def lease(ledger: Ledger) -> Lease:
    held = await ledger.acquire_lease("sample", "run-1", CLOSE, TTL, venue="oanda")
    assert held is not None
    return held


NARROW = ["strategy:sample", "instrument:EUR/USD", "account:sample/instrument:EUR/USD", "venue:oanda/strategy:sample"]
ELSEWHERE = ["strategy:other", "instrument:USD/JPY", "account:other/instrument:EUR/USD", "venue:kucoin"]


@pytest.mark.parametrize("scope", NARROW)
async def test_a_narrow_halt_stops_the_orders_that_it_names_and_not_the_account(ledger, lease, scope):
    await ledger.store_intents([replace(intent("sd-1"), strategy="sample")])
    await ledger.set_trading_state(scope, HALTED, who="me", why="odd prices")
    assert not await ledger.start_sending("sd-1", lease)
    (order,) = await ledger.orders("sample")
    assert (order.state, order.reason) == (OrderState.CANCELLED, "TRADING_HALTED: odd prices (ordered by me)")
    assert await ledger.trading_state("sample", "oanda") is TradingState.ACTIVE


@pytest.mark.parametrize("scope", ELSEWHERE)
async def test_a_halt_of_something_else_lets_the_order_pass(ledger, lease, scope):
    await ledger.store_intents([replace(intent("sd-1"), strategy="sample")])
    await ledger.set_trading_state(scope, HALTED, who="me", why="odd prices")
    assert await ledger.start_sending("sd-1", lease)


async def test_the_restrictions_of_an_account_are_all_that_cover_any_part_of_it(ledger):
    for scope in (*NARROW, *ELSEWHERE):
        await ledger.set_trading_state(scope, HALTED, who="me", why="test")
    await ledger.set_trading_state("strategy:other", TradingState.ACTIVE, who="me", why="done")
    found = {str(one.scope) for one in await ledger.restrictions("sample", "oanda")}
    assert found == {*NARROW, "instrument:USD/JPY"}


async def test_an_order_says_who_gave_it_why_and_until_when(ledger):
    await ledger.set_trading_state("fleet", HALTED, who="me", why="news", until=CLOSE + TTL)
    (found,) = await ledger.restrictions_in_force()
    assert (found.who, found.why, found.since, found.until) == ("me", "news", CLOSE, CLOSE + TTL)
    assert str(found) == "fleet is halted: news (ordered by me)"


@pytest.mark.parametrize("reduce_only", [True, False])
async def test_a_pulled_trigger_halts_everything_but_what_closes(database, lease, reduce_only):
    ledger = Ledger(database, FixedClock(CLOSE), triggers=lambda: [PULLED])
    await ledger.store_intents([replace(intent("sd-1"), reduce_only=reduce_only)])
    assert await ledger.trading_state("sample", "oanda") is HALTED
    assert await ledger.restrictions("sample", "oanda") == (PULLED,)
    assert await ledger.start_sending("sd-1", lease) is reduce_only


async def test_a_scope_that_names_nothing_is_refused_and_changes_nothing(ledger):
    with pytest.raises(ValueError, match="expected fleet, venue:NAME"):
        await ledger.set_trading_state("everything", HALTED, who="me", why="test")
    assert await ledger.restrictions_in_force() == ()
    assert await ledger.audit_entries() == ()


async def test_a_row_that_cannot_be_understood_lets_nothing_be_sent(ledger, database, lease):
    await ledger.store_intents([intent("sd-1")])
    async with database.write() as session:
        session.add(ControlRow(scope="everywhere", state="halted", who="me", why="by hand", since=CLOSE))
    with pytest.raises(LedgerError, match="nothing is sent until the row is mended"):
        await ledger.start_sending("sd-1", lease)


async def test_every_change_of_a_state_is_in_the_audit(ledger):
    await ledger.set_trading_state("account:sample", HALTED, who="me", why="news", until=CLOSE + TTL)
    await ledger.set_trading_state("account:sample", TradingState.ACTIVE, who="you", why="over")
    first, second = await ledger.audit_entries()
    assert (first.who, first.action, first.subject) == ("me", "halted", "account:sample")
    assert first.detail == {"before": "active", "why": "news", "until": (CLOSE + TTL).isoformat()}
    assert (second.who, second.action, second.detail["before"]) == ("you", "active", "halted")


@pytest.mark.parametrize("scope", ["account:sample", "fleet"])
async def test_a_halt_lifts_no_trip_and_its_first_order_has_no_end(ledger, scope):
    await ledger.record_trips("sample", [Trip(Limit.DRAWDOWN, HALTED, Decimal(1), Decimal(1), "all is lost")])
    await ledger.set_trading_state(scope, HALTED, who="me", why="news")
    assert sorted(found.who for found in await ledger.restrictions("sample", "oanda")) == ["breaker", "me"]
    assert (await ledger.audit_entries())[-1].detail == {"before": "active", "why": "news", "until": ""}


@pytest.mark.parametrize("reverse", [False, True])
async def test_what_is_in_force_is_told_by_scope_whatever_was_ordered_first(ledger, reverse):
    for scope in sorted(NARROW, reverse=reverse):
        await ledger.set_trading_state(scope, HALTED, who="me", why="test")
    assert [str(found.scope) for found in await ledger.restrictions_in_force()] == sorted(NARROW)


@pytest.mark.parametrize(("after", "sends"), [(timedelta(0), False), (TTL - timedelta(seconds=1), False), (TTL, True)])
async def test_an_order_is_sent_once_a_halt_of_its_account_has_ended(database, ledger, lease, after, sends):
    await ledger.set_trading_state("account:sample", HALTED, who="me", why="news", until=CLOSE + TTL)
    later = Ledger(database, FixedClock(CLOSE + after))
    await later.store_intents([intent("sd-1")])
    assert await later.start_sending("sd-1", lease) is sends


ROOT = Path(__file__).parents[4]
SENDER = """
import asyncio, sys
from datetime import timedelta
from desk.adapters.clocks import SystemClock
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from tests.builders import intent

async def main():
    database = Database.open(sys.argv[1])
    ledger, clock = Ledger(database), SystemClock()
    lease = await ledger.acquire_lease("sample", "run-1", clock.now(), timedelta(minutes=2), venue="oanda")
    for number in range(5_000):
        await ledger.store_intents([intent(f"sd-{number}")])
        if not await ledger.start_sending(f"sd-{number}", lease):
            break
        print(number, flush=True)
    await database.close()

asyncio.run(main())
"""


@pytest.fixture
async def sender(database_url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that begins to send one entry after the other, until it is refused."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SENDER, database_url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    yield child
    if child.returncode is None:
        child.kill()
    await child.communicate()


async def test_no_entry_begins_to_be_sent_after_a_halt_is_committed(database, sender, capsys):
    assert sender.stdout is not None
    while int(await sender.stdout.readline()) < 20:
        pass
    started = perf_counter()
    async with database.write() as session:
        await order_state(session, "venue:oanda", Restriction(HALTED, "me", "kill switch"), SystemClock().now())
        # Under the same lock: whoever is sending has committed that it does, or will see the halt.
        sent = await _in_state(session, OrderState.SENDING)
    took = perf_counter() - started
    await asyncio.wait_for(sender.communicate(), 20)

    async with database.read() as session:
        assert await _in_state(session, OrderState.SENDING) == sent
        assert len(await _in_state(session, OrderState.CANCELLED)) == 1
    assert len(sent) > 20
    with capsys.disabled():
        engine = "sqlite" if database.is_sqlite else "postgresql"
        sys.stdout.write(f"\n{engine}: the halt held {took:.3f} s after it was asked for; {len(sent)} sent before it\n")


async def _in_state(session: AsyncSession, state: OrderState) -> set[str]:
    wanted = select(OrderRow.client_order_id).where(col(OrderRow.state) == state.value)
    return set((await session.exec(wanted)).all())
