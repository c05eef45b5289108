"""Accounts started, stopped and given a strategy over HTTP, by who may change everything."""

from datetime import timedelta
from pathlib import Path

import pytest

from desk.model.access import Rights
from desk.model.arming import Arm
from tests.builders import CLOSE
from tests.console.api.conftest import Calls, token
from tests.console.conftest import ACCOUNTS

pytestmark = pytest.mark.usefixtures("no_server")

ADMIN = token(Rights.ADMIN)


NEW = {
    "name": "new",
    "keys": {"instruments": "[GBP/USD]", "strategies": "[{name: breakout}]", "schedule": "{every: 15m}"},
}


def accounts(home: Path) -> str:
    return (home / "config" / "accounts.yaml").read_text(encoding="utf-8")


async def test_an_account_is_stopped_and_it_is_told_what_did_not_follow(calls: Calls, home: Path):
    reply = await calls.client.post("/api/accounts/fresh/stop", json={"why": "holiday"}, headers=ADMIN)
    assert reply.status_code == 200, reply.text
    told = reply.json()
    assert "+    active: false" in told["changed"][0]["difference"]
    assert "expected the address of a Prefect server" in told["problem"]
    [row] = [
        one for one in (await calls.client.get("/api/accounts", headers=ADMIN)).json() if one["account"] == "fresh"
    ]
    assert row["active"] is False
    [entry] = await calls.room.ledger.audit_entries(newest=1)
    assert (entry.who, entry.subject) == ("token admin", "accounts.fresh.active")
    assert (await calls.client.post("/api/accounts/fresh/start", json={}, headers=ADMIN)).status_code == 200
    assert "active: true" in accounts(home)


async def test_a_strategy_is_loaded_once_under_one_key(calls: Calls, home: Path):
    body = {"strategy": "breakout", "parameters": {"channel_period": "30"}}
    headers = {**ADMIN, "idempotency-key": "1"}
    replies = [await calls.client.post("/api/accounts/sample/strategy", json=body, headers=headers) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [200, 200]
    assert replies[0].json() == replies[1].json()
    assert replies[0].json()["affected"] == ["sample"]
    assert "strategies: [{name: breakout, parameters: {channel_period: 30}}]" in accounts(home)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/accounts/fesh/stop", {}, 422),
        ("/api/accounts/sample/strategy", {"strategy": "brekout"}, 422),
        ("/api/accounts/sample/strategy", {"strategy": "breakout", "parameters": {"chanel_period": "3"}}, 422),
        ("/api/accounts/sample/strategy", {"strategy": "breakout", "parameters": {"channel_period": "[}"}}, 422),
        ("/api/accounts/sample/strategy", {}, 422),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_written(calls: Calls, home: Path, path, body, status):
    reply = await calls.client.post(path, json=body, headers=ADMIN)
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json"), reply.text
    assert accounts(home) == ACCOUNTS


async def test_who_may_only_trade_changes_no_account(calls: Calls, home: Path):
    for path in ("start", "stop", "strategy", "reload"):
        reply = await calls.client.post(f"/api/accounts/fresh/{path}", json={}, headers=token(Rights.TRADE))
        assert reply.status_code == 403
    assert (await calls.client.post("/api/accounts", json=NEW, headers=token(Rights.TRADE))).status_code == 403
    assert (await calls.client.delete("/api/accounts/fresh", headers=token(Rights.TRADE))).status_code == 403
    assert accounts(home) == ACCOUNTS


async def test_a_dry_run_shows_what_adding_an_account_comes_to_and_writes_nothing(calls: Calls, home: Path):
    planned = await calls.client.post("/api/accounts", json={**NEW, "dry_run": True}, headers=ADMIN)
    assert planned.status_code == 200, planned.text
    assert "+  new:" in planned.json()["changed"][0]["difference"]
    assert "expected the address of a Prefect server" in planned.json()["problem"]
    assert accounts(home) == ACCOUNTS
    agreed = {**NEW, "digest": planned.json()["digest"], "why": "more pounds"}
    done = await calls.client.post("/api/accounts", json=agreed, headers=ADMIN)
    assert (done.status_code, done.json()["affected"]) == (200, ["new"]), done.text
    assert accounts(home).endswith("    schedule: {every: 15m}\n")
    [entry] = await calls.room.ledger.audit_entries(newest=1)
    assert (entry.who, entry.subject, entry.detail["why"]) == ("token admin", "accounts.new", "more pounds")


async def test_an_account_is_cloned_reloaded_and_removed_once_under_one_key(calls: Calls, home: Path):
    clone = {"name": "fresh-2", "like": "fresh", "keys": {"timeframe": "M15"}}
    assert (await calls.client.post("/api/accounts", json=clone, headers=ADMIN)).status_code == 200
    assert "  fresh-2:\n" in accounts(home)
    reloaded = await calls.client.post("/api/accounts/fresh-2/reload", json={}, headers=ADMIN)
    assert (reloaded.status_code, reloaded.json()["changed"]) == (200, []), reloaded.text
    planned = await calls.client.delete("/api/accounts/fresh-2?dry_run=true", headers=ADMIN)
    assert "-  fresh-2:" in planned.json()["changed"][0]["difference"]
    headers = {**ADMIN, "idempotency-key": "1"}
    place = f"/api/accounts/fresh-2?digest={planned.json()['digest']}"
    replies = [await calls.client.delete(place, headers=headers) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [200, 200], replies[0].text
    assert replies[0].json() == replies[1].json()
    assert (await calls.client.delete(f"{place}&why=x", headers=headers)).status_code == 422
    assert accounts(home) == ACCOUNTS


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"name": "fresh"}, 409, "expected a new name"),
        ({"name": "New One"}, 422, "small letters"),
        ({"keys": {}}, 409, "accounts.new"),
        ({"like": "fesh"}, 422, "did you mean 'fresh'"),
        ({"digest": "0"}, 422, "expected the change as it was shown"),
        ({"venue": "oanda"}, 422, "venue"),
    ],
)
async def test_an_account_that_cannot_be_is_not_added(calls: Calls, home: Path, change, status: int, told: str):
    reply = await calls.client.post("/api/accounts", json={**NEW, **change}, headers=ADMIN)
    assert (reply.status_code, told in reply.json()["detail"]) == (status, True), reply.text
    assert accounts(home) == ACCOUNTS


