"""Accounts started, stopped and given a strategy over HTTP, by who may change everything."""

from pathlib import Path

import pytest

from desk.model.access import Rights
from tests.console.api.conftest import Calls, token
from tests.console.conftest import ACCOUNTS

pytestmark = pytest.mark.usefixtures("no_server")

ADMIN = token(Rights.ADMIN)


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
    for path in ("start", "stop", "strategy"):
        reply = await calls.client.post(f"/api/accounts/fresh/{path}", json={}, headers=token(Rights.TRADE))
        assert reply.status_code == 403
    assert accounts(home) == ACCOUNTS
