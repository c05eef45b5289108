"""Files of the configuration over HTTP: their state, what they were before, and the way back."""

from pathlib import Path

from console.services.changing import ChangeWanted, change, proposed_change
from desk.model.access import Rights
from tests.console.api.conftest import Calls, token
from tests.console.conftest import ACCOUNTS, POLICY

ADMIN = token(Rights.ADMIN)


async def calmer(calls: Calls) -> None:
    """Change a value, so that there is a backup."""
    room, wanted = calls.room, ChangeWanted({"accounts.fresh.timeframe": "H1"})
    shown = await proposed_change(room.chosen, wanted)
    await change(room.ledger, room.chosen, wanted, agreed=shown.digest, who="ana", why="", at=room.clock.now())


async def state(calls: Calls) -> dict[str, object]:
    reply = await calls.client.get("/api/config/files", headers=token(Rights.READ))
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_files_that_can_be_used_are_in_force(calls: Calls):
    told = await state(calls)
    assert told["is_in_force"] is True
    lines = {one["file"]: one["lines"] for one in told["files"]}
    assert lines["accounts.yaml"] == len(ACCOUNTS.splitlines())
    assert lines["policy.yaml"] == len(POLICY.splitlines())
    assert lines["universe.yaml"] is None


async def test_what_is_wrong_is_told_beside_its_file_while_the_one_before_is_in_force(calls: Calls, home: Path):
    await state(calls)
    (home / "config" / "accounts.yaml").write_text(ACCOUNTS.replace("cron:", "crn:"))
    told = await state(calls)
    assert told["is_in_force"] is False
    problems = {one["file"]: one["problems"] for one in told["files"]}
    assert problems["accounts.yaml"][0].startswith("line 15: accounts.fresh.schedule.crn: ")
    assert problems["policy.yaml"] == []


async def test_a_change_is_taken_back_by_who_may_do_everything(calls: Calls, home: Path):
    await calmer(calls)
    [backup] = (await calls.client.get("/api/config/backups", headers=ADMIN)).json()
    path = f"/api/config/backups/{backup['backup']}"
    [since] = (await calls.client.get(path, headers=ADMIN)).json()
    assert "+    timeframe: H1" in since["difference"].splitlines()
    for rights in (Rights.READ, Rights.TRADE):
        assert (await calls.client.get(path, headers=token(rights))).status_code == 403
        assert (await calls.client.post(f"{path}/restore", json={}, headers=token(rights))).status_code == 403
    reply = await calls.client.post(f"{path}/restore", json={"why": "too calm"}, headers=ADMIN)
    assert (reply.status_code, reply.json()["affected"]) == (200, ["fresh"])
    assert (home / "config" / "accounts.yaml").read_text() == ACCOUNTS
    again = await calls.client.post(f"{path}/restore", json={}, headers=ADMIN)
    assert (again.status_code, again.json()["changed"]) == (200, [])


async def test_a_backup_that_there_is_not_is_a_conflict_with_the_nearest(calls: Calls, home: Path):
    await calmer(calls)
    for method, path in (
        ("GET", "/api/config/backups/acounts.yaml"),
        ("POST", "/api/config/backups/acounts.yaml/restore"),
    ):
        reply = await calls.client.request(method, path, json={}, headers=ADMIN)
        assert reply.status_code == 409
        assert "did you mean 'accounts.yaml'?" in reply.json()["detail"]
    assert (await calls.client.get("/api/config/backups?file=acounts.yaml", headers=ADMIN)).status_code == 422
    outside = await calls.client.get("/api/config/backups/..%2F..%2Fdesk.db", headers=ADMIN)
    assert outside.status_code in (404, 409)
