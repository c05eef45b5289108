from itertools import product
from pathlib import Path

import orjson

from desk.model.access import Rights
from tests.console.api.conftest import Calls, token

READ = token(Rights.READ)
PATHS = (
    "/api/accounts",
    "/api/accounts/sample",
    "/api/accounts/sample/cycles",
    "/api/accounts/sample/cycles/2026-01-14T15:00:00Z",
    "/api/accounts/sample/trades",
    "/api/accounts/sample/orders",
    "/api/accounts/sample/positions",
    "/api/accounts/sample/equity",
    "/api/states",
    "/api/health",
    "/api/logs",
)


async def test_everything_is_told_to_who_may_read(calls: Calls):
    for path in PATHS:
        reply = await calls.client.get(path, headers=READ)
        assert (reply.status_code, reply.headers["content-type"]) == (200, "application/json"), reply.text
        assert reply.headers["cache-control"] == "no-store"


async def test_an_account_is_told_with_its_group(calls: Calls, grouped: Path):
    found = (await calls.client.get("/api/accounts", headers=READ)).json()
    assert [one["group"] for one in found] == ["majors", None, "majors"]
    one = (await calls.client.get("/api/accounts/sample", headers=READ)).json()
    assert (one["standing"]["group"], one["configuration"]["group"]) == ("majors", "majors")


async def test_nothing_is_told_to_a_stranger(calls: Calls):
    strangers = ({}, {"authorization": "Bearer another"}, {"cookie": "desk_session=another"})
    for path, headers in product(PATHS, strangers):
        reply = await calls.client.get(path, headers=headers)
        assert (reply.status_code, reply.headers["content-type"]) == (401, "application/problem+json")
        assert "sample" not in reply.text


async def test_accounts_are_those_of_the_status(calls: Calls):
    found = (await calls.client.get("/api/accounts", headers=READ)).json()
    assert [row["account"] for row in found] == ["sample", "fresh", "resting"]
    assert (found[0]["equity"], found[0]["state"], found[1]["equity"]) == ("10012.345", "traded", None)


async def test_a_cycle_is_told_from_its_signals_to_its_fills(calls: Calls):
    reply = await calls.client.get("/api/accounts/sample/cycles/2026-01-14T15:00:00Z", headers=READ)
    found = reply.json()
    assert set(found["record"]["decision"]) >= {"signals", "no_trades", "proposals", "verdicts", "intents"}
    assert found["fills"][0]["price"] == "1.1"
    assert found["meanings"]


async def test_pages_are_turned_by_their_own_word(calls: Calls):
    first = (await calls.client.get("/api/accounts/sample/equity", params={"limit": 1}, headers=READ)).json()
    turn = {"limit": 1, "after": first["next"]}
    second = (await calls.client.get("/api/accounts/sample/equity", params=turn, headers=READ)).json()
    assert [first["rows"][0]["equity"], second["rows"][0]["equity"]] == ["10012.345", "10000.1"]
    assert second["next"] == ""


async def test_what_is_not_there_is_a_problem_that_says_so(calls: Calls):
    wrong = (
        ("/api/accounts/sampel", 422, "sample"),
        ("/api/accounts/sample/cycles/2026-01-14T15:01:00Z", 404, "the newest is"),
        ("/api/accounts/sample/cycles/yesterday", 422, "expected a time"),
        ("/api/accounts/sample/orders?limit=0", 422, "limit"),
        ("/api/accounts/sample/orders?after=nonsense", 422, "expected a time"),
        ("/api/accounts/..%2f..%2fetc/orders", 404, "expected an address"),
        ("/api/nothing", 404, "expected an address"),
    )
    for path, status, said in wrong:
        reply = await calls.client.get(path, headers=READ)
        assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json"), path
        assert said in reply.json()["detail"]


async def test_a_ledger_that_does_not_answer_is_a_problem_and_not_a_stranger(calls: Calls):
    await calls.room.ledger.database.close()
    (calls.room.chosen.home / "desk.db").write_bytes(b"no database at all" * 100)
    reply = await calls.client.get("/api/accounts", headers=READ)
    assert (reply.status_code, reply.headers["content-type"]) == (503, "application/problem+json")
    ready = await calls.client.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"ready": False, "ledger": False, "configuration": True})
    assert (await calls.client.get("/healthz")).status_code == 200


async def test_the_document_describes_every_reply(calls: Calls):
    document = (await calls.client.get("/api/openapi.json", headers=READ)).json()
    described = {path.format(name="sample", close="2026-01-14T15:00:00Z", trade=1) for path in document["paths"]}
    assert described >= {*PATHS, "/api/halt", "/api/resume"}
    assert "AccountFacts" in document["components"]["schemas"]


async def test_what_was_logged_of_a_cycle_is_told_with_it(calls: Calls):
    path = calls.room.chosen.home / "logs" / "trading_system.log"
    path.parent.mkdir(exist_ok=True)
    told = {"time": "2026-01-14T15:00:01Z", "level": "info", "logger": "l", "account": "sample"}
    lines = [{**told, "event": "mine", "cycle": "2026-01-14T15:00:00Z"}, {**told, "event": "later"}]
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    of_cycle = await calls.client.get("/api/accounts/sample/cycles/2026-01-14T15:00:00Z/logs", headers=READ)
    of_all = await calls.client.get("/api/logs", params={"limit": 1}, headers=READ)
    assert [one["event"] for one in of_cycle.json()] == ["mine"]
    assert [one["event"] for one in of_all.json()] == ["later"]
    assert (await calls.client.get("/api/logs")).status_code == 401
