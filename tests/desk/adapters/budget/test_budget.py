"""The budget: shared by all processes, waited for or refused, counted, and silent when the venue says so."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from desk.adapters.budget.bucket import Bucket
from desk.adapters.budget.budget import CallBudgets
from desk.adapters.budget.facts import BELIEVED_FOR, Scope
from desk.adapters.budget.limits import Limits, Period, VenueLimits
from desk.adapters.budget.store import CallStore
from desk.adapters.budget.urgency import PrioritisedTrading, urgent
from desk.adapters.budget.usage import CallUsage
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.tables import CallPauseRow
from desk.adapters.venue_http.retries import Retries
from desk.adapters.venue_http.session import Request, VenueSession
from desk.errors import LedgerError, OutcomeUnknown, RateLimited
from desk.execution.placing import OrderDesk, place_orders
from desk.model.orders import OrderState
from desk.ports import Lease
from tests.builders import intent
from tests.desk.adapters.budget.conftest import START, HandClock
from tests.fakes import FakeLog, FakeVenue

ROOT = Path(__file__).parents[4]
SCOPE = Scope("oanda", "practice")
FEW = VenueLimits(shared=Limits(per_hour=40))
FEW_AT_ONCE = 40 // 4 - 2
"""What may leave at once when nothing is urgent: a quarter of the limit without the reserve."""
READ = Request("GET", "/v3/accounts/101-001-1/orders", "orders")
ORDER = Request("POST", "/v3/accounts/101-001-1/orders", "order sd-1", json={"units": "1"})


class Venue:
    """Answers with what it was given, in turn, the last for ever; counts what reached it."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers = list(answers) or [httpx.Response(200, json={})]
        self.seen: Counter[str] = Counter()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen[request.method] += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@asynccontextmanager
async def process(url: str, clock: HandClock) -> AsyncIterator[CallBudgets]:
    """What one process has: a connection of its own and a budget over it."""
    database = Database.open(url)
    budgets = CallBudgets(database, clock=clock, sleep=clock.sleep)
    yield budgets
    await budgets.close()
    await database.close()


def session(venue, budgets, clock, *, limits=FEW, scope=SCOPE, attempts=1):
    return VenueSession(
        scope.venue,
        "http://venue.test",
        errors=lambda *_: None,
        transport=httpx.MockTransport(venue),
        retries=Retries(attempts=attempts, sleep=clock.sleep, jitter=lambda: 1.0),
        clock=clock,
        meter=budgets.meter(scope, limits),
    )


async def calls_until_refused(one: VenueSession) -> RateLimited:
    try:
        for _ in range(200):
            await one.read(READ)
    except RateLimited as error:
        return error
    raise AssertionError("nothing was refused")


async def test_no_request_leaves_while_the_budget_is_empty(database_url, clock):
    venue = Venue()
    async with process(database_url, clock) as budgets:
        one = session(venue, budgets, clock, attempts=4)
        await calls_until_refused(one)
        assert venue.seen == {"GET": FEW_AT_ONCE}
        with pytest.raises(RateLimited):
            await one.write(ORDER)
        assert venue.seen == {"GET": FEW_AT_ONCE}


async def test_a_refusal_says_which_limit_and_when_the_next_call_is_possible(database_url, clock):
    async with process(database_url, clock) as budgets:
        one = session(Venue(), budgets, clock)
        error = await calls_until_refused(one)
        assert str(error) == (
            "oanda: GET accounts/orders failed [BUDGET_EMPTY]: not sent: the budget of 40 calls in any hour is used up"
            "; what is left of it is kept for cancelling and closing; the next is possible at 2026-01-14 15:21:56 UTC"
        )
        clock.at += error.retry_after - timedelta(milliseconds=1)
        await one.read(READ)  # a millisecond is waited for
        assert clock.waits == [0.001]


async def test_two_processes_share_one_budget(database_url, clock):
    venue = Venue()
    async with process(database_url, clock) as first, process(database_url, clock) as second:
        ones = [session(venue, budgets, clock) for budgets in (first, second)]
        await asyncio.gather(*(calls_until_refused(ones[number % 2]) for number in range(6)))
    assert venue.seen == {"GET": FEW_AT_ONCE}


