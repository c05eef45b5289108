"""What freqtrade's clients ask of closed trades and of what lies around them: the desk's figures, in its shapes."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.adapters.clocks import FixedClock
from desk.model.access import Rights
from desk.model.instrument import Side
from desk.model.orders import FillReason
from tests.builders import CLOSE
from tests.console.api.conftest import Calls, token
from tests.console.api.freqtrade import LOCK, ORDER, PAIR, PERIOD, SUMS, TRADE, ask, holds
from tests.console.stories import RATES, traded_often
from tests.console.test_logs import line
from tests.desk.adapters.ledger.builders import fill

PROFITS = ("90", "-40", "30", "0")
STRATEGY = "momentum_trading"


@pytest.fixture
async def four(calls: Calls) -> Calls:
    """Four trades of the account `fresh`, at 10:00 of the 14th of January."""
    await traded_often(calls.room.ledger, PROFITS, account="fresh")
    calls.room.clock = FixedClock(CLOSE + timedelta(hours=1))
    return calls


async def test_performance_is_that_of_the_dashboard(four: Calls):
    [told] = await ask(four, "performance", "fresh")
    holds(told, PAIR)
    [row] = (await four.client.get("/api/performance", params={"account": "fresh"}, headers=token(Rights.READ))).json()[
        "rows"
    ]
    assert (told["pair"], told["count"], told["profit_abs"]) == ("EUR/USD", 4, 80)
    assert (row["performance"]["trades"], Decimal(row["performance"]["profit"])) == (4, 80)
    assert told["profit_ratio"] == pytest.approx(80 / 110)
    assert told["profit"] == told["profit_pct"] == 72.73
    assert await ask(four, "performance", "resting") == []


async def test_tags_are_strategies_and_the_reasons_of_exits(four: Calls):
    for path, name, tag in (
        ("entries", "enter_tag", STRATEGY),
        ("exits", "exit_reason", "order"),
        ("mix_tags", "mix_tag", f"{STRATEGY} order"),
    ):
        [told] = await ask(four, path, "fresh")
        holds(told, {**SUMS, name: str})
        assert (told[name], told["count"], told["profit_abs"]) == (tag, 4, 80), path
        assert [told] == await ask(four, path, "fresh", pair="EUR/USD")
        assert await ask(four, path, "fresh", pair="GBP/USD") == []


async def test_tags_are_told_the_most_first(calls: Calls):
    await traded_often(calls.room.ledger, ("-5",), account="fresh", strategy="breakout")
    gone = [
        fill("x1", order="o1", after=600, fee="0"),
        fill("x2", order="o2", side=Side.SELL, price="1.2", after=660, fee="0", reason=FillReason.STOP),
    ]
    await calls.room.ledger.book_fills("fresh", tuple(gone), cursor="2", conversion=RATES, now=CLOSE)
    told = await ask(calls, "mix_tags", "fresh")
    assert [(one["mix_tag"], one["count"]) for one in told] == [("Other stop", 1), ("breakout order", 1)]
    assert [one["enter_tag"] for one in await ask(calls, "entries", "fresh")] == ["Other", "breakout"]


async def test_days_weeks_and_months_begin_with_the_balance_of_then(four: Calls):
    told = await ask(four, "daily", "fresh", timescale=2)
    assert (told["stake_currency"], told["fiat_display_currency"]) == ("USD", "")
    today, yesterday = told["data"]
    holds(today, PERIOD)
    assert (today["date"], today["abs_profit"], today["trade_count"]) == ("2026-01-14", 80, 4)
    assert (today["starting_balance"], today["rel_profit"]) == (10_000.1, pytest.approx(80 / 10_000.1))
    assert (yesterday["date"], yesterday["trade_count"], yesterday["starting_balance"]) == ("2026-01-13", 0, 10_000.1)
    weeks, months = [await ask(four, path, "fresh", timescale=2) for path in ("weekly", "monthly")]
    assert [(one["date"], one["trade_count"]) for one in weeks["data"]] == [("2026-01-12", 4), ("2026-01-05", 0)]
    assert [(one["date"], one["trade_count"]) for one in months["data"]] == [("2026-01-01", 4), ("2025-12-01", 0)]
    assert [len((await ask(four, path, "fresh"))["data"]) for path in ("daily", "weekly", "monthly")] == [7, 4, 3]


async def test_stats_count_ends_and_seconds(four: Calls):
    told = await ask(four, "stats", "fresh")
    assert told["exit_reasons"] == {"order": {"wins": 2, "losses": 1, "draws": 1}}
    assert told["durations"] == {"wins": 30, "losses": 30, "draws": 30}
    nothing = {"exit_reasons": {}, "durations": {"wins": None, "draws": None, "losses": None}}
    assert await ask(four, "stats", "resting") == nothing


async def test_one_trade_has_its_orders_and_its_fees(calls: Calls):
    trade = await ask(calls, "trade/1")
    holds(trade, TRADE)
    assert [trade] == await ask(calls, "status")
    [order] = trade["orders"]
    holds(order, ORDER)
    assert (order["ft_order_side"], order["status"], order["is_open"]) == ("buy", "closed", False)
    assert (order["amount"], order["filled"], order["safe_price"]) == (100, 100, 1.1)
    assert order["cost"] == pytest.approx(110)
    assert (order["order_filled_timestamp"], order["ft_order_tag"]) == (1768402802000, trade["enter_tag"])
    assert (trade["fee_open_cost"], trade["fee_open_currency"]) == (0.01, "USD")
    assert trade["fee_open"] == pytest.approx(0.01 / 110)
    assert (trade["fee_close"], trade["fee_close_cost"], trade["fee_close_currency"]) == (None, None, None)


async def test_a_trade_that_is_over_has_both_orders(four: Calls):
    trade = await ask(four, "trade/2", "fresh")
    holds(trade, TRADE)
    assert trade == (await ask(four, "trades", "fresh"))["trades"][1]
    assert [(one["ft_order_side"], one["ft_is_entry"]) for one in trade["orders"]] == [("buy", True), ("sell", False)]
    assert (trade["close_profit_abs"], trade["fee_close_cost"], trade["funding_fees"]) == (-40, 0, 0)


async def test_trades_may_be_told_from_the_one_that_was_closed_last(four: Calls):
    told = await ask(four, "trades", "fresh", order_by_id=False, limit=2)
    assert [one["trade_id"] for one in told["trades"]] == [4, 3]


async def test_a_trade_that_there_is_not_is_a_problem(calls: Calls):
    for path, status in (("trade/7", 404), ("trade/0", 422), ("trade/x", 422)):
        reply = await calls.client.get(f"/freqtrade/sample/api/v1/{path}", headers=token(Rights.READ))
        assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json"), path


async def test_the_whitelist_is_what_may_be_opened(calls: Calls):
    told = await ask(calls, "whitelist")
    assert told == {"whitelist": ["EUR/USD", "XAU/USD", "BTC/USD"], "length": 3, "method": ["StaticPairList"]}


async def test_a_lock_is_what_is_halted_or_reduced(calls: Calls):
    assert await ask(calls, "locks") == {"lock_count": 0, "locks": []}
    halts = ("account:sample/instrument:EUR/USD", "account:fresh", "account:sample/strategy:momentum_trading")
    for scope in halts:
        order = {"scope": scope, "why": "news", "until": "90m"}
        assert (await calls.client.post("/api/halt", json=order, headers=token(Rights.TRADE))).status_code == 200
    [state] = [
        one
        for one in (await calls.client.get("/api/states", headers=token(Rights.READ))).json()
        if "EUR" in one["scope"]
    ]
    told = await ask(calls, "locks")
    [lock] = told["locks"]
    holds(lock, LOCK)
    assert (told["lock_count"], lock["pair"], lock["side"], lock["active"]) == (1, "EUR/USD", "*", True)
    assert lock["lock_end_timestamp"] == int(datetime.fromisoformat(state["until"]).timestamp() * 1000)
    assert "news" in lock["reason"]


async def test_a_lock_that_somebody_has_to_lift_ends_in_the_year_9999(calls: Calls):
    await calls.client.post("/api/halt", json={"scope": "fleet"}, headers=token(Rights.TRADE))
    [lock] = (await ask(calls, "locks"))["locks"]
    assert (lock["pair"], lock["lock_end_time"]) == ("*", "9999-12-31 23:59:59")


async def test_the_log_is_that_of_the_account(calls: Calls, home: Path):
    lines = line("one", account="sample") + line("two", account="fresh")
    (home / "logs").mkdir()
    (home / "logs" / "trading_system.log").write_bytes(
        lines + line("three", "error", account="sample", exception="Traceback: no")
    )
    told = await ask(calls, "logs")
    moment, logger = 1768402801250.0, "scandesk.events"
    first = ["2026-01-14 15:00:01", moment, logger, "INFO", "one"]
    second = ["2026-01-14 15:00:01", moment, logger, "ERROR", "three\nTraceback: no"]
    assert told == {"log_count": 2, "logs": [first, second]}
    assert (await ask(calls, "logs", limit=1))["logs"] == told["logs"][1:]


async def test_the_machine_tells_how_busy_it_is(calls: Calls):
    told = await ask(calls, "sysinfo")
    assert told["cpu_pct"]
    assert all(0 <= one <= 100 for one in (*told["cpu_pct"], told["ram_pct"]))
