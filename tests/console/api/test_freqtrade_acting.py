"""What freqtrade's clients order: the desk's own orders, under its rights and in its audit, from programs alone."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from desk.adapters.editing.reading import read_files
from desk.adapters.last_good import LastGood
from desk.execution.breaker import Limit, Trip
from desk.model.access import Rights
from desk.model.books import TradingState
from desk.model.moves import Worth
from desk.portfolio.carrying import CarryingLimits, plan_move
from tests.console.api.conftest import ORIGIN, Calls, token
from tests.console.api.freqtrade import RESULT, STATUS, ask, basic, holds
from tests.console.conftest import ACCOUNTS
from tests.console.stories import traded_often
from tests.console.test_arming import PRACTICE, write

pytestmark = pytest.mark.usefixtures("no_server")

JSON = {"content-type": "application/json"}
TRADE, ADMIN = basic("key-of-trade") | JSON, basic("key-of-admin") | JSON
MOVED = ("sample", "fresh")
OF_TRADER, OF_ADMIN = ("pause", "stopentry", "stopbuy", "start", "forceexit"), ("stop", "reload_config")


async def order(
    calls: Calls, path: str, headers: dict[str, str] = TRADE, account: str = "fresh", body: object = None
) -> httpx.Response:
    """What its official client sends: JSON always, `null` where it has nothing to say."""
    return await calls.client.post(f"/freqtrade/{account}/api/v1/{path}", json=body, headers=headers)


async def done(calls: Calls, path: str, headers: dict[str, str] = TRADE, **more: Any) -> str:
    reply = await order(calls, path, headers, **more)
    assert reply.status_code == 200, reply.text
    told = reply.json()
    holds(told, RESULT if path == "forceexit" else STATUS)
    [said] = told.values()
    return said


async def state_of(calls: Calls, account: str = "fresh") -> str:
    return (await ask(calls, "show_config", account))["state"]


async def in_force(calls: Calls) -> dict[str, TradingState]:
    return {str(one.scope): one.state for one in await calls.room.ledger.restrictions_in_force()}


@pytest.mark.parametrize("path", ["pause", "stopentry", "stopbuy"])
async def test_an_account_that_is_paused_opens_nothing_until_it_is_started(calls: Calls, path: str):
    assert "no more entries" in await done(calls, path)
    assert (await in_force(calls), await state_of(calls)) == ({"account:fresh": TradingState.REDUCE_ONLY}, "paused")
    assert await done(calls, "start") == "starting trader ..."
    assert (await in_force(calls), await state_of(calls)) == ({}, "running")
    assert await done(calls, "start") == "already running"
    [paused, started] = await calls.room.ledger.audit_entries(newest=2)
    assert {(one.who, one.subject) for one in (paused, started)} == {("token trade", "account:fresh")}
    assert "freqtrade" in str(paused.detail)


async def test_a_pause_loosens_no_halt_and_does_not_end_with_it(calls: Calls):
    halt = {"scope": "account:fresh", "until": "5m"}
    await calls.client.post("/api/halt", json=halt, headers=token(Rights.TRADE))
    await done(calls, "pause")
    [kept] = await calls.room.ledger.restrictions_in_force()
    assert (kept.state, kept.until) == (TradingState.HALTED, None)


async def test_closing_loosens_no_halt(calls: Calls):
    await calls.client.post("/api/halt", json={"scope": "account:fresh"}, headers=token(Rights.TRADE))
    await done(calls, "forceexit", body={"tradeid": "all"})
    assert await in_force(calls) == {"account:fresh": TradingState.HALTED}
    await asyncio.gather(*calls.room.errands)


async def test_what_is_halted_with_more_stays_and_is_told(calls: Calls):
    await calls.client.post("/api/halt", json={"scope": "fleet", "why": "war"}, headers=token(Rights.TRADE))
    assert await done(calls, "start") == "already running; fleet is halted: war (ordered by token trade)"
    assert await in_force(calls) == {"fleet": TradingState.HALTED}


async def test_a_tool_does_not_lift_what_a_limit_on_losses_holds(calls: Calls):
    loss = Trip(Limit.DAILY_LOSS, TradingState.REDUCE_ONLY, Decimal("0.04"), Decimal("0.03"), "0.04 is lost")
    await calls.room.ledger.record_trips("fresh", [loss])
    for headers in (TRADE, {**TRADE, "idempotency-key": "1"}, {**TRADE, "idempotency-key": "1"}):
        reply = await order(calls, "start", headers)
        assert (reply.status_code, reply.headers["content-type"]) == (409, "application/problem+json")
        assert "0.04 is lost" in reply.json()["detail"]
    assert await in_force(calls) == {"account:fresh": TradingState.REDUCE_ONLY}


async def audited(calls: Calls) -> list[str]:
    return [one.action for one in await calls.room.ledger.audit_entries() if one.subject == "account:sample"]


async def test_start_does_not_say_that_it_lifts_what_holds_a_live_account_while_its_file_is_broken(
    calls: Calls, home: Path
):
    write(home, PRACTICE)
    folder = calls.room.chosen.config
    LastGood(home, folder).keep(read_files(folder))
    (home / "config" / "accounts.yaml").write_text("accounts: [", encoding="utf-8")
    told = await done(calls, "start", account="sample")
    assert told.startswith("already running; account:sample is reduce_only: the configuration cannot be used")
    assert await audited(calls) == []


async def test_start_does_not_say_that_it_lifts_what_holds_an_account_whose_money_is_on_its_way(calls: Calls):
    ledger = calls.room.ledger
    now = calls.room.clock.now()
    taken = [await ledger.acquire_lease(name, "x", now, timedelta(minutes=1), venue="oanda") for name in MOVED]
    move = plan_move(now.date(), *MOVED, Decimal(5), currency="USD", rate=Decimal(1))
    limits = CarryingLimits(Decimal(1), Decimal(5), Decimal(5), set(MOVED))
    worths = {name: Worth(now, Decimal(9000), Decimal(9000)) for name in MOVED}
    await ledger.store_move(move)
    leases = [one for one in taken if one is not None]
    assert await ledger.start_move(move, leases, limits, before=worths, prepared="") == ""
    told = await done(calls, "start", account="sample")
    assert told.startswith("already running; account:sample is reduce_only: it is not known whether 5 USD")
    assert await audited(calls) == ["move sent"]
    order = {"scope": "account:sample"}
    resumed = (await calls.client.post("/api/resume", json=order, headers=token(Rights.TRADE))).json()
    [stricter] = resumed["put"][0]["stricter"]
    assert stricter.startswith("It stays stricter than that: account:sample is reduce_only: it is not known whether")


async def test_stop_lets_the_schedule_rest_and_start_lets_it_run(calls: Calls, home: Path):
    assert (await done(calls, "stop", ADMIN)).startswith("stopping trader ...; expected the address of a Prefect")
    assert await state_of(calls) == "stopped"
    assert await done(calls, "stop", ADMIN) == "already stopped"
    refused = await order(calls, "start")
    assert (refused.status_code, "a token of admin" in refused.json()["detail"]) == (409, True)
    assert (await done(calls, "start", ADMIN)).startswith("starting trader ...; expected the address of a Prefect")
    assert await state_of(calls) == "running"
    stopped, started = await calls.room.ledger.audit_entries(newest=2)
    assert {(one.who, one.subject) for one in (stopped, started)} == {("token admin", "accounts.fresh.active")}


async def test_reloading_follows_the_files_and_lifts_nothing(calls: Calls, home: Path):
    await done(calls, "pause")
    assert (await done(calls, "reload_config", ADMIN)).startswith("Reloading config ...; expected the address")
    assert await in_force(calls) == {"account:fresh": TradingState.REDUCE_ONLY}
    [entry] = await calls.room.ledger.audit_entries(newest=1)
    assert (entry.who, entry.action, entry.subject) == ("token admin", "configuration read", "account:fresh")
    (home / "config" / "accounts.yaml").write_text("accounts: [", encoding="utf-8")
    assert (await order(calls, "reload_config", ADMIN)).status_code == 409


async def test_everything_is_closed_and_nothing_more_is_opened(calls: Calls):
    said = await done(calls, "forceexit", body={"tradeid": "all", "ordertype": None, "amount": None})
    assert said.startswith("Closing all open trades at the venue. account:fresh opens nothing more until")
    await asyncio.gather(*calls.room.errands)
    assert await in_force(calls) == {"account:fresh": TradingState.REDUCE_ONLY}
    actions = {(one.who, one.action) for one in await calls.room.ledger.audit_entries()}
    assert ("token trade", "flatten ended flat") in actions


async def test_one_trade_is_closed_with_its_instrument(calls: Calls):
    said = await done(calls, "forceexit", account="sample", body={"tradeid": 1, "ordertype": "market"})
    assert said.startswith("Closing trade 1 at the venue. account:sample/instrument:EUR/USD opens nothing more")
    assert await in_force(calls) == {"account:sample/instrument:EUR/USD": TradingState.REDUCE_ONLY}
    await asyncio.gather(*calls.room.errands)
    done_to = [(one.action, one.detail.get("instruments")) for one in await calls.room.ledger.audit_entries()]
    assert done_to[-3:] == [("reduce_only", None), ("flatten begun", "EUR/USD"), ("flatten ended flat", None)]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"tradeid": "2"}, 404),
        ({"tradeid": "1", "amount": 5}, 422),
        ({"tradeid": "1", "ordertype": "limit"}, 422),
        ({"tradeid": "1", "price": 1.1}, 422),
        ({"tradeid": "1", "stop": 1}, 422),
        ({"tradeid": "one"}, 422),
        (None, 422),
    ],
)
async def test_what_cannot_be_closed_is_refused_and_nothing_is_reduced(calls: Calls, body: object, status: int):
    reply = await order(calls, "forceexit", account="sample", body=body)
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json"), reply.text
    assert await in_force(calls) == {}


async def test_a_trade_that_is_over_is_not_closed_again_nor_its_instrument_reduced(calls: Calls):
    await traded_often(calls.room.ledger, ("90",), account="fresh")
    reply = await order(calls, "forceexit", body={"tradeid": 1})
    assert (reply.status_code, "expected an open trade of fresh" in reply.json()["detail"]) == (404, True), reply.text
    assert await in_force(calls) == {}


async def test_each_order_needs_the_right_of_the_same_order_elsewhere(calls: Calls, home: Path):
    for path in (*OF_TRADER, *OF_ADMIN):
        assert (await order(calls, path, basic("key-of-read") | JSON)).status_code == 403, path
    for path in OF_ADMIN:
        assert (await order(calls, path)).status_code == 403, path
    assert await in_force(calls) == {}
    assert (home / "config" / "accounts.yaml").read_text(encoding="utf-8") == ACCOUNTS


SIGNS: tuple[dict[str, str], ...] = (
    ORIGIN,
    {"origin": "http://elsewhere"},
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-mode": "no-cors"},
    {"cookie": "desk_session=x"},
    {"content-type": "text/plain"},
    {"content-type": ""},
)
"""What comes from a browser, or may have been sent by a page that asked nobody first."""


async def test_a_browser_that_knows_a_password_orders_nothing(calls: Calls):
    for sign in SIGNS:
        for path in (*OF_TRADER, *OF_ADMIN):
            assert (await order(calls, path, ADMIN | sign)).status_code in (401, 403), (sign, path)
    assert await in_force(calls) == {}


async def test_a_session_orders_here_as_elsewhere_only_with_its_token_against_forgery(calls: Calls):
    headers = await calls.log_in()
    forged = {name: value for name, value in headers.items() if name != "x-csrf-token"}
    assert (await order(calls, "pause", forged)).status_code == 403
    assert await in_force(calls) == {}
    assert (await order(calls, "pause", headers)).status_code == 200


async def test_an_order_is_done_once_under_one_key(calls: Calls):
    headers = {**TRADE, "idempotency-key": "1"}
    replies = [await order(calls, "pause", headers) for _ in range(2)]
    assert [one.status_code for one in replies] == [200, 200]
    assert len([one for one in await calls.room.ledger.audit_entries() if one.subject == "account:fresh"]) == 1


async def test_who_logs_in_with_a_token_gets_it_back_and_comes_in_with_it(calls: Calls):
    place = "/freqtrade/fresh/api/v1/token"
    told = (await calls.client.post(f"{place}/login", headers=basic("key-of-read"))).json()
    assert told == {"access_token": "key-of-read", "refresh_token": "key-of-read"}
    bearer = {"authorization": f"Bearer {told['refresh_token']}"}
    assert (await calls.client.post(f"{place}/refresh", headers=bearer)).json() == {"access_token": "key-of-read"}
    assert (await calls.client.get("/freqtrade/fresh/api/v1/status", headers=bearer)).status_code == 200


async def test_nobody_logs_in_with_anything_else(calls: Calls):
    place = "/freqtrade/fresh/api/v1/token/login"
    for headers in ({}, basic("another"), basic("key-of-read") | ORIGIN, basic("key-of-read") | {"cookie": "a=b"}):
        assert (await calls.client.post(place, headers=headers)).status_code == 401, headers
    session = await calls.log_in()
    reply = await calls.client.post(place, headers=session)
    assert (reply.status_code, "found a session" in reply.json()["detail"]) == (401, True)


async def test_nobody_logs_in_to_an_account_that_there_is_not(calls: Calls):
    for path in ("login", "refresh"):
        reply = await calls.client.post(f"/freqtrade/fesh/api/v1/token/{path}", headers=token(Rights.READ))
        assert (reply.status_code, "fresh" in reply.json()["detail"]) == (422, True)
