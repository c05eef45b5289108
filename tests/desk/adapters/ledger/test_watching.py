"""What the watch asks of the ledger, on every engine."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from desk.adapters.ledger.ledger import Ledger
from desk.execution.watching import WATCH
from desk.model.cycle import CycleKey, CycleState, Mode
from desk.model.instrument import Side
from desk.model.orders import Barriers, OrderIntent, OrderState, OrderType, TimeInForce
from tests.builders import CLOSE, intent
from tests.desk.adapters.ledger.builders import CONVERSION, answer, fill

BARRIERS = Barriers(stop=Decimal("1.09"))


def stop(name: str, **changes: object) -> OrderIntent:
    usual = {
        "strategy": WATCH,
        "side": Side.SELL,
        "type": OrderType.STOP,
        "price": Decimal("1.09"),
        "time_in_force": TimeInForce.GTC,
        "reduce_only": True,
    }
    return replace(intent(name), **{**usual, **changes})


async def enter(ledger: Ledger) -> None:
    await ledger.store_intents([replace(intent(), barriers=BARRIERS)])
    await ledger.record_order("sample", answer(intent(), OrderState.FILLED, fill()))
    await ledger.book_fills("sample", (fill(),), cursor="", conversion=CONVERSION, now=CLOSE)


async def test_a_position_is_told_with_its_barriers_and_the_watchs_orders_of_it(ledger: Ledger) -> None:
    await enter(ledger)
    older = stop("sd-old", candle_close=CLOSE - timedelta(minutes=5))
    for one in (stop("sd-2"), stop("sd-1-of-another", strategy="flatten"), older, stop("sd-3")):
        await ledger.store_intents([one])
    (decided,) = await ledger.decided_positions("sample")
    assert (decided.instrument, decided.quantity, decided.barriers) == ("EUR/USD", 100, BARRIERS)
    assert (decided.anchor, decided.entered, decided.entry_price) == (CLOSE, 100, fill().price)
    assert {order.client_order_id for order in decided.orders} == {"sd-2", "sd-3"}
    assert await ledger.decided_positions("another") == ()


async def test_only_the_watchs_own_orders_without_an_outcome_are_its_to_settle(ledger: Ledger) -> None:
    lease = await ledger.acquire_lease("sample", "run-1", CLOSE, timedelta(minutes=2), venue="oanda")
    assert lease is not None
    await ledger.store_intents([intent(), stop("sd-planned"), stop("sd-sent"), stop("sd-done")])
    assert await ledger.start_sending("sd-sent", lease)
    await ledger.record_outcome("sd-done", OrderState.REJECTED, detail="no")
    names = {order.client_order_id for order in await ledger.unsettled_watch_orders("sample")}
    assert names == {"sd-planned", "sd-sent"}


async def test_an_account_has_business_while_it_holds_something_or_has_an_order(ledger: Ledger) -> None:
    assert not await ledger.has_business("sample")
    await ledger.store_intents([intent()])
    assert await ledger.has_business("sample")
    await ledger.record_outcome("sd-1", OrderState.CANCELLED, detail="given up")
    assert not await ledger.has_business("sample")


async def test_a_position_is_business_whatever_became_of_its_orders(ledger: Ledger) -> None:
    await enter(ledger)
    assert await ledger.has_business("sample")
    assert await ledger.accounts_with_positions() == {"sample"}


async def test_money_was_last_written_down_at_the_newest_time_that_has_been(ledger: Ledger) -> None:
    assert await ledger.last_valued_at("sample", CLOSE) is None
    for minutes in (0, 1, 5):
        await ledger.record_equity("sample", CLOSE + timedelta(minutes=minutes), Decimal(10), Decimal(10))
    assert await ledger.last_valued_at("sample", CLOSE + timedelta(minutes=1)) == CLOSE + timedelta(minutes=1)


async def test_an_account_is_held_by_whoever_has_its_lease(ledger: Ledger) -> None:
    assert await ledger.lease_holder("sample") == ""
    lease = await ledger.acquire_lease("sample", "watch-1", CLOSE, timedelta(minutes=2), venue="oanda")
    assert lease is not None
    assert await ledger.lease_holder("sample") == "watch-1"
    await ledger.release_lease(lease)
    assert await ledger.lease_holder("sample") == ""


async def valued(ledger: Ledger) -> list[datetime]:
    return [point.at for point in await ledger.equity_curve("sample")]


async def test_of_what_the_watch_wrote_before_the_last_day_the_last_of_each_hour_is_kept(ledger: Ledger) -> None:
    times = [CLOSE + timedelta(minutes=20 * number) for number in range(7)]
    for at in times:
        await ledger.record_equity("sample", at, Decimal(100), Decimal(100))
        await ledger.record_equity("other", at, Decimal(100), Decimal(100))
    now = times[-1] + timedelta(days=1)
    assert await ledger.thin_equity("sample", now) == 4
    assert await valued(ledger) == [times[2], times[5], times[6]]
    assert await ledger.thin_equity("sample", now) == 0
    assert len(await ledger.equity_curve("other")) == 7


async def test_the_highest_equity_and_that_of_midnight_stay_when_their_neighbours_go(ledger: Ledger) -> None:
    midnight = CLOSE.replace(hour=0) + timedelta(days=1)
    for minutes, equity in ((-50, 900), (-10, 700), (5, 500), (55, 400)):
        await ledger.record_equity("sample", midnight + timedelta(minutes=minutes), Decimal(equity), Decimal(100))
    before = await ledger.day_start_and_peak("sample", midnight + timedelta(hours=1))
    assert before == (700, 900)
    assert await ledger.thin_equity("sample", midnight + timedelta(days=2)) == 2
    assert await ledger.day_start_and_peak("sample", midnight + timedelta(hours=1)) == before


async def test_what_a_scan_wrote_is_kept(ledger: Ledger) -> None:
    begun, ended = CLOSE + timedelta(seconds=20), CLOSE + timedelta(seconds=24)
    key = CycleKey("sample", CLOSE)
    known = {"mode": Mode.PAPER, "flow_run_id": "run-1", "config_version": "", "code_version": ""}
    await ledger.claim_cycle(key, now=begun, **known)
    await ledger.record_run_end(key, CycleState.FAILED, "no answer", ended, mode=Mode.PAPER)
    seconds = (14, 15, 22, 29, 30, 59)
    for second in seconds:
        await ledger.record_equity("sample", CLOSE + timedelta(seconds=second), Decimal(100), Decimal(100))
    assert await ledger.thin_equity("sample", CLOSE + timedelta(days=2)) == 2
    assert [at.second for at in await valued(ledger)] == [15, 22, 29, 59]


async def test_what_a_scan_that_never_ended_may_have_written_is_kept(ledger: Ledger) -> None:
    known = {"mode": Mode.PAPER, "flow_run_id": "run-1", "config_version": "", "code_version": ""}
    await ledger.claim_cycle(CycleKey("sample", CLOSE), now=CLOSE, **known)
    for minute in (9, 11, 12):
        await ledger.record_equity("sample", CLOSE + timedelta(minutes=minute), Decimal(100), Decimal(100))
    assert await ledger.thin_equity("sample", CLOSE + timedelta(days=2)) == 1
    assert [at.minute for at in await valued(ledger)] == [9, 12]