async def test_every_account_of_a_venue_shares_a_budget_and_each_credential_has_its_own(database_url, clock):
    limits = VenueLimits(shared=Limits(per_hour=400), each=Limits(per_hour=40))
    venues = [Venue(), Venue()]
    async with process(database_url, clock) as budgets:
        for venue, name in zip(venues, ("one", "two"), strict=True):
            scope = Scope("kucoin", "live", name)
            await calls_until_refused(session(venue, budgets, clock, limits=limits, scope=scope))
        await budgets.close()
        usage = await CallUsage(budgets.store.database, clock).read()
    assert [venue.seen["GET"] for venue in venues] == [FEW_AT_ONCE, FEW_AT_ONCE]
    assert {(str(level.scope), level.room) for level in usage.levels} == {
        ("kucoin live", 400 // 4 - 20 - 2 * FEW_AT_ONCE),
        ("kucoin live one", 0),
        ("kucoin live two", 0),
    }


CHILD = """
import asyncio, sys
import httpx
from desk.adapters.budget.budget import CallBudgets
from desk.adapters.budget.facts import Scope
from desk.adapters.budget.limits import Limits, VenueLimits
from desk.adapters.ledger.database import Database
from desk.adapters.venue_http.retries import Retries
from desk.adapters.venue_http.session import Request, VenueSession
from desk.errors import RateLimited

async def main():
    database = Database.open(sys.argv[1])
    budgets = CallBudgets(database)
    left = 0
    def answer(request):
        nonlocal left
        left += 1
        return httpx.Response(200, json={})
    limits = VenueLimits(shared=Limits(per_second=500, per_hour=240))
    async with VenueSession("oanda", "http://venue.test", errors=lambda *_: None, retries=Retries(attempts=1),
                            transport=httpx.MockTransport(answer),
                            meter=budgets.meter(Scope("oanda", "practice"), limits)) as session:
        print("ready", flush=True)
        sys.stdin.readline()
        try:
            while True:
                await session.read(Request("GET", "/v3/accounts/1/orders", "orders"))
        except RateLimited:
            print(left)
    await budgets.close()
    await database.close()

asyncio.run(main())
"""


async def test_two_real_processes_never_exceed_the_budget_and_their_counts_are_right(database_url):
    made = await _made_by_two_children(database_url)
    assert 240 // 4 - 12 <= sum(made) <= 240 // 4  # more than the burst only by what came in while they ran
    database = Database.open(database_url)
    usage = await CallUsage(database).read()
    await database.close()
    assert sum(count.calls for count in usage.counts) == sum(made)
    assert sum(count.refused for count in usage.counts) == 2


async def _made_by_two_children(url: str) -> list[int]:
    """How many calls each made, both having begun at the same moment."""
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    children = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", CHILD, url, cwd=ROOT, **pipes) for _ in range(2)
    ]
    for child in children:
        assert await child.stdout.readline() == b"ready\n"
    return [int(told) for told, _ in await asyncio.gather(*(child.communicate(b"\n") for child in children))]


async def test_a_long_pause_that_the_venue_orders_stops_every_process_at_once_or_with_its_next_lot(database_url, clock):
    limited = Venue(httpx.Response(429, text="slow down", headers={"Retry-After": "600"}))
    calm = Venue()
    async with process(database_url, clock) as first, process(database_url, clock) as second:
        one, other = session(limited, first, clock), session(calm, second, clock)
        with pytest.raises(RateLimited) as told:
            await one.read(READ)
        assert told.value.retry_after == timedelta(minutes=10)
        for silent in (one, other):
            clock.at += timedelta(seconds=1)
            with pytest.raises(RateLimited, match=r"PAUSED.*ordered silence with 429.*until 2026-01-14 15:30:00 UTC"):
                await silent.read(READ)
            with pytest.raises(RateLimited), urgent():
                await silent.read(READ)
        assert (limited.seen["GET"], calm.seen["GET"]) == (1, 0)
        clock.at = START + timedelta(minutes=10)
        await other.read(READ)
        assert calm.seen["GET"] == 1