async def test_an_account_that_holds_something_or_is_armed_is_not_removed(calls: Calls, home: Path):
    await calls.room.ledger.arm(Arm("resting", "hash", "practice", "101", "ana", CLOSE, ()))
    found = {name: await calls.client.delete(f"/api/accounts/{name}", headers=ADMIN) for name in ("sample", "resting")}
    assert {reply.status_code for reply in found.values()} == {409}
    assert "found positions in EUR/USD" in found["sample"].json()["detail"]
    assert "desk disarm resting" in found["resting"].json()["detail"]
    assert accounts(home) == ACCOUNTS


async def test_a_change_that_is_written_is_told_as_that_whatever_somebody_does_to_another_file(
    calls: Calls, home: Path
):
    ledger, policy = calls.room.ledger, home / "config" / "policy.yaml"
    record_action = ledger.record_action

    async def while_somebody_edits(*words: object) -> None:
        await record_action(*words)  # type: ignore[arg-type]
        policy.write_text("policies: [\n")

    ledger.record_action = while_somebody_edits  # type: ignore[method-assign, assignment]
    reply = await calls.client.post("/api/accounts/fresh/stop", json={}, headers=ADMIN)
    assert "active: false" in accounts(home).partition("fresh:")[2].partition("resting:")[0]
    assert reply.status_code == 200, reply.text
    assert "+    active: false" in reply.json()["changed"][0]["difference"]


async def test_an_account_is_not_removed_under_a_scan_that_may_open_a_position(calls: Calls, home: Path):
    ledger, now = calls.room.ledger, calls.room.clock.now()
    lease = await ledger.acquire_lease("fresh", "run-9", now, timedelta(minutes=2), venue="oanda")
    assert lease is not None
    refused = await calls.client.delete("/api/accounts/fresh", headers=ADMIN)
    assert (refused.status_code, "run-9 holds it now" in refused.json()["detail"]) == (409, True), refused.text
    assert accounts(home) == ACCOUNTS
    await ledger.release_lease(lease)
    assert (await calls.client.delete("/api/accounts/fresh", headers=ADMIN)).status_code == 200
