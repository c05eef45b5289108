"""Keys over HTTP: shown by their end, changed by who may do everything, and in no reply."""

from pathlib import Path

import pytest

from desk.model.access import Rights
from tests.console.api.conftest import Calls, token
from tests.console.test_halting import LIVE

NAME = "NO_SUCH_VARIABLE"
PATH = f"/api/config/credentials/{NAME}"
CANARY = "canary-4410b7aa9e"
ADMIN = token(Rights.ADMIN)


@pytest.fixture(autouse=True)
def fleet(calls: Calls, home: Path) -> Path:
    (home / "config" / "accounts.yaml").write_text(LIVE, encoding="utf-8")
    return home


async def listed(calls: Calls) -> dict[str, object]:
    reply = await calls.client.get("/api/config/credentials", headers=token(Rights.READ))
    assert reply.status_code == 200, reply.text
    [row] = reply.json()
    return row


async def test_a_key_is_put_in_place_and_shown_by_its_end_only(calls: Calls, fleet: Path):
    assert (await listed(calls))["origin"] is None
    for _ in range(2):
        reply = await calls.client.put(PATH, json={"value": f"{CANARY}\n", "why": "rotated"}, headers=ADMIN)
        assert (reply.status_code, reply.json()["shown"]) == (200, "…aa9e")
        assert CANARY not in reply.text
    row = await listed(calls)
    assert (row["origin"], row["accounts"], row["shown"]) == (".env", ["trader"], "…aa9e")
    assert (fleet / ".env").read_text() == f"{NAME}={CANARY}\n"
    [entry, _] = await calls.room.ledger.audit_entries(newest=2)
    assert (entry.who, entry.action, entry.subject) == ("token admin", "key changed", NAME)
    assert CANARY.encode() not in (fleet / "desk.db").read_bytes()


@pytest.mark.parametrize("rights", [Rights.READ, Rights.TRADE])
async def test_who_may_not_do_everything_changes_and_tries_out_nothing(calls: Calls, fleet: Path, rights: Rights):
    for method, path in (("PUT", PATH), ("POST", f"{PATH}/test")):
        reply = await calls.client.request(method, path, json={"value": CANARY}, headers=token(rights))
        assert reply.status_code == 403
    assert not (fleet / ".env").exists()


async def test_a_browser_that_was_made_to_send_it_changes_nothing(calls: Calls, fleet: Path):
    headers = await calls.log_in()
    del headers["x-csrf-token"]
    assert (await calls.client.put(PATH, json={"value": CANARY}, headers=headers)).status_code == 403
    assert not (fleet / ".env").exists()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (PATH, {"value": f"{CANARY} x"}),
        (PATH, {"value": CANARY * 5000}),
        (PATH, {"key": CANARY}),
        (f"{PATH}_2", {"value": CANARY}),
        ("/api/config/credentials/..%2F..%2Fetc", {"value": CANARY}),
    ],
)
async def test_what_is_no_key_or_has_no_place_is_refused_and_not_repeated(calls: Calls, fleet: Path, path, body):
    reply = await calls.client.put(path, json=body, headers=ADMIN)
    assert reply.status_code in (404, 405, 422), reply.text
    assert CANARY not in reply.text
    assert not (fleet / ".env").exists()


async def test_a_key_that_cannot_be_kept_or_tried_out_is_a_conflict(calls: Calls, monkeypatch):
    reply = await calls.client.post(f"{PATH}/test", headers=ADMIN)
    assert (reply.status_code, reply.headers["content-type"]) == (409, "application/problem+json")
    assert f"expected {NAME} in the environment or in .env, found nothing" in reply.json()["detail"]
    monkeypatch.setenv(NAME, CANARY)
    reply = await calls.client.put(PATH, json={"value": "another-key-0123"}, headers=ADMIN)
    assert reply.status_code == 409
    assert CANARY not in reply.text