async def test_calls_that_were_taken_before_a_pause_end_within_a_second(database_url, clock):
    calm = Venue()
    async with process(database_url, clock) as first, process(database_url, clock) as second:
        other = session(calm, second, clock)
        await other.read(READ)
        with pytest.raises(RateLimited):
            await session(Venue(httpx.Response(418, headers={"Retry-After": "600"})), first, clock).read(READ)
        clock.at += timedelta(seconds=1)
        with pytest.raises(RateLimited):
            await other.read(READ)
    assert calm.seen["GET"] == 1


@pytest.mark.parametrize(("status", "others"), [(429, 1), (418, 0)])
async def test_a_ban_is_for_all_and_too_many_calls_are_for_the_credentials_that_made_them(
    database_url, clock, status, others
):
    calm = Venue()
    async with process(database_url, clock) as budgets:
        limits = VenueLimits(each=Limits(per_hour=40))
        loud = Venue(httpx.Response(status, headers={"Retry-After": "60"}))
        for venue, name in ((loud, "one"), (calm, "two")):
            one = session(venue, budgets, clock, limits=limits, scope=Scope("aster", "live", name))
            if venue is loud or not others:
                with pytest.raises(RateLimited):
                    await one.read(READ)
            else:
                await one.read(READ)
    assert calm.seen["GET"] == others


async def test_a_later_and_shorter_pause_does_not_end_a_longer_one(database_url, clock):
    async with process(database_url, clock) as first, process(database_url, clock) as second:
        long, short = (budgets.meter(SCOPE, FEW) for budgets in (first, second))
        await long.pause("GET orders", 429, timedelta(minutes=10), "429")
        for meter in (short, long):
            await meter.pause("GET orders", 429, timedelta(minutes=1), "429")
        clock.at += timedelta(minutes=5)
        for meter in (short, long):
            with pytest.raises(RateLimited, match="until 2026-01-14 15:30:00 UTC"):
                await meter.admit("GET orders")


async def test_a_short_pause_is_waited_for(database_url, clock):
    venue = Venue(httpx.Response(429, headers={"Retry-After": "1"}), httpx.Response(200, json={}))
    async with process(database_url, clock) as budgets:
        await session(venue, budgets, clock, attempts=2).read(READ)
    assert venue.seen["GET"] == 2
    assert clock.at == START + timedelta(seconds=1)


async def test_the_reserve_is_for_what_is_urgent(database_url, clock):
    venue = Venue()
    async with process(database_url, clock) as budgets:
        one = session(venue, budgets, clock)
        await calls_until_refused(one)
        with urgent():
            await one.write(ORDER)
            await one.write(ORDER)
            with pytest.raises(RateLimited, match="40 calls in any hour is used up; the next"):
                await one.write(ORDER)
        with pytest.raises(RateLimited):
            await one.read(READ)
    assert venue.seen == {"GET": FEW_AT_ONCE, "POST": 2}


async def test_an_urgent_call_leaves_nothing_of_the_reserve_to_others(database_url, clock):
    limits = VenueLimits(shared=Limits(per_hour=400))
    async with process(database_url, clock) as first, process(database_url, clock) as second:
        await calls_until_refused(session(Venue(), first, clock, limits=limits))
        one = session(Venue(), second, clock, limits=limits)
        with urgent():
            await one.read(READ)
        with pytest.raises(RateLimited):
            await one.read(READ)


async def test_calls_that_were_taken_and_not_made_go_back(database_url, clock):
    venue = Venue()
    async with process(database_url, clock) as first:
        await session(venue, first, clock).read(READ)
    async with process(database_url, clock) as second:
        await calls_until_refused(session(venue, second, clock))
    assert venue.seen["GET"] == FEW_AT_ONCE


async def test_calls_that_were_not_made_in_time_go_back_with_the_next_lot(database, clock):
    budgets = CallBudgets(database, clock=clock, sleep=clock.sleep)
    venue = Venue()
    one = session(venue, budgets, clock)
    for _ in range(FEW_AT_ONCE):
        await one.read(READ)
        clock.at += timedelta(seconds=1)
    assert venue.seen["GET"] == FEW_AT_ONCE
    await budgets.close()


async def test_calls_of_a_process_that_died_stay_spent(database_url, clock):
    async with process(database_url, clock) as second:
        database = Database.open(database_url)
        dead = CallBudgets(database, clock=clock, sleep=clock.sleep)
        await session(Venue(), dead, clock, limits=VenueLimits(shared=Limits(per_hour=160))).read(READ)
        await database.close()
        venue = Venue()
        await calls_until_refused(session(venue, second, clock, limits=VenueLimits(shared=Limits(per_hour=160))))
    assert venue.seen["GET"] == 160 // 4 - 8 - 10


