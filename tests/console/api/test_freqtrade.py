"""What freqtrade's clients ask of an account, with its names and its types."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from desk.adapters.ledger.ledger import Ledger
from desk.model.access import Rights
from desk.model.excursions import Excursion
from desk.model.instrument import Side
from desk.model.orders import Barriers
from tests.builders import CLOSE, intent
from tests.console.api.conftest import ORIGIN, Calls, token
from tests.console.api.freqtrade import ask, basic
from tests.console.stories import RATES, traded_often
from tests.desk.adapters.ledger.builders import fill

READ = token(Rights.READ)
PATHS = (
    *("ping", "version", "status", "count", "trades", "trade/1", "profit", "balance", "show_config", "health"),
    *("performance", "entries", "exits", "mix_tags", "daily", "weekly", "monthly", "stats"),
    *("whitelist", "locks", "logs", "sysinfo"),
)


async def statuses(calls: Calls, headers: dict[str, str], *paths: str) -> set[int]:
    places = paths or tuple(f"/freqtrade/sample/api/v1/{path}" for path in PATHS)
    return {(await calls.client.get(place, headers=headers)).status_code for place in places}


async def test_an_open_trade_is_told_in_numbers(calls: Calls):
    [trade] = await ask(calls, "status")
    told = {"trade_id": 1, "pair": "EUR/USD", "is_open": True, "is_short": False, "exchange": "oanda"}
    priced = {"open_rate": 1.1, "close_rate": None, "strategy": "constant"}
    assert {name: trade[name] for name in told | priced} == told | priced
    assert trade["stake_amount"] == pytest.approx(trade["amount"] * 1.1)
    moved = (trade["current_rate"] - trade["open_rate"]) * trade["amount"]
    assert trade["profit_abs"] == pytest.approx(moved - 0.01)
    assert trade["profit_ratio"] == pytest.approx(trade["profit_abs"] / 110)
    assert trade["open_timestamp"] == 1768402802000
    assert trade["open_date"] == "2026-01-14 15:00:02"
    assert (await ask(calls, "count")) == {"current": 1, "max": -1, "total_stake": trade["stake_amount"]}


async def shorted(ledger: Ledger) -> None:
    """`fresh` sells USD/JPY in two orders, buys a part back, and another waits; like `sample` it buys EUR/USD."""
    first = replace(intent("sd-1", instrument="USD/JPY", quantity="200"), account="fresh", side=Side.SELL)
    wide, near = Barriers(stop=Decimal(155)), Barriers(stop=Decimal(152))
    orders = (
        replace(first, barriers=wide),
        replace(first, client_order_id="sd-2", quantity=Decimal(100), barriers=near),
        replace(first, client_order_id="sd-3"),
    )
    assert await ledger.acquire_lease("fresh", "run-2", CLOSE, timedelta(minutes=2), venue="oanda")
    await ledger.record_equity("fresh", CLOSE, Decimal(10_000), Decimal(10_000))
    await ledger.store_intents(orders)
    fills = (
        fill("J1", order="sd-1", side=Side.SELL, quantity="200", price="150", instrument="USD/JPY"),
        fill("J2", order="sd-2", side=Side.SELL, quantity="100", price="150", after=60, instrument="USD/JPY"),
        fill("J3", order="out", quantity="100", price="149", after=120, instrument="USD/JPY"),
        fill("E1", order="in", quantity="50", price="1.2", after=180),
    )
    await ledger.book_fills("fresh", fills, cursor="1", conversion=RATES, now=CLOSE)


async def test_what_is_left_of_a_trade_is_told_in_the_money_of_the_account_and_beside_nobody_elses(calls: Calls):
    await shorted(calls.room.ledger)
    yen, euro = await ask(calls, "status", "fresh")
    assert (yen["pair"], yen["is_short"], yen["amount"], yen["amount_requested"]) == ("USD/JPY", True, 200, 300)
    assert yen["stake_amount"] == pytest.approx(300 * 150 * 0.0066)
    assert yen["realized_profit"] == pytest.approx(100 * 0.0066 - 0.03)
    open_profit = (150 - yen["current_rate"]) * 200 * 0.0066
    assert yen["profit_abs"] == pytest.approx(yen["realized_profit"] + open_profit)
    assert euro["profit_abs"] == pytest.approx((euro["current_rate"] - 1.2) * 50 - 0.01)
    assert (yen["has_open_orders"], euro["has_open_orders"]) == (True, False)


async def test_a_trade_tells_where_its_stop_is_now_and_where_it_was_first(calls: Calls):
    await shorted(calls.room.ledger)
    yen = (await ask(calls, "status", "fresh"))[0]
    assert (yen["initial_stop_loss_abs"], yen["stop_loss_abs"]) == (155, 152)


async def test_the_lowest_and_the_highest_price_of_a_trade_are_told_where_they_were_seen(calls: Calls):
    [trade] = await ask(calls, "status")
    assert (trade["min_rate"], trade["max_rate"]) == (None, None)
    opened = CLOSE + timedelta(seconds=2)
    way = Excursion("EUR/USD", opened, Decimal("1.05"), Decimal("1.2"), opened, opened)
    await calls.room.ledger.record_equity("sample", CLOSE, Decimal(100), Decimal(100), seen=[way])
    [trade] = await ask(calls, "status")
    assert (trade["min_rate"], trade["max_rate"]) == (1.05, 1.2)


async def test_trades_that_are_over_are_counted_from_the_oldest(calls: Calls):
    await traded_often(calls.room.ledger, ("90", "-40", "30"), account="fresh")
    whole, part = await ask(calls, "trades", "fresh"), await ask(calls, "trades", "fresh", limit=1, offset=1)
    assert [one["close_profit_abs"] for one in whole["trades"]] == [90, -40, 30]
    assert [one["trade_id"] for one in whole["trades"]] == [1, 2, 3]
    assert (whole["trades_count"], whole["offset"], whole["total_trades"]) == (3, 0, 3)
    assert part == {"trades": [whole["trades"][1]], "trades_count": 1, "offset": 1, "total_trades": 3}
    assert await ask(calls, "status", "fresh") == []


async def test_profit_is_that_of_closed_trades_and_of_the_capital(calls: Calls):
    await traded_often(calls.room.ledger, ("90", "-40", "30"), account="fresh")
    told = await ask(calls, "profit", "fresh")
    assert (told["profit_closed_coin"], told["closed_trade_count"], told["winning_trades"]) == (80, 3, 2)
    assert told["profit_closed_ratio"] == pytest.approx(80 / 10_000.10)
    assert (told["best_pair"], told["avg_duration"], told["profit_factor"]) == ("EUR/USD", "0:00:30", 3)
    assert told["max_drawdown_abs"] == 40
    assert told["max_drawdown"] == pytest.approx(40 / 10_090.10)
    nothing = await ask(calls, "profit", "resting")
    assert (nothing["profit_all_coin"], nothing["trade_count"], nothing["latest_trade_date"]) == (0, 0, "")


async def test_what_brought_nothing_has_not_won_and_the_best_is_what_brought_most(calls: Calls):
    lost = (
        fill("J1", order="j", quantity="100", price="150", instrument="USD/JPY", fee="0"),
        fill("J2", order="k", side=Side.SELL, quantity="100", price="140", after=9, instrument="USD/JPY", fee="0"),
    )
    await calls.room.ledger.book_fills("fresh", lost, cursor="1", conversion=RATES, now=CLOSE)
    await traded_often(calls.room.ledger, ("90", "0"), account="fresh")
    told = await ask(calls, "profit", "fresh")
    assert (told["closed_trade_count"], told["winning_trades"], told["losing_trades"]) == (3, 1, 2)
    assert (told["best_pair"], told["best_pair_profit_abs"]) == ("EUR/USD", 90)
    assert told["profit_closed_coin"] == pytest.approx(90 - 6.6)
    still = fill("E1", order="in", quantity="50", price="1.2", after=900)
    await calls.room.ledger.book_fills("fresh", (still,), cursor="2", conversion=RATES, now=CLOSE)
    [opened] = await ask(calls, "status", "fresh")
    assert (await ask(calls, "profit", "fresh"))["profit_all_coin"] == pytest.approx(90 - 6.6 + opened["profit_abs"])


async def test_money_positions_and_the_last_scan_are_told(calls: Calls):
    told = await ask(calls, "balance")
    money, held = told["currencies"]
    assert (told["total"], told["stake"], told["starting_capital"]) == (10012.345, "USD", 10000.1)
    assert (money["currency"], money["free"], money["is_position"]) == ("USD", 9999.99, False)
    assert (held["currency"], held["side"], held["is_position"]) == ("EUR/USD", "long", True)
    risk = (await calls.client.get("/api/risk", headers=READ)).json()["accounts"]
    [exposed] = [one["exposure"]["EUR/USD"] for one in risk if one["account"] == "sample"]
    assert held["est_stake"] == pytest.approx(float(exposed))
    assert held["est_stake"] != held["position"]
    fresh = await ask(calls, "balance", "fresh")
    assert (fresh["total"], fresh["starting_capital_ratio"]) == (10000.1, 0)
    assert (await ask(calls, "health"))["last_process_ts"] == 1768402803
    assert (await ask(calls, "health", "fresh")) == {"last_process": None, "last_process_ts": None}


async def test_an_account_runs_rests_or_is_held_back(calls: Calls):
    shown = await ask(calls, "show_config")
    assert (shown["state"], shown["dry_run"], shown["timeframe_min"], shown["trading_mode"]) == (
        *("running", True, 5),
        "margin",
    )
    assert (await ask(calls, "show_config", "resting"))["state"] == "stopped"
    await calls.client.post("/api/halt", json={"scope": "account:fresh"}, headers=token(Rights.TRADE))
    assert (await ask(calls, "show_config", "fresh"))["state"] == "paused"
    assert (await ask(calls, "ping"), set(await ask(calls, "version"))) == ({"status": "pong"}, {"version"})


async def test_a_token_lets_in_as_such_or_as_a_password_and_nothing_else_does(calls: Calls):
    assert await statuses(calls, READ) == await statuses(calls, basic("key-of-read")) == {200}
    wrong = ({}, basic("another"), basic(""), {"authorization": "Basic ~"}, {"authorization": "Basic /w=="})
    for headers in wrong:
        assert await statuses(calls, headers) == {401}, headers


async def test_a_password_lets_in_only_here(calls: Calls):
    assert await statuses(calls, basic("key-of-admin"), "/api/accounts", "/metrics") == {401}
    for headers in (basic("key-of-admin"), ORIGIN | basic("key-of-admin")):
        halted = await calls.client.post("/api/halt", json={"scope": "fleet"}, headers=headers)
        assert halted.status_code == 401


async def test_what_is_not_there_is_a_problem_that_says_so(calls: Calls):
    wrong = (("sampel/api/v1/status", 422), ("sample/api/v1/trades?limit=0", 422), ("sample/api/v1/edge", 404))
    for path, status in wrong:
        reply: httpx.Response = await calls.client.get(f"/freqtrade/{path}", headers=READ)
        assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json"), path
