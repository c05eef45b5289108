"""What pages ask of many accounts at once."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from desk.adapters.ledger.ledger import Ledger
from desk.execution.breaker import Limit, Trip
from desk.model.books import TradingState
from desk.model.cycle import CycleKey, CycleState
from desk.model.instrument import Side
from desk.model.orders import OrderState
from desk.model.reasons import Reason
from tests.builders import CLOSE, intent
from tests.console.stories import held, traded, traded_often
from tests.desk.adapters.ledger.builders import KEY, record

NAMES = ("sample", "other")


async def test_positions_are_told_by_account_and_those_of_strangers_are_not(ledger: Ledger) -> None:
    await traded(ledger)
    found = await ledger.fleet_positions(NAMES)
    assert {name: [one.instrument for one in positions] for name, positions in found.items()} == {"sample": ["EUR/USD"]}
    assert await ledger.fleet_positions(["other"]) == {}


async def test_the_last_look_is_that_of_the_newest_cycle_with_a_snapshot(ledger: Ledger) -> None:
    await traded(ledger)
    await ledger.record_run_end(
        CycleKey("sample", CLOSE + timedelta(minutes=5)), CycleState.FAILED, "no answer", CLOSE, mode=record().mode
    )
    found = await ledger.last_looks(NAMES)
    snapshot = record().snapshot
    assert snapshot is not None
    assert list(found) == ["sample"]
    assert (found["sample"].at, found["sample"].positions) == (snapshot.at, snapshot.positions)
    assert found["sample"].quotes == snapshot.quotes


async def test_the_last_fill_of_each_pair_is_told(ledger: Ledger) -> None:
    await traded_often(ledger, ("1", "1"), account="other")
    found = await ledger.last_fills([("other", "EUR/USD"), ("sample", "EUR/USD")])
    assert found == {("other", "EUR/USD"): CLOSE + timedelta(seconds=90)}


async def test_orders_are_found_on_their_way_by_name_and_by_cycle(ledger: Ledger) -> None:
    await traded(ledger)
    planned = replace(intent("sd-planned"), account="other")
    await ledger.store_intents([planned])
    [on_its_way] = await ledger.orders_on_their_way(NAMES)
    assert on_its_way.intent == planned
    [decided] = await ledger.orders_of_cycles([KEY])
    assert decided.state is OrderState.FILLED
    assert await ledger.orders_named([decided.intent.client_order_id]) == (decided,)
    assert await ledger.orders_of_cycles([CycleKey("other", CLOSE - timedelta(days=1))]) == ()


async def test_signals_of_cycles_come_with_their_account(ledger: Ledger) -> None:
    await traded(ledger)
    await held(ledger, CLOSE + timedelta(minutes=5))
    found = await ledger.signals_of_cycles([KEY])
    assert [(account, one.instrument, one.score) for account, one in found] == [
        ("sample", "XAU/USD", -1.0),
        ("sample", "EUR/USD", 0.1 + 0.2),
    ]


async def test_refusals_have_the_reasons_of_their_rules(ledger: Ledger) -> None:
    await traded(ledger)
    span = {"since": CLOSE - timedelta(hours=1), "until": CLOSE}
    [found] = await ledger.refusals("sample", "XAU/USD", **span)
    assert (found.candle_close, found.side, found.price) == (CLOSE, Side.BUY, Decimal("1.10001"))
    assert found.reasons == (Reason.POSITION_SIZE,)
    assert await ledger.refusals("sample", "EUR/USD", **span) == ()


async def test_a_rule_is_told_with_the_newest_proposal_that_it_judged(ledger: Ledger) -> None:
    later = CLOSE + timedelta(minutes=5)
    await ledger.record_cycle(record(), now=CLOSE)
    await ledger.record_cycle(record(CycleKey("sample", later)), now=later)
    found = await ledger.rule_uses("sample", since=CLOSE)
    assert [(one.finding.rule, one.candle_close) for one in found] == [("cooldown", later), ("position_size", later)]
    assert found[1].finding.reason is Reason.POSITION_SIZE
    assert await ledger.rule_uses("sample", since=later + timedelta(minutes=1)) == ()


async def test_trips_of_every_account_are_told_with_theirs(ledger: Ledger) -> None:
    trip = Trip(Limit.DRAWDOWN, TradingState.HALTED, Decimal("0.2"), Decimal("0.15"), "too much is lost")
    await ledger.record_trips("other", [trip])
    [(account, found)] = await ledger.fleet_trips(NAMES)
    assert (account, found.limit, found.why) == ("other", Limit.DRAWDOWN, "too much is lost")
    assert await ledger.fleet_trips(["sample"]) == ()
