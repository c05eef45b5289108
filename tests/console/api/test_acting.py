import httpx

from console.api.gate import COOKIE
from desk.model.access import Rights
from tests.console.api.conftest import ADDRESS, ORIGIN, Calls, token

HALT = {"scope": "fleet", "why": "news"}
TRADE = token(Rights.TRADE)


async def states(calls: Calls) -> list[str]:
    found = (await calls.client.get("/api/states", headers=token(Rights.READ))).json()
    return [f"{one['scope']} {one['state']} by {one['who']}: {one['why']}" for one in found]


async def test_a_halt_and_its_end_are_in_force_and_in_the_audit(calls: Calls):
    halted = await calls.client.post("/api/halt", json=HALT, headers=TRADE)
    assert (halted.status_code, halted.json()["state"]) == (200, "halted")
    assert await states(calls) == ["fleet halted by token trade: news"]
    resumed = await calls.client.post("/api/resume", json={"scope": "fleet", "why": "over"}, headers=TRADE)
    assert resumed.status_code == 200
    assert await states(calls) == []
    newest = await calls.room.ledger.audit_entries(newest=2)
    assert [(entry.who, entry.action, entry.subject) for entry in newest] == [
        ("token trade", "halted", "fleet"),
        ("token trade", "active", "fleet"),
    ]


async def test_a_browser_that_is_logged_in_orders_as_its_person(calls: Calls):
    headers = await calls.log_in()
    assert (await calls.client.post("/api/halt", json=HALT, headers=headers)).status_code == 200
    assert await states(calls) == ["fleet halted by ana: news"]


async def test_a_write_that_another_site_makes_a_browser_send_changes_nothing(calls: Calls):
    good = await calls.log_in()
    origins = ("https://elsewhere.example", "null", "http://127.0.0.1:81", "")
    forged = [ORIGIN, *({**ORIGIN, "x-csrf-token": guess} for guess in ("", "0" * 64))]
    for headers in (*forged, *({**good, "origin": origin} for origin in origins)):
        reply = await calls.client.post("/api/halt", json=HALT, headers=headers)
        assert reply.status_code == 403, headers
    assert await states(calls) == []


async def test_a_browser_that_sends_no_origin_changes_nothing(calls: Calls):
    headers = await calls.log_in()
    del headers["origin"]
    assert (await calls.client.post("/api/halt", json=HALT, headers=headers)).status_code == 403
    assert await states(calls) == []


async def test_who_may_only_read_orders_nothing(calls: Calls):
    for path in ("/api/halt", "/api/resume"):
        reply = await calls.client.post(path, json=HALT, headers=token(Rights.READ))
        assert reply.status_code == 403
        assert "expected the right 'trade', found 'read'" in reply.json()["detail"]
    assert await states(calls) == []


async def test_a_stranger_orders_nothing(calls: Calls):
    for headers in ({}, ORIGIN, {"authorization": "Basic YTpi"}):
        assert (await calls.client.post("/api/halt", json=HALT, headers=headers)).status_code == 401
    assert await states(calls) == []


async def test_an_order_that_cannot_be_understood_is_refused_and_says_why(calls: Calls):
    wrong = (
        {},
        {"scope": "everything"},
        {"scope": "account:sampel"},
        {**HALT, "more": 1},
        {**HALT, "until": "2001-01-01"},
    )
    for body in wrong:
        reply = await calls.client.post("/api/halt", json=body, headers=TRADE)
        assert (reply.status_code, reply.headers["content-type"]) == (422, "application/problem+json"), body
        assert reply.json()["detail"]
    assert await states(calls) == []


async def test_under_one_key_a_write_is_done_once(calls: Calls):
    headers = {**TRADE, "idempotency-key": "1"}
    replies = [await calls.client.post("/api/halt", json=HALT, headers=headers) for _ in range(2)]
    assert [reply.json() for reply in replies] == [replies[0].json()] * 2
    entries = await calls.room.ledger.audit_entries()
    assert [entry.action for entry in entries].count("halted") == 1


async def test_a_key_stands_for_one_write(calls: Calls):
    headers = {**TRADE, "idempotency-key": "1"}
    await calls.client.post("/api/halt", json=HALT, headers=headers)
    reply = await calls.client.post("/api/halt", json={**HALT, "scope": "venue:oanda"}, headers=headers)
    assert reply.status_code == 422
    other = await calls.client.post("/api/resume", json={"scope": "fleet"}, headers=headers)
    assert other.status_code == 422
    assert await states(calls) == ["fleet halted by token trade: news"]


async def test_a_write_that_was_refused_may_be_sent_again_under_its_key(calls: Calls):
    headers = {**TRADE, "idempotency-key": "1"}
    assert (await calls.client.post("/api/halt", json={"scope": "account:x"}, headers=headers)).status_code == 422
    assert (await calls.client.post("/api/halt", json=HALT, headers=headers)).status_code == 200


async def test_a_name_that_leads_here_from_elsewhere_is_refused(calls: Calls):
    reply = await calls.client.post("/api/halt", json=HALT, headers={**TRADE, "host": "rebound.example"})
    assert reply.status_code == 421


async def test_a_cookie_in_a_session_that_is_over_orders_nothing(calls: Calls):
    headers = await calls.log_in()
    cookie = calls.client.cookies[COOKIE]
    assert (await calls.client.delete("/api/session", headers=headers)).status_code == 204
    async with httpx.AsyncClient(
        transport=calls.client._transport, base_url=ADDRESS, cookies={COOKIE: cookie}
    ) as again:
        assert (await again.post("/api/halt", json=HALT, headers=headers)).status_code == 401
    assert await states(calls) == []


async def test_stop_halts_the_fleet_and_start_lets_it_trade_again(calls: Calls):
    stopped = await calls.client.post("/stop", headers=TRADE)
    assert (stopped.status_code, stopped.json()["state"]) == (200, "halted")
    assert await states(calls) == ["fleet halted by token trade: "]
    assert (await calls.client.post("/start", json={"why": "over"}, headers=TRADE)).status_code == 200
    assert await states(calls) == []
    part = {"scope": "account:sample", "why": "a look"}
    assert (await calls.client.post("/stop", json=part, headers=TRADE)).status_code == 200
    assert await states(calls) == ["account:sample halted by token trade: a look"]


async def test_nobody_is_made_to_stop_or_start(calls: Calls):
    headers = await calls.log_in()
    del headers["x-csrf-token"]
    for path in ("/stop", "/start"):
        assert (await calls.client.post(path, headers=headers)).status_code == 403
        assert (await calls.client.post(path, headers=token(Rights.READ))).status_code == 403
    assert await states(calls) == []