async def test_one_transaction_serves_a_lot_of_calls(database, clock):
    budgets = CallBudgets(database, clock=clock, sleep=clock.sleep)
    taken, lease = [], budgets.store.lease

    async def counted(*args, **options):
        taken.append(args[1])
        return await lease(*args, **options)

    budgets.store.lease = counted
    one = session(Venue(), budgets, clock, limits=VenueLimits(shared=Limits(per_second=100, per_hour=2_400)))
    for _ in range(20):
        await one.read(READ)
    assert taken == [10, 10]
    await budgets.close()


async def test_usage_equals_the_calls_made(database, clock):
    budgets = CallBudgets(database, clock=clock, sleep=clock.sleep)
    answers = [httpx.Response(200, json={}), httpx.Response(503), httpx.Response(429), httpx.Response(200, json={})]
    one = session(Venue(*answers), budgets, clock, attempts=4)
    await one.read(READ)
    await one.read(READ)
    with pytest.raises(OutcomeUnknown):
        await session(Venue(httpx.Response(500)), budgets, clock).write(ORDER)
    await budgets.flush()
    clock.at += timedelta(hours=1)
    await one.read(Request("GET", "/v3/accounts/101-001-1/candles/latest", "candles"))
    await budgets.close()
    usage = await CallUsage(database, clock).read()
    assert [
        (count.endpoint, count.hour.hour, count.calls, count.errors, count.limited, count.refused)
        for count in sorted(usage.counts, key=lambda count: (count.hour, count.endpoint))
    ] == [
        ("GET accounts/orders", 15, 4, 2, 1, 0),
        ("POST accounts/orders", 15, 1, 1, 0, 0),
        ("GET accounts/candles/latest", 16, 1, 0, 0, 0),
    ]
    assert (usage.calls(SCOPE, Period.HOUR), usage.calls(SCOPE, Period.DAY)) == (1, 6)


async def test_counts_are_kept_until_the_database_takes_them_and_a_call_does_not_fail_for_them(database, clock):
    budgets = CallBudgets(database, clock=clock, sleep=clock.sleep)
    await session(Venue(), budgets, clock).read(READ)
    settle = budgets.store.settle

    async def fail(*_):
        raise LedgerError("the disk is full")

    budgets.store.settle = fail
    with pytest.raises(LedgerError):
        await budgets.flush()
    with pytest.raises(RateLimited):
        await session(Venue(httpx.Response(429, headers={"Retry-After": "60"})), budgets, clock).read(READ)
    budgets.store.settle = settle
    await budgets.close()
    usage = await CallUsage(database, clock).read()
    assert sum(count.calls for count in usage.counts) == 2
    assert [pause.until for pause in usage.pauses] == [START + timedelta(seconds=60)]


async def test_counts_older_than_a_month_are_forgotten(database, clock):
    budgets = CallBudgets(database, clock=clock, sleep=clock.sleep)
    one = session(Venue(), budgets, clock)
    await one.read(READ)
    await budgets.flush()
    clock.at += timedelta(days=32)
    await one.read(READ)
    await budgets.close()
    assert [count.last_at for count in (await CallUsage(database, clock).read()).counts] == [clock.at]


class Wire(FakeVenue):
    """A venue behind a session: an order is one write, asking for it one read."""

    def __init__(self, one: VenueSession) -> None:
        super().__init__()
        self._session = one

    async def submit(self, intent):
        await self._session.write(ORDER)
        return await super().submit(intent)

    async def find_order(self, client_order_id):
        await self._session.read(READ)
        return await super().find_order(client_order_id)


async def test_an_order_that_the_budget_holds_back_is_refused_and_never_unknown(database, clock):
    budgets = CallBudgets(database, clock=clock, sleep=clock.sleep)
    venue, log = Venue(), FakeLog()
    one = session(venue, budgets, clock)
    await calls_until_refused(one)
    (order,) = await place_orders([intent()], OrderDesk(Wire(one), log, Lease("sample", "run-1", 1)))
    assert order.state is OrderState.REJECTED
    assert "40 calls in any hour" in order.reason
    assert OrderState.UNKNOWN not in [state for _, state in log.events]
    assert venue.seen["POST"] == 0
    await budgets.close()


