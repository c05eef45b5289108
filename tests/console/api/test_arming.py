"""Arms over HTTP: who gave which, what is missing, and taking one back; nothing here gives one."""

from pathlib import Path
from typing import Any

import pytest

from desk.adapters.ledger.ledger import Ledger
from desk.model.access import Rights
from desk.model.arming import Arm, ArmCheck, CheckResult
from tests.builders import CLOSE
from tests.console.api.conftest import Calls, token
from tests.console.test_arming import PRACTICE, write

READ, TRADE = token(Rights.READ), token(Rights.TRADE)
NOT_ARMED = "not armed: run `desk arm sample`"


@pytest.fixture
def practice(home: Path) -> None:
    """An account of a practice world, which no test may ask anything."""
    write(home, PRACTICE)


async def arm(calls: Calls) -> None:
    version = calls.room.files.current().account("sample").config_version
    await calls.room.ledger.arm(Arm("sample", version, "practice", "101-001-0000001-001", "ana", CLOSE))


async def arms(calls: Calls) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await calls.client.get("/api/arms", headers=READ)).json()
    return found


async def audited(ledger: Ledger) -> list[tuple[str, str]]:
    return [(entry.who, entry.action) for entry in await ledger.audit_entries(newest=2)]


async def test_a_live_account_says_what_it_lacks_and_one_on_paper_nothing(calls: Calls, practice: None):
    [found] = await arms(calls)
    assert (found["account"], found["may_open"], found["since"], found["why_not"]) == ("sample", False, None, NOT_ARMED)
    assert (await calls.client.get("/api/arms")).status_code == 401


async def test_an_arm_of_an_account_that_is_configured_no_more_is_told_with_what_was_checked(
    calls: Calls, practice: None
):
    check = ArmCheck("right to withdraw", CheckResult.NOT_TOLD, "no", "not told by the venue")
    await calls.room.ledger.arm(Arm("gone", "c0ffee", "live", "101-001-0000002-001", "ana", CLOSE, (check,)))
    sample, gone = await arms(calls)
    assert (sample["account"], gone["account"], gone["environment"]) == ("sample", "gone", "live")
    assert (gone["needs_arming"], gone["who"], gone["why_not"]) == (False, "ana", "")
    assert sample["needs_arming"] is True
    assert [one["name"] for one in gone["checks"]] == ["right to withdraw"]
    reply = await calls.client.post("/api/accounts/gone/disarm", json={}, headers=TRADE)
    assert (reply.status_code, reply.json()["was_armed"], len(await arms(calls))) == (200, True, 1)


async def test_whoever_may_trade_takes_an_arm_back_once_under_one_key(calls: Calls, practice: None):
    await arm(calls)
    assert (await arms(calls))[0]["may_open"] is True
    path, order = "/api/accounts/sample/disarm", {"why": "holiday"}
    refused = await calls.client.post(path, json=order, headers=READ)
    assert (refused.status_code, (await arms(calls))[0]["may_open"]) == (403, True)
    for _ in range(2):
        reply = await calls.client.post(path, json=order, headers={**TRADE, "idempotency-key": "one"})
        assert (reply.status_code, reply.json()["was_armed"]) == (200, True), reply.text
    assert (await arms(calls))[0]["why_not"] == NOT_ARMED
    assert await audited(calls.room.ledger) == [("ana", "armed"), ("token trade", "disarmed")]
    again = await calls.client.post(path, json=order, headers=TRADE)
    assert (again.status_code, again.json()["was_armed"]) == (200, False)


async def test_an_account_that_nobody_has_is_refused_with_the_nearest_name(calls: Calls, practice: None):
    reply = await calls.client.post("/api/accounts/sampel/disarm", json={}, headers=TRADE)
    assert (reply.status_code, "did you mean 'sample'" in reply.json()["detail"]) == (422, True)


async def test_an_arm_is_taken_back_while_the_configuration_is_broken(calls: Calls, practice: None, home: Path):
    await arm(calls)
    (home / "config" / "accounts.yaml").write_text("accounts: [", encoding="utf-8")
    reply = await calls.client.post("/api/accounts/sample/disarm", json={}, headers=TRADE)
    assert (reply.status_code, reply.json()["was_armed"]) == (200, True), reply.text


async def test_nothing_over_http_arms(calls: Calls, practice: None):
    document = (await calls.client.get("/api/openapi.json", headers=READ)).json()
    assert [path for path in document["paths"] if path.endswith(("/arm", "/arms"))] == ["/api/arms"]
    assert [*document["paths"]["/api/arms"]] == ["get"]
    reply = await calls.client.post("/api/accounts/sample/arm", json={}, headers=token(Rights.ADMIN))
    assert (reply.status_code, (await arms(calls))[0]["since"]) == (405, None)
