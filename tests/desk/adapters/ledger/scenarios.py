"""Ledgers with something in them, written as scans write them, for what reads a ledger as a whole."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from desk.adapters.ledger.ledger import Ledger
from desk.execution.adjusting import Difference, adjust
from desk.execution.breaker import Limit, Trip
from desk.model.arming import Arm
from desk.model.books import Position, TradingState
from desk.model.cycle import CycleKey, CycleState, Mode
from desk.model.instrument import Side
from desk.model.orders import FillReason, OrderState
from desk.universe.choosing import Choice, Place, Standing
from tests.builders import CLOSE, intent
from tests.desk.adapters.ledger.builders import CONVERSION, KEY, answer, fill, record

TTL = timedelta(minutes=2)
LATER = CLOSE + timedelta(minutes=5)


async def a_day(ledger: Ledger, account: str = "sample") -> None:
    """A cycle with a round trip, one that failed, one that runs, and orders that ended in every other way."""
    done = record(CycleKey(account, CLOSE))
    (asked,) = done.decision.intents
    lease = await ledger.acquire_lease(account, "run-1", CLOSE, TTL, venue="oanda")
    assert lease is not None
    names = [f"sd-{account}-{state.value}" for state in OrderState]
    others = [replace(intent(name), account=account) for name in names]
    await ledger.store_intents((asked, *others))
    for other in (asked, *others[1:]):
        assert await ledger.start_sending(other.client_order_id, lease)
    bought = fill(f"{account}-T1", order=asked.client_order_id, after=2)
    await ledger.record_order(account, answer(asked, OrderState.FILLED, bought, at=bought.at))
    for other, state in zip(others, OrderState, strict=True):
        if state in (OrderState.UNKNOWN, OrderState.REJECTED):
            await ledger.record_outcome(other.client_order_id, state, detail="so it was")
        elif state in (OrderState.ACKED, OrderState.CANCELLED, OrderState.EXPIRED):
            await ledger.record_order(account, answer(other, state))
    part = fill(f"{account}-T2", order=f"sd-{account}-partial", quantity="40", after=3)
    late = fill(f"{account}-T0", order=f"sd-{account}-cancelled", quantity="100", after=1)
    stop = fill(
        f"{account}-T3",
        order=f"{asked.client_order_id}-s",
        side=Side.SELL,
        quantity="300",
        price="1.05",
        after=4,
        reason=FillReason.STOP,
    )
    manual = fill(f"{account}-T4", order="4711", instrument="USD/JPY", price="150", after=5)
    for found in ((bought, part), (late, stop), (manual,)):
        await ledger.book_fills(account, found, cursor="", conversion=CONVERSION, now=CLOSE)
    await ledger.record_equity(account, CLOSE, Decimal("10000.10"), Decimal(10000))
    await ledger.record_cycle(done, now=CLOSE)
    await ledger.record_run_end(CycleKey(account, LATER), CycleState.FAILED, "no answer", LATER, mode=Mode.PAPER)
    await ledger.claim_cycle(
        replace(KEY, account=account, candle_close=LATER + TTL),
        mode=Mode.PAPER,
        flow_run_id="run-2",
        config_version="",
        code_version="",
        now=LATER,
    )


async def a_hard_day(ledger: Ledger, account: str = "sample") -> None:
    """An arm, a trip, a flattening that ended and one that has not, and a position that turned out to be another."""
    await ledger.arm(Arm(account, "c0ffee", "practice", "101-001", "me", CLOSE))
    await ledger.store_universe_choice(
        Choice(account, CLOSE, "pairs", "c0ffee", (Standing("EUR/USD", Place.RANKED, rank=1),))
    )
    lost = Trip(Limit.DAILY_LOSS, TradingState.REDUCE_ONLY, Decimal("0.04"), Decimal("0.03"), "0.04 is lost", LATER)
    await ledger.record_trips(account, [lost])
    for at, remaining in ((CLOSE, ""), (LATER, "EUR/USD: its market is closed")):
        flattening = await ledger.begin_flattening(account, at, who="me", why="enough")
        await ledger.end_flattening(flattening, who="me", remaining=remaining)
    lease = await ledger.acquire_lease(account, "run-9", LATER, TTL, venue="oanda")
    assert lease is not None
    held = Position("XAU/USD", Decimal(3), Decimal(6000), CLOSE)
    turned = Position("XAU/USD", Decimal(-1), Decimal(-2100), CLOSE)
    for before, after, at in ((None, held, LATER), (held, turned, LATER + TTL)):
        found = Difference("XAU/USD", before, after)
        fills = adjust(account, found, at=at)
        assert await ledger.book_adjustment(found, fills, why="adopted", conversion=CONVERSION, lease=lease, now=LATER)
