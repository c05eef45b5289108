"""The breaker's memory: trips hold over restarts, pass what closes, and end by a person or at their time alone."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.tables import TripRow
from desk.adapters.ledger.throttled import ThrottledLog
from desk.errors import LedgerError
from desk.execution.breaker import BreakerLimits, Limit, Reference, Trip
from desk.model.books import TradingState
from desk.model.instrument import Side
from desk.model.orders import OrderState
from desk.ports import Lease
from tests.builders import CLOSE, intent
from tests.desk.adapters.ledger.builders import CONVERSION, fill

ACTIVE, REDUCE_ONLY, HALTED = TradingState
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
LOSS = Trip(Limit.DAILY_LOSS, REDUCE_ONLY, Decimal("0.031"), Decimal("0.03"), "0.031 is lost")
LIMITS = BreakerLimits(orders_per_minute=2, rejections_per_hour=2)
WHY = "TRADING_HALTED: 3 orders within a minute, orders_per_minute is 2 (ordered by breaker)"


def at(database: Database, after: timedelta) -> Ledger:
    """The ledger as another process opens it later."""
    return Ledger(database, FixedClock(CLOSE + after))


async def state(ledger: Ledger) -> TradingState:
    return await ledger.trading_state("sample", "oanda")


@pytest.fixture
async def lease(ledger: Ledger) -> Lease:
    held = await ledger.acquire_lease("sample", "run-1", CLOSE, 9 * DAY, venue="oanda")
    assert held is not None
    return held


async def send(ledger: Ledger, lease: Lease, number: int, *, limits: BreakerLimits = LIMITS, **changes) -> bool:
    asked = replace(intent(f"sd-{number}"), **changes)
    log = ThrottledLog(ledger, limits)
    await log.store_intents([asked])
    return await log.start_sending(asked.client_order_id, lease)


async def test_a_trip_restricts_its_account_and_no_other(ledger):
    await ledger.record_trips("sample", [LOSS])
    (found,) = await ledger.restrictions("sample", "oanda")
    assert str(found) == "account:sample is reduce_only: 0.031 is lost (ordered by breaker)"
    assert (found.since, found.until) == (CLOSE, None)
    assert await state(ledger) is REDUCE_ONLY
    assert await ledger.trading_state("other", "oanda") is ACTIVE


async def test_it_holds_over_a_restart_until_a_person_resumes_the_account(database, ledger):
    await ledger.record_trips("sample", [LOSS])
    later = at(database, 30 * DAY)
    assert await state(later) is REDUCE_ONLY
    for scope in ("fleet", "venue:oanda", "account:other", "account:sample/instrument:EUR/USD"):
        await later.set_trading_state(scope, ACTIVE, who="me", why="not this one")
    assert await state(later) is REDUCE_ONLY
    await later.set_trading_state("account:sample", ACTIVE, who="me", why="understood")
    assert await state(later) is ACTIVE
    (trip,) = (await later.past_trips("sample")).values()
    assert (trip.tripped_at, trip.lifted_at) == (CLOSE, CLOSE + 30 * DAY)


async def test_one_with_a_set_time_ends_there(database, ledger):
    await ledger.record_trips("sample", [replace(LOSS, until=CLOSE + HOUR)])
    found = [await state(at(database, after)) for after in (HOUR - SECOND, HOUR)]
    assert found == [REDUCE_ONLY, ACTIVE]


async def test_who_resumes_what_is_over_does_not_move_its_end(database, ledger):
    await ledger.record_trips("sample", [replace(LOSS, until=CLOSE + HOUR)])
    await at(database, 2 * HOUR).set_trading_state("account:sample", ACTIVE, who="me", why="to be sure")
    assert (await ledger.past_trips("sample"))[Limit.DAILY_LOSS].ends_at == CLOSE + HOUR


async def test_what_a_person_ordered_is_neither_loosened_nor_ended_by_a_trip(database, ledger):
    await ledger.set_trading_state("account:sample", HALTED, who="me", why="holiday")
    await ledger.record_trips("sample", [replace(LOSS, until=CLOSE + HOUR)])
    assert [await state(at(database, after)) for after in (SECOND, HOUR)] == [HALTED, HALTED]


async def test_a_trip_in_force_is_not_written_again(database, ledger):
    await ledger.record_trips("sample", [LOSS])
    await at(database, HOUR).record_trips("sample", [replace(LOSS, why="more is lost")])
    (trip,) = (await ledger.past_trips("sample")).values()
    assert (trip.why, trip.tripped_at) == ("0.031 is lost", CLOSE)
    assert len(await ledger.audit_entries()) == 1


async def test_one_that_trips_again_begins_anew(database, ledger):
    await ledger.record_trips("sample", [replace(LOSS, until=CLOSE + HOUR)])
    await ledger.mark_trip_told("sample", Limit.DAILY_LOSS, CLOSE)
    await ledger.count_from("sample", {Limit.DAILY_LOSS: Reference(CLOSE, Decimal("9700.10"))})
    assert (await ledger.past_trips("sample"))[Limit.DAILY_LOSS].reference == Reference(CLOSE, Decimal("9700.10"))
    assert await ledger.untold_trips("sample") == ()

    await at(database, 2 * HOUR).record_trips("sample", [LOSS])

    (trip,) = await ledger.untold_trips("sample")
    assert (trip.tripped_at, trip.until, trip.lifted_at, trip.reference) == (CLOSE + 2 * HOUR, None, None, None)


async def test_every_trip_is_in_the_audit(ledger):
    await ledger.record_trips("sample", [replace(LOSS, until=CLOSE + HOUR)])
    (entry,) = await ledger.audit_entries()
    assert (entry.who, entry.action, entry.subject) == ("breaker", "reduce_only", "account:sample")
    until = (CLOSE + HOUR).isoformat()
    assert entry.detail == {"limit": "daily_loss_fraction", "why": "0.031 is lost", "until": until}


async def test_one_order_too_many_is_given_up_and_halts_the_account_in_the_same_breath(ledger, lease):
    assert [await send(ledger, lease, number) for number in range(4)] == [True, True, False, False]
    orders = {order.intent.client_order_id: order for order in await ledger.orders("sample")}
    assert (orders["sd-2"].state, orders["sd-2"].reason) == (OrderState.CANCELLED, WHY)
    assert orders["sd-3"].reason == WHY, "by the trading state that the one before has left"
    assert await state(ledger) is HALTED
    assert len(await ledger.untold_trips("sample")) == 1


async def test_what_closes_passes_and_does_not_count(ledger, lease):
    closing = [await send(ledger, lease, number, reduce_only=True) for number in range(5)]
    opening = [await send(ledger, lease, number) for number in range(5, 8)]
    assert closing == [True] * 5
    assert opening == [True, True, False]
    assert await send(ledger, lease, 8, reduce_only=True), "while the account is halted, too"


async def test_the_throttle_is_over_for_who_was_resumed_and_the_count_begins_anew(database, ledger, lease):
    assert not all([await send(ledger, lease, number) for number in range(3)])
    await at(database, SECOND).set_trading_state("account:sample", ACTIVE, who="me", why="mended")
    later = at(database, 2 * SECOND)
    assert [await send(later, lease, number) for number in range(3, 6)] == [True, True, False]


async def test_an_order_that_is_sent_again_is_still_one_order(ledger, lease):
    for _ in range(5):
        assert await send(ledger, lease, 1, limits=BreakerLimits(orders_per_minute=1))
        await ledger.record_outcome("sd-1", OrderState.PLANNED, detail="it never arrived")
    assert not await send(ledger, lease, 2, limits=BreakerLimits(orders_per_minute=1))


async def test_a_storm_of_refusals_halts_the_account(ledger, lease):
    limits = BreakerLimits(rejections_per_hour=2)
    for number in range(2):
        assert await send(ledger, lease, number, limits=limits)
        await ledger.record_outcome(f"sd-{number}", OrderState.REJECTED, detail="no")
    assert not await send(ledger, lease, 2, limits=limits)
    (trip,) = await ledger.untold_trips("sample")
    assert (trip.limit, trip.state) == (Limit.REJECTIONS, HALTED)


async def test_orders_of_other_accounts_and_other_hours_do_not_count(database, ledger, lease):
    other = await ledger.acquire_lease("other", "run-1", CLOSE, DAY, venue="oanda")
    for number in range(5):
        await send(ledger, other, number, account="other", limits=BreakerLimits())
    for number in range(5, 8):
        await send(ledger, lease, number, candle_close=CLOSE - HOUR, limits=BreakerLimits())
    assert await send(ledger, lease, 8)
    assert [await send(at(database, HOUR), lease, number) for number in range(9, 12)] == [True, True, False]


async def test_without_limits_an_order_is_sent_as_ever(ledger, lease):
    assert all([await send(ledger, lease, number, limits=BreakerLimits()) for number in range(20)])


async def test_the_last_round_trips_come_oldest_first_with_their_profit_after_fees(ledger):
    fills = [
        fill(f"T{3 * number + step}", side=side, after=3 * number + step, price=price, fee="0.01")
        for number, won in enumerate(["1.2", "1.05", "1.1"])
        for step, side, price in ((0, Side.BUY, "1.1"), (1, Side.SELL, won))
    ]
    fills.append(fill("T99", after=99))
    await ledger.book_fills("sample", tuple(fills), cursor="c", conversion=CONVERSION, now=CLOSE)
    found = await ledger.last_closed("sample", 2)
    assert [(trade.closed_at, trade.profit) for trade in found] == [
        (CLOSE + 4 * SECOND, Decimal("-5.02")),
        (CLOSE + 7 * SECOND, Decimal("-0.02")),
    ]
    assert await ledger.last_closed("other", 2) == ()
    await ledger.acquire_lease("sample", "run-1", CLOSE, timedelta(minutes=2), venue="oanda")
    for counts, seen in (({"sample": 2, "other": 9}, found), ({"sample": 9}, await ledger.last_closed("sample", 9))):
        assert await ledger.last_results(counts) == {"sample": tuple((one.closed_at, one.profit) for one in seen)}
    assert len(await ledger.last_closed("sample", 9)) == 3
    assert await ledger.last_results({"sample": 0}) == {}


async def test_a_row_that_cannot_be_understood_lets_nothing_be_sent(ledger, database, lease):
    async with database.write() as session:
        session.add(TripRow(account="sample", limit="luck", state="halted", why="by hand", tripped_at=CLOSE))
    with pytest.raises(LedgerError, match="nothing is sent until the row is mended"):
        await send(ledger, lease, 1)
