"""The log of orders: stored first, sent once under the newest lease, and never contradicting itself."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.errors import LeaseLost, LedgerError
from desk.execution.lifecycle import IllegalTransition
from desk.model.books import TradingState
from desk.model.orders import OrderState
from desk.ports import Lease, OrderLog
from tests.builders import CLOSE, intent
from tests.desk.adapters.ledger.builders import CONVERSION, answer, fill
from tests.fakes import order_of

TTL = timedelta(minutes=2)
ASKED = intent()


@pytest.fixture
async def lease(ledger: Ledger) -> Lease:
    held = await ledger.acquire_lease("sample", "run-1", CLOSE, TTL, venue="oanda")
    assert held is not None
    return held


async def state_of(ledger: Ledger, client_order_id: str = "sd-1") -> OrderState:
    orders = {order.intent.client_order_id: order for order in await ledger.orders("sample")}
    return orders[client_order_id].state


async def send(ledger: Ledger, lease: Lease) -> None:
    await ledger.store_intents([ASKED])
    assert await ledger.start_sending("sd-1", lease)


async def test_the_ledger_is_an_order_log(ledger: Ledger) -> None:
    log: OrderLog = ledger
    assert await log.store_intents([]) == {}


async def test_an_intent_is_stored_whole_and_planned(ledger: Ledger) -> None:
    stored = await ledger.store_intents([ASKED, intent("sd-2", instrument="XAU/USD", quantity="3")])
    assert stored["sd-1"] == order_of(ASKED)
    assert list(stored) == ["sd-1", "sd-2"]
    assert {order.intent for order in await ledger.orders("sample")} == {
        ASKED,
        intent("sd-2", instrument="XAU/USD", quantity="3"),
    }


async def test_an_intent_that_is_stored_is_left_as_it_is(ledger: Ledger, lease: Lease) -> None:
    await send(ledger, lease)
    stored = await ledger.store_intents([ASKED])
    assert (stored["sd-1"].state, stored["sd-1"].quantity) == (OrderState.SENDING, ASKED.quantity)


async def test_an_id_that_was_decided_otherwise_is_refused_and_nothing_is_stored(ledger: Ledger, lease: Lease) -> None:
    await send(ledger, lease)
    fresh = replace(ASKED, client_order_id="sd-2")
    with pytest.raises(LedgerError, match="another run has decided this candle"):
        await ledger.store_intents([fresh, replace(ASKED, quantity=Decimal(999))])
    assert [order.client_order_id for order in await ledger.planned_orders("sample")] == []


async def test_a_stored_order_comes_back_with_its_fills(ledger: Ledger, lease: Lease) -> None:
    await send(ledger, lease)
    filled = answer(ASKED, OrderState.FILLED, fill("T1", quantity="40"), fill("T2", quantity="60"))
    await ledger.record_order("sample", filled)
    assert (await ledger.store_intents([ASKED]))["sd-1"] == filled


async def test_of_many_senders_exactly_one_may_send(
    database: Database, database_url: str, ledger: Ledger, lease: Lease
) -> None:
    await ledger.store_intents([ASKED])
    other = Database.open(database_url)
    ledgers = [Ledger(database), Ledger(other)]
    started = await asyncio.gather(*(ledgers[sender % 2].start_sending("sd-1", lease) for sender in range(8)))
    await other.close()
    assert sum(started) == 1


@pytest.mark.parametrize("how", ["taken over", "taken again", "given back", "never held"])
async def test_a_lease_that_is_not_the_newest_may_not_send(ledger: Ledger, lease: Lease, how: str) -> None:
    await ledger.store_intents([ASKED])
    if how == "taken over":
        assert await ledger.acquire_lease("sample", "run-2", CLOSE + TTL, TTL, venue="oanda")
    elif how == "taken again":
        assert await ledger.acquire_lease("sample", "run-1", CLOSE, TTL, venue="oanda")
    elif how == "given back":
        await ledger.release_lease(lease)
    else:
        lease = Lease("never", "run-1", 1)
    with pytest.raises(LeaseLost, match="to be the newest"):
        await ledger.start_sending("sd-1", lease)
    assert await state_of(ledger) is OrderState.PLANNED


async def test_a_lease_that_is_not_the_newest_may_not_plan_what_another_run_has_decided_otherwise(
    ledger: Ledger, lease: Lease
) -> None:
    """A run that slept too long looks at a position that is not that any more: it is the lease that it has lost."""
    newer = await ledger.acquire_lease("sample", "run-2", CLOSE + TTL, TTL, venue="oanda")
    assert newer is not None
    await ledger.store_intents([ASKED], lease=newer)
    for mine in (ASKED, replace(ASKED, quantity=ASKED.quantity * 2)):
        with pytest.raises(LeaseLost, match="to be the newest"):
            await ledger.store_intents([mine], lease=lease)
    assert [one.intent.quantity for one in await ledger.orders("sample")] == [ASKED.quantity]


async def test_an_order_of_another_account_may_not_be_sent(ledger: Ledger) -> None:
    await ledger.store_intents([ASKED])
    other = await ledger.acquire_lease("other", "run-1", CLOSE, TTL, venue="oanda")
    assert other is not None
    with pytest.raises(LedgerError, match="expected an order of other, found one of sample"):
        await ledger.start_sending("sd-1", other)


@pytest.mark.parametrize("scope", ["fleet", "venue:oanda", "account:sample"])
async def test_a_halt_stops_the_order_for_good(ledger: Ledger, lease: Lease, scope: str) -> None:
    await ledger.store_intents([ASKED])
    await ledger.set_trading_state(scope, TradingState.HALTED, who="me", why="fat finger")
    assert not await ledger.start_sending("sd-1", lease)
    await ledger.set_trading_state(scope, TradingState.ACTIVE, who="me", why="done")
    assert not await ledger.start_sending("sd-1", lease)
    (order,) = await ledger.orders("sample")
    assert (order.state, order.reason) == (OrderState.CANCELLED, "TRADING_HALTED: fat finger (ordered by me)")


@pytest.mark.parametrize("reduce_only", [True, False])
async def test_reduce_only_lets_what_reduces_pass(ledger: Ledger, lease: Lease, reduce_only: bool) -> None:
    await ledger.store_intents([replace(ASKED, reduce_only=reduce_only)])
    await ledger.set_trading_state("fleet", TradingState.REDUCE_ONLY, who="me", why="week-end")
    assert await ledger.start_sending("sd-1", lease) is reduce_only


async def test_what_the_venue_says_twice_is_written_once(ledger: Ledger, lease: Lease) -> None:
    await send(ledger, lease)
    filled = answer(ASKED, OrderState.FILLED, fill(quantity="100"))
    for _ in range(3):
        await ledger.record_order("sample", filled)
    states = [event.state for event in await ledger.order_events("sd-1")]
    assert states == [OrderState.PLANNED, OrderState.SENDING, OrderState.FILLED]
    assert len(await ledger.fills("sample")) == 1


async def test_an_old_answer_told_again_does_not_turn_the_order_back(ledger: Ledger, lease: Lease) -> None:
    await send(ledger, lease)
    acked, filled = answer(ASKED, OrderState.ACKED), answer(ASKED, OrderState.FILLED, fill())
    for told in (acked, filled, acked):
        await ledger.record_order("sample", told)
    assert await state_of(ledger) is OrderState.FILLED


async def test_a_late_answer_with_fewer_fills_than_are_booked_is_ignored(ledger: Ledger, lease: Lease) -> None:
    await send(ledger, lease)
    fills = (fill("T1", quantity="40"), fill("T2", quantity="60"))
    await ledger.book_fills("sample", fills, cursor="2", conversion=CONVERSION, now=CLOSE)
    assert await state_of(ledger) is OrderState.FILLED
    await ledger.record_order("sample", answer(ASKED, OrderState.PARTIAL, fills[0]))
    assert await state_of(ledger) is OrderState.FILLED


async def test_a_filled_quantity_that_shrinks_without_a_reason_is_a_contradiction(ledger: Ledger, lease: Lease) -> None:
    await send(ledger, lease)
    cumulative = replace(answer(ASKED, OrderState.PARTIAL), filled_quantity=Decimal(60))
    await ledger.record_order("sample", cumulative)
    with pytest.raises(LedgerError, match="expected at least 60 filled"):
        await ledger.record_order("sample", replace(cumulative, filled_quantity=Decimal(40)))


async def test_a_fill_after_the_cancellation_is_accepted(ledger: Ledger, lease: Lease) -> None:
    await send(ledger, lease)
    await ledger.record_order("sample", answer(ASKED, OrderState.CANCELLED))
    await ledger.record_order("sample", answer(ASKED, OrderState.FILLED, fill(quantity="100")))
    assert await state_of(ledger) is OrderState.FILLED


async def test_an_answer_that_cannot_be_changes_nothing(ledger: Ledger, lease: Lease) -> None:
    await send(ledger, lease)
    await ledger.record_order("sample", answer(ASKED, OrderState.FILLED, fill()))
    with pytest.raises(IllegalTransition, match="after filled, found rejected"):
        await ledger.record_outcome("sd-1", OrderState.REJECTED, detail="no funds")
    assert await state_of(ledger) is OrderState.FILLED
    assert len(await ledger.fills("sample")) == 1


async def test_an_order_that_was_never_stored_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="expected an intent stored before the order was sent"):
        await ledger.record_order("sample", answer(ASKED, OrderState.ACKED))


async def test_the_words_of_an_outcome_are_kept(ledger: Ledger, lease: Lease) -> None:
    await send(ledger, lease)
    for _ in range(2):
        await ledger.record_outcome("sd-1", OrderState.UNKNOWN, detail="time-out")
    events = await ledger.order_events("sd-1")
    assert [(event.state, event.detail) for event in events] == [
        (OrderState.PLANNED, ""),
        (OrderState.SENDING, "sent by run-1, token 1"),
        (OrderState.UNKNOWN, "time-out"),
    ]


async def test_an_order_that_never_arrived_may_be_sent_again_once(ledger: Ledger, lease: Lease) -> None:
    await send(ledger, lease)
    await ledger.record_outcome("sd-1", OrderState.UNKNOWN, detail="time-out")
    await ledger.record_outcome("sd-1", OrderState.PLANNED, detail="the venue never received it")
    assert [await ledger.start_sending("sd-1", lease) for _ in range(2)] == [True, False]


async def test_orders_are_listed_by_what_is_known_of_them(ledger: Ledger, lease: Lease) -> None:
    names = ["sd-1", "sd-2", "sd-3", "sd-4"]
    await ledger.store_intents([intent(name) for name in names])
    for name in names[1:]:
        await ledger.start_sending(name, lease)
    await ledger.record_outcome("sd-3", OrderState.UNKNOWN, detail="time-out")
    await ledger.record_order("sample", answer(intent("sd-4"), OrderState.ACKED))
    listed = [
        [order.client_order_id for order in orders]
        for orders in (
            await ledger.planned_orders("sample"),
            await ledger.unresolved_orders("sample"),
            await ledger.open_orders("sample"),
            await ledger.unresolved_orders("sample", before=CLOSE),
            await ledger.unresolved_orders("other"),
        )
    ]
    assert listed == [["sd-1"], ["sd-2", "sd-3"], ["sd-4"], [], []]


async def test_more_executed_than_asked_halts_the_account(ledger: Ledger, lease: Lease) -> None:
    await send(ledger, lease)
    await ledger.record_order("sample", answer(ASKED, OrderState.FILLED, fill(quantity="101")))
    assert await ledger.trading_state("sample", "oanda") is TradingState.HALTED
    await ledger.store_intents([intent("sd-2")])
    assert not await ledger.start_sending("sd-2", lease)
