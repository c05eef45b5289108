"""What the ledger tells: lists in order, where each account stands, and why."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.adapters.ledger.facts import AccountSummary, EquityPoint
from desk.adapters.ledger.ledger import Ledger
from desk.model.cycle import CycleKey, CycleState, Decision
from desk.model.instrument import Side
from desk.model.orders import FillReason, OrderState
from tests.builders import CLOSE, intent
from tests.desk.adapters.ledger.builders import CONVERSION, KEY, answer, fill, record

STEP = timedelta(minutes=5)


async def record_cycles(ledger: Ledger, *accounts: str, count: int = 3) -> None:
    for account in accounts:
        for step in range(count):
            await ledger.record_cycle(record(CycleKey(account, CLOSE + step * STEP)), now=CLOSE)


async def test_cycles_are_oldest_first_and_limits_keep_the_newest(ledger: Ledger) -> None:
    await record_cycles(ledger, "sample", "other")
    closes = [found.key.candle_close for found in await ledger.cycles("sample")]
    assert closes == [CLOSE, CLOSE + STEP, CLOSE + 2 * STEP]
    assert [found.key.candle_close for found in await ledger.cycles("sample", limit=2)] == closes[1:]
    between = await ledger.cycles("sample", since=CLOSE + STEP, until=CLOSE + 2 * STEP)
    assert [found.key.candle_close for found in between] == [CLOSE + STEP]
    assert len(await ledger.cycles()) == 6


async def test_the_last_cycle_is_that_of_the_newest_candle(ledger: Ledger) -> None:
    assert await ledger.last_cycle("sample") is None
    await record_cycles(ledger, "sample")
    found = await ledger.last_cycle("sample")
    assert found is not None
    assert (found.key.candle_close, found.equity, found.config_version) == (CLOSE + 2 * STEP, Decimal(10_000), "c0ffee")


async def test_why_tells_all_of_one_instrument_and_nothing_of_the_others(ledger: Ledger) -> None:
    await ledger.record_cycle(record(), now=CLOSE)
    explained = await ledger.why("sample", "XAU/USD")
    assert explained is not None
    decision = explained.record.decision
    assert [signal.instrument for signal in decision.signals] == ["XAU/USD"]
    assert [verdict.proposal.instrument for verdict in decision.verdicts] == ["XAU/USD"]
    assert (decision.no_trades, decision.intents, explained.orders) == ((), (), ())
    everything = await ledger.why("sample")
    assert everything is not None
    assert everything.record == record()


async def test_why_follows_a_fill_from_decision_to_trade(ledger: Ledger) -> None:
    asked = record().decision.intents[0]
    await ledger.record_cycle(record(), now=CLOSE)
    await ledger.store_intents([asked])
    filled = answer(asked, OrderState.FILLED, fill(order=asked.client_order_id))
    await ledger.record_order("sample", filled)
    stopped = fill("T2", order=f"{asked.client_order_id}-stop", side=Side.SELL, after=9, reason=FillReason.STOP)
    await ledger.book_fills("sample", (stopped,), cursor="2", conversion=CONVERSION, now=CLOSE)
    explained = await ledger.why("sample", "EUR/USD")
    assert explained is not None
    assert [order.state for order in explained.orders] == [OrderState.FILLED]
    assert [event.state for event in explained.events] == [OrderState.PLANNED, OrderState.FILLED]
    assert explained.fills == filled.fills
    assert [(trade.entry_candle_close, trade.exit_reason) for trade in explained.trades] == [(CLOSE, "stop")]


async def test_why_takes_the_last_cycle_up_to_a_time_that_looked_at_the_instrument(ledger: Ledger) -> None:
    await record_cycles(ledger, "sample")
    closes = []
    for at in (CLOSE, CLOSE + STEP + timedelta(seconds=1), None):
        explained = await ledger.why("sample", "EUR/USD", at)
        assert explained is not None
        closes.append(explained.summary.key.candle_close)
    assert closes == [CLOSE, CLOSE + STEP, CLOSE + 2 * STEP]
    assert await ledger.why("sample", "EUR/GBP") is None
    assert await ledger.why("sample", at=CLOSE - STEP) is None
    assert await ledger.why("nobody") is None


async def test_why_skips_cycles_that_did_not_look_at_the_instrument(ledger: Ledger) -> None:
    await record_cycles(ledger, "sample", count=1)
    blind = replace(record(CycleKey("sample", CLOSE + STEP)), decision=Decision())
    await ledger.record_cycle(blind, now=CLOSE)
    explained = await ledger.why("sample", "EUR/USD")
    assert explained is not None
    assert explained.summary.key == KEY


async def test_orders_fills_and_trades_are_oldest_first_and_limits_keep_the_newest(ledger: Ledger) -> None:
    await ledger.store_intents([intent("sd-1"), intent("sd-2"), intent("sd-3")])
    sides = [Side.BUY, Side.SELL, Side.BUY]
    fills = tuple(fill(f"T{step}", order=f"sd-{step + 1}", side=side, after=step) for step, side in enumerate(sides))
    await ledger.book_fills("sample", fills, cursor="", conversion=CONVERSION, now=CLOSE)
    assert [order.intent.client_order_id for order in await ledger.orders("sample", limit=2)] == ["sd-2", "sd-3"]
    assert await ledger.orders("sample", since=CLOSE + STEP) == ()
    assert await ledger.fills("sample", limit=2) == fills[1:]
    assert await ledger.fills("sample", since=CLOSE + timedelta(seconds=2)) == fills[2:]
    assert [trade.opened_by for trade in await ledger.trades("sample")] == ["T0", "T2"]
    assert [trade.opened_by for trade in await ledger.trades("sample", limit=1)] == ["T2"]


async def test_the_equity_curve_is_cut_to_the_time_asked_for(ledger: Ledger) -> None:
    for step in range(4):
        await ledger.record_equity("sample", CLOSE + step * STEP, Decimal(step), Decimal(step) / 2)
    curve = await ledger.equity_curve("sample", since=CLOSE + STEP, until=CLOSE + 3 * STEP)
    assert curve == (
        EquityPoint(CLOSE + STEP, Decimal(1), Decimal("0.5")),
        EquityPoint(CLOSE + 2 * STEP, Decimal(2), Decimal(1)),
    )


async def test_summaries_say_where_every_account_stands(ledger: Ledger) -> None:
    await record_cycles(ledger, "sample", "quiet")
    await ledger.book_fills("sample", (fill(),), cursor="", conversion=CONVERSION, now=CLOSE)
    midnight = CLOSE.replace(hour=0)
    for account, at, equity in (
        ("sample", midnight - STEP, "90"),
        ("sample", midnight, "100"),
        ("sample", midnight + STEP, "110"),
        ("sample", CLOSE, "104.5"),
        ("new", CLOSE, "50"),
        ("new", CLOSE + STEP, "49"),
    ):
        await ledger.record_equity(account, at, Decimal(equity), Decimal(equity))
    last = {name: await ledger.last_cycle(name) for name in ("quiet", "sample")}
    assert await ledger.summaries() == (
        AccountSummary("new", None, Decimal(49), Decimal(-1), 0, Decimal(50)),
        AccountSummary("quiet", last["quiet"], None, None, 0, None),
        AccountSummary("sample", last["sample"], Decimal("104.5"), Decimal("4.5"), 1, Decimal(110)),
    )
    fractions = [one.drawdown_fraction for one in await ledger.summaries()]
    assert fractions == [pytest.approx(1 / 50), None, pytest.approx(5.5 / 110)]


async def test_an_empty_ledger_answers_everything_with_nothing(ledger: Ledger) -> None:
    assert await ledger.cycle(KEY) is None
    assert await ledger.summaries() == ()
    assert await ledger.cycles() == ()
    for answered in (ledger.orders, ledger.fills, ledger.trades, ledger.positions, ledger.equity_curve):
        assert await answered("sample") == ()


async def test_every_state_reads_back(ledger: Ledger) -> None:
    for step, state in enumerate(CycleState):
        await ledger.record_cycle(record(CycleKey("sample", CLOSE + step * STEP), state), now=CLOSE)
    assert [found.state for found in await ledger.cycles("sample")] == list(CycleState)
