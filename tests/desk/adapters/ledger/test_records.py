"""Closed trades as a decision sees them: with the risk of each, and read again where what was over has changed."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.records import last_trades
from desk.adapters.ledger.tables import TradeRow
from desk.model.instrument import Side
from desk.model.orders import Barriers, Fill, FillReason
from desk.model.records import TrackRecord
from desk.model.regimes import Regime
from desk.model.votes import Vote
from tests.builders import CLOSE, intent
from tests.desk.adapters.ledger.builders import CONVERSION, fill, record

LONG_AGO = CLOSE - timedelta(days=400)
BOUGHT = fill("T1", quantity="100", price="1.10", after=1)
STOPPED = fill("T2", order="sd-1-stop", side=Side.SELL, price="1.08", after=2, reason=FillReason.STOP)


async def book(ledger: Ledger, *fills: Fill, conversion: dict[str, Decimal] = CONVERSION) -> None:
    await ledger.book_fills("sample", fills, cursor="", conversion=conversion, now=CLOSE)


async def order(ledger: Ledger, name: str = "sd-1", *, stop: str | None = "1.09", instrument: str = "EUR/USD") -> None:
    barriers = Barriers(stop=None if stop is None else Decimal(stop))
    await ledger.store_intents([replace(intent(name, instrument=instrument), barriers=barriers)])


async def test_a_closed_trade_says_who_opened_it_what_it_brought_and_what_was_at_risk(ledger: Ledger) -> None:
    await order(ledger)
    await book(ledger, BOUGHT, STOPPED)
    [trade] = await ledger.closed_trades("sample")
    assert (trade.strategy, trade.instrument, trade.side) == ("constant", "EUR/USD", Side.BUY)
    assert (trade.opened_at, trade.closed_at) == (BOUGHT.at, STOPPED.at)
    assert (trade.profit, trade.fees, trade.risk) == (Decimal("-2.02"), Decimal("0.02"), Decimal("1.00"))
    assert trade.reason is FillReason.STOP
    assert trade.multiple == pytest.approx(-2.02)


async def test_the_risk_and_the_entry_value_are_converted_at_the_rate_of_the_entry(ledger: Ledger) -> None:
    await order(ledger, stop="151", instrument="USD/JPY")
    sold = fill("T1", side=Side.SELL, quantity="100", price="150", instrument="USD/JPY", after=1)
    await book(ledger, sold)
    bought = fill("T2", order="sd-2", quantity="100", price="149", instrument="USD/JPY", after=2)
    await book(ledger, bought, conversion={**CONVERSION, "JPY": Decimal("0.0070")})
    [trade] = await ledger.closed_trades("sample")
    assert trade.risk == 100 * Decimal("0.0066")
    assert trade.entry_value == 15_000 * Decimal("0.0066")


@pytest.mark.parametrize("stop", [None, "1.10", "1.11"])
async def test_without_a_stop_on_the_losing_side_the_risk_is_not_known_and_counts_in_no_record(
    ledger: Ledger, stop: str | None
) -> None:
    await order(ledger, stop=stop)
    await book(ledger, BOUGHT, STOPPED)
    trades, records = await ledger.trades_and_records("sample", LONG_AGO)
    assert [trade.risk for trade in trades] == [None]
    assert records == {}


async def test_what_the_desk_did_not_open_has_neither_strategy_nor_risk(ledger: Ledger) -> None:
    await book(ledger, BOUGHT, STOPPED)
    trades, records = await ledger.trades_and_records("sample", LONG_AGO)
    assert [(trade.strategy, trade.risk) for trade in trades] == [("", None)]
    assert records == {}


@pytest.mark.parametrize("side", list(Side))
async def test_a_trade_that_was_adjusted_on_the_way_is_in_no_record_and_the_next_one_is(
    ledger: Ledger, side: Side
) -> None:
    await order(ledger)
    await order(ledger, "sd-2")
    adjusted = fill("A1", order="", side=side, quantity="90", price="1.10", after=2, reason=FillReason.ADJUSTMENT)
    rest = "10" if side is Side.SELL else "190"
    await book(ledger, BOUGHT, adjusted, replace(STOPPED, quantity=Decimal(rest), at=CLOSE + timedelta(seconds=3)))
    again = replace(BOUGHT, venue_trade_id="T3", client_order_id="sd-2", at=CLOSE + timedelta(seconds=4))
    await book(ledger, again, replace(STOPPED, venue_trade_id="T4", at=CLOSE + timedelta(seconds=5)))
    trades, records = await ledger.trades_and_records("sample", LONG_AGO)
    assert [trade.is_whole for trade in trades] == [False, True]
    assert records["constant"].trades == 1
    async with ledger.database.read() as session:
        assert await last_trades(session, "sample", 2) == trades


async def test_a_trade_that_is_open_and_those_of_others_are_left_out(ledger: Ledger) -> None:
    await order(ledger)
    await book(ledger, BOUGHT)
    await ledger.book_fills("other", (BOUGHT, STOPPED), cursor="", conversion=CONVERSION, now=CLOSE)
    assert await ledger.closed_trades("sample") == ()
    assert len(await ledger.closed_trades("other")) == 1


async def test_trades_are_asked_for_since_a_time_while_records_are_of_all(ledger: Ledger) -> None:
    for number in (1, 2):
        await order(ledger, f"sd-{number}")
        bought = fill(f"T{number}a", order=f"sd-{number}", price="1.10", after=10 * number, fee="0")
        await book(ledger, bought, fill(f"T{number}b", order="x", side=Side.SELL, after=10 * number + 1, fee="0"))
    trades, records = await ledger.trades_and_records("sample", CLOSE + timedelta(seconds=21))
    assert [trade.closed_at for trade in trades] == [CLOSE + timedelta(seconds=21)]
    assert records == {"constant": TrackRecord(2, 0, 0.0, 0.0, 0.0)}
    assert len(await ledger.closed_trades("sample", LONG_AGO)) == 2


async def test_a_fill_that_comes_late_changes_what_was_read_before(ledger: Ledger) -> None:
    await order(ledger)
    await book(ledger, BOUGHT, STOPPED)
    assert [trade.profit for trade in await ledger.closed_trades("sample")] == [Decimal("-2.02")]
    earlier = fill("T0", quantity="100", price="1.00", fee="0", after=0)
    await book(ledger, earlier, fill("T3", order="x", side=Side.SELL, price="1.08", fee="0", after=3))
    [trade] = await ledger.closed_trades("sample")
    assert (trade.opened_at, trade.profit) == (earlier.at, Decimal("5.98"))


async def test_a_trade_that_closes_at_the_very_time_of_one_that_was_read_is_not_missed(ledger: Ledger) -> None:
    await book(ledger, BOUGHT, STOPPED)
    assert len(await ledger.closed_trades("sample")) == 1
    gold = fill("G1", instrument="XAU/USD", price="2000", after=1)
    await book(ledger, gold, fill("G2", order="x", instrument="XAU/USD", side=Side.SELL, price="2000", after=2))
    assert len(await ledger.closed_trades("sample")) == 2


async def test_a_rate_that_comes_later_gives_a_trade_its_profit_and_its_risk(ledger: Ledger) -> None:
    await order(ledger)
    await book(ledger, BOUGHT, STOPPED, conversion={"JPY": Decimal(1)})
    [before] = await ledger.closed_trades("sample")
    assert (before.risk, before.entry_value) == (None, None)
    await book(ledger)
    [after] = await ledger.closed_trades("sample")
    assert (after.risk, after.entry_value) == (Decimal(1), Decimal(110))


async def test_a_trade_knows_the_regime_that_its_vote_was_held_in(ledger: Ledger) -> None:
    done = record()
    first, *others = done.decision.verdicts
    asked = replace(first.proposal, vote=Vote((), Regime.CRASH))
    await ledger.record_cycle(
        replace(done, decision=replace(done.decision, verdicts=(replace(first, proposal=asked), *others))), now=CLOSE
    )
    [intended] = done.decision.intents
    await ledger.store_intents([intended])
    await book(ledger, replace(BOUGHT, client_order_id=intended.client_order_id), STOPPED)
    [trade] = await ledger.closed_trades("sample")
    assert trade.regime is Regime.CRASH


def _closed(number: int) -> TradeRow:
    """Five at a time are closed at once, also where one part of the list ends and the next begins."""
    at = CLOSE + timedelta(minutes=(number + 2) // 5)
    return TradeRow(
        account="sample",
        opened_by=f"F{number:05}",
        instrument="EUR/USD",
        strategy="constant",
        side="buy",
        entry_order_id="",
        opened_at=CLOSE,
        closed_at=at,
        entry_quantity=Decimal(1),
        entry_notional=Decimal(1),
        exit_quantity=Decimal(1),
        exit_notional=Decimal(1),
        realised_profit=Decimal(number),
        fees=Decimal(0),
        exit_reason=FillReason.STOP.value,
    )


async def test_of_many_trades_each_is_read_once(ledger: Ledger) -> None:
    for first, until in ((0, 1203), (1203, 2210)):
        async with ledger.database.write() as session:
            session.add_all(_closed(number) for number in reversed(range(first, until)))
        assert [int(trade.profit) for trade in await ledger.closed_trades("sample")] == list(range(until))


async def test_while_many_trades_are_read_others_have_their_turn(sqlite: Database) -> None:
    async with sqlite.write() as session:
        session.add_all(_closed(number) for number in range(1203))
    ledger, turns = Ledger(sqlite, FixedClock(CLOSE)), 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def turns_while_read() -> int:
        before = turns
        await ledger.closed_trades("sample")
        return turns - before

    other = asyncio.create_task(others())
    assert await turns_while_read() >= await turns_while_read() + 2, "the second time there is nothing new"
    other.cancel()
