"""What the ledger counts to is the same whether it is counted at once or bit by bit, while it grows and changes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.measures import SETTLED_AFTER, Counting, Measures
from desk.model.cycle import CycleKey, CycleState, Mode
from desk.model.instrument import Side
from desk.model.reasons import Reason
from tests.builders import CLOSE, intent
from tests.desk.adapters.ledger.builders import CONVERSION, fill, record, signal

HOUR = timedelta(hours=1)
ACCOUNTS = ("sample",)


async def scan(ledger: Ledger, hours: int, state: CycleState = CycleState.HELD) -> None:
    made = record(CycleKey("sample", CLOSE + hours * HOUR), state)
    signals = (signal(), signal("XAU/USD", score=-0.5), signal("USD/JPY", score=0.0))
    await ledger.record_cycle(replace(made, decision=replace(made.decision, signals=signals)), now=CLOSE)


async def round_trip(ledger: Ledger, name: str, hours: int, sides: Sequence[Side] = (Side.BUY, Side.SELL)) -> None:
    asked = replace(intent(f"sd-{name}"), strategy="momentum_trading")
    await ledger.store_intents([asked])
    seconds = hours * 3600
    fills = tuple(
        fill(f"{name}-{side}", side=side, order=f"sd-{name}", after=seconds + n * 60) for n, side in enumerate(sides)
    )
    await ledger.book_fills("sample", fills, cursor=name, conversion=CONVERSION, now=CLOSE)


async def counted_anew(ledger: Ledger) -> Measures:
    return await Counting(ledger.database).count(ACCOUNTS)


async def test_everything_is_counted_by_what_it_is(ledger: Ledger):
    await scan(ledger, 0, CycleState.TRADED)
    await round_trip(ledger, "a", 0)
    await ledger.record_equity("sample", CLOSE, Decimal(100), Decimal(90))
    lease = await ledger.acquire_lease("sample", "run-1", CLOSE, timedelta(minutes=2), venue="oanda")
    assert lease is not None
    found = await counted_anew(ledger)
    assert found.cycles == {("sample", "traded"): 1}
    assert set(found.signals.values()) == {1}
    assert {sign for _, _, sign in found.signals} == {"1", "0", "-1"}
    assert all(Reason(reason) for _, reason in found.refusals)
    assert sum(found.refusals.values()) >= 2
    assert (found.orders, found.fills) == ({("sample", "filled"): 1}, {("sample",): 2})
    assert found.closed_trades == {("sample", "momentum_trading"): 1}
    assert (found.wealth["sample"].equity, found.wealth["sample"].peak) == (Decimal(100), Decimal(100))


async def test_counting_bit_by_bit_comes_to_the_same(ledger: Ledger):
    counting = Counting(ledger.database)
    for hours in range(0, 12, 4):
        await scan(ledger, hours)
        await round_trip(ledger, f"t{hours}", hours)
        found = await counting.count(ACCOUNTS)
        assert found == await counted_anew(ledger)
    assert found.cycles == {("sample", "held"): 3}


async def test_what_is_not_settled_yet_is_counted_as_it_then_is(ledger: Ledger):
    counting = Counting(ledger.database)
    for hours in (0, 10):
        await scan(ledger, hours)
    await counting.count(ACCOUNTS)
    key = CycleKey("sample", CLOSE + 10 * HOUR - SETTLED_AFTER)
    await ledger.record_run_end(key, CycleState.FAILED, "broken", CLOSE, mode=Mode.PAPER)
    assert (await counting.count(ACCOUNTS)).cycles == {("sample", "held"): 2, ("sample", "failed"): 1}


async def test_a_trade_that_stays_open_is_counted_once_it_is_closed(ledger: Ledger):
    counting = Counting(ledger.database)
    await scan(ledger, 0)
    await round_trip(ledger, "long", 0, [Side.BUY])
    for hours in (10, 20):
        await scan(ledger, hours)
        assert (await counting.count(ACCOUNTS)).closed_trades == {}
    sold = fill("long-sell", side=Side.SELL, order="sd-long", after=20 * 3600)
    await ledger.book_fills("sample", (sold,), cursor="2", conversion=CONVERSION, now=CLOSE)
    assert (await counting.count(ACCOUNTS)).closed_trades == {("sample", "momentum_trading"): 1}


async def test_an_account_that_was_never_scanned_counts_to_nothing(ledger: Ledger):
    found = await counted_anew(ledger)
    assert (found.cycles, found.fills, found.wealth) == ({}, {}, {})