async def test_closing_orders_and_lookups_of_a_prioritised_account_use_the_reserve(database, clock):
    budgets = CallBudgets(database, clock=clock, sleep=clock.sleep)
    one = session(Venue(), budgets, clock)
    await calls_until_refused(one)
    trading = PrioritisedTrading(Wire(one))
    with pytest.raises(RateLimited):
        await trading.submit(intent("sd-entry"))
    await trading.submit(replace(intent("sd-exit"), reduce_only=True))
    assert await trading.find_order("sd-exit") is not None
    await budgets.close()


HALF_A_DAY = timedelta(hours=12)


async def test_a_pause_of_years_ends_after_a_quarter_of_an_hour(database_url, clock):
    silly = Venue(httpx.Response(429, headers={"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}), httpx.Response(200))
    async with process(database_url, clock) as first, process(database_url, clock) as second:
        with pytest.raises(RateLimited):
            await session(silly, first, clock).read(READ)
        clock.at += timedelta(minutes=15)
        for budgets in (first, second):
            await session(Venue(), budgets, clock).read(READ)


@pytest.mark.parametrize(("status", "longest"), [(429, timedelta(minutes=15)), (418, timedelta(days=3))])
async def test_no_pause_is_kept_for_longer_than_one_can_be(database, clock, status, longest):
    budgets = CallBudgets(database, clock=clock, sleep=clock.sleep)
    await budgets.meter(SCOPE, FEW).pause("GET orders", status, timedelta(days=400), "why")
    (kept,) = (await CallUsage(database, clock).read()).pauses
    assert kept.until == START + longest
    await budgets.close()


async def test_a_pause_that_an_earlier_version_kept_for_years_ends_as_well(database, clock):
    endless = CallPauseRow(
        venue="oanda", environment="practice", credential="", since=START, until=START + 999 * HALF_A_DAY, status=429,
        why="GET orders, 429",
    )  # fmt: skip
    async with database.write() as writing:
        writing.add(endless)
    clock.at += timedelta(minutes=15)
    await CallBudgets(database, clock=clock, sleep=clock.sleep).meter(SCOPE, FEW).admit("GET orders")


async def test_a_clock_that_is_set_back_prolongs_neither_a_pause_nor_a_refusal(database_url, clock):
    async with process(database_url, clock) as first, process(database_url, clock) as second:
        meters = [budgets.meter(SCOPE, VenueLimits()) for budgets in (first, second)]
        await meters[0].pause("GET orders", 429, timedelta(minutes=10), "429")
        for meter in meters:
            with pytest.raises(RateLimited, match="PAUSED"):
                await meter.admit("GET orders")
        clock.at -= HALF_A_DAY
        for meter in meters:
            await meter.admit("GET orders")


async def test_a_pause_that_is_ordered_after_the_clock_was_set_back_is_kept(database_url, clock):
    async with process(database_url, clock) as first, process(database_url, clock) as second:
        one, other = (budgets.meter(SCOPE, FEW) for budgets in (first, second))
        await one.pause("GET orders", 429, timedelta(minutes=10), "429")
        clock.at -= HALF_A_DAY
        await one.pause("GET orders", 429, timedelta(minutes=1), "429")
        for meter in (one, other):
            with pytest.raises(RateLimited, match="until 2026-01-14 03:21:00 UTC"):
                await meter.admit("GET orders")


async def test_a_clock_that_is_set_back_empties_a_bucket_for_no_longer_than_it_takes_to_fill(database, clock):
    budgets = CallBudgets(database, clock=clock, sleep=clock.sleep)
    one = session(Venue(), budgets, clock)
    await calls_until_refused(one)
    clock.at -= HALF_A_DAY
    with pytest.raises(RateLimited):
        await one.read(READ)
    clock.at += Bucket(Period.HOUR, 40).interval * 40
    await one.read(READ)
    await budgets.close()


async def test_a_turn_is_waited_for_no_longer_where_the_clock_is_set_back_meanwhile(database, clock):
    async def sleep(seconds):
        clock.waits.append(seconds)
        clock.at -= HALF_A_DAY

    budgets = CallBudgets(database, clock=clock, sleep=sleep)
    meter = budgets.meter(SCOPE, VenueLimits(shared=Limits(per_second=1)))
    await meter.admit("GET orders")
    with pytest.raises(RateLimited):
        await meter.admit("GET orders")
    assert sum(clock.waits) <= 2
    await budgets.close()


async def test_calls_of_before_the_clock_was_set_back_are_not_made_after_it(database, clock):
    budgets = CallBudgets(database, clock=clock, sleep=clock.sleep)
    meter = budgets.meter(SCOPE, VenueLimits(shared=Limits(per_hour=400)))
    await meter.admit("GET orders")
    clock.at -= HALF_A_DAY
    assert meter.reclaim() == 9
    await budgets.close()


async def test_a_pause_that_is_lifted_ends_in_every_process_within_seconds(database_url, clock):
    async with process(database_url, clock) as first, process(database_url, clock) as second:
        meters = [budgets.meter(SCOPE, FEW) for budgets in (first, second)]
        await meters[0].pause("GET orders", 418, timedelta(days=2), "banned")
        clock.at += timedelta(minutes=1)
        for meter in meters:
            with pytest.raises(RateLimited, match="PAUSED"):
                await meter.admit("GET orders")
        (lifted,) = await CallStore(first.store.database, clock).lift("oanda")
        assert (lifted.scope, lifted.status) == (SCOPE, 418)
        clock.at += BELIEVED_FOR
        for meter in meters:
            await meter.admit("GET orders")
        assert await CallStore(first.store.database, clock).lift("oanda") == ()


async def unreadable(*_args, **_options):
    raise LedgerError("the database is busy")


class Sending(FakeVenue):
    """Sends an order as a request of a session."""

    def __init__(self, session):
        super().__init__()
        self.session = session

    async def submit(self, intent):
        await self.session.write(ORDER)
        return await super().submit(intent)


async def test_an_order_that_the_ledger_kept_from_leaving_is_refused_and_not_unknown(database, clock):
    venue, budgets, log = Venue(), CallBudgets(database, clock=clock, sleep=clock.sleep), FakeLog()
    budgets.store.lease = unreadable
    trading = Sending(session(venue, budgets, clock))
    (order,) = await place_orders([intent()], OrderDesk(trading, log, Lease("sample", "run-1", 1)))
    assert (order.state, log.orders["sd-1"].state) == (OrderState.REJECTED, OrderState.REJECTED)
    assert "BUDGET_UNREADABLE" in order.reason
    assert "the database is busy" in order.reason
    assert (venue.seen.total(), trading.accepted) == (0, [])


async def test_what_is_urgent_leaves_although_no_call_can_be_counted(database, clock):
    venue, budgets = Venue(), CallBudgets(database, clock=clock, sleep=clock.sleep)
    budgets.store.lease = unreadable
    with urgent():
        await session(venue, budgets, clock).write(ORDER)
    assert venue.seen["POST"] == 1


async def test_a_read_that_the_ledger_kept_from_leaving_is_no_answer_and_is_asked_again(database, clock):
    venue, budgets = Venue(), CallBudgets(database, clock=clock, sleep=clock.sleep)
    lease = budgets.store.lease
    budgets.store.lease = unreadable
    with pytest.raises(RateLimited, match="BUDGET_UNREADABLE"):
        await session(venue, budgets, clock, attempts=2).read(READ)
    assert clock.waits == [5]
    budgets.store.lease = lease
    await session(venue, budgets, clock).read(READ)
    assert venue.seen["GET"] == 1


async def test_a_pause_that_the_database_has_not_taken_yet_is_kept_until_it_has(database, clock):
    budgets = CallBudgets(database, clock=clock, sleep=clock.sleep)
    settle = budgets.store.settle

    async def fail(*_):
        raise LedgerError("the disk is full")

    budgets.store.settle = fail
    meter = budgets.meter(SCOPE, FEW)
    await meter.pause("GET orders", 429, timedelta(minutes=10), "429")
    clock.at += timedelta(minutes=5)
    with pytest.raises(RateLimited, match="PAUSED"):
        await meter.admit("GET orders")
    budgets.store.settle = settle
    await budgets.close()
