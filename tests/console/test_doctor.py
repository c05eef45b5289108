"""`desk doctor` says of every part whether it is well and what to do, without a venue and without a server too."""

import json
from pathlib import Path

import pytest

from console.services.doctor.findings import Verdict
from console.services.doctor.machine import LITTLE, TOO_LITTLE, disk, permissions, versions
from tests.console.conftest import Desk, Fill
from tests.console.stories import traded


def found(desk: Desk) -> tuple[int, dict[str, dict[str, str]]]:
    ended = desk("doctor", "--json")
    return ended.code, {one["what"]: one for one in ended.json}


def test_a_desk_on_paper_is_well_without_a_venue_and_without_a_server(fill: Fill, desk: Desk):
    fill(traded)
    code, told = found(desk)
    assert code == 0
    assert {name for name, one in told.items() if one["verdict"] == "failure"} == set()
    assert [told[name]["verdict"] for name in ("ledger", "configuration", "venues")] == ["ok", "ok", "skipped"]
    assert (told["prefect server"]["verdict"], told["prefect server"]["advice"]) == ("warning", "run `desk up`")


def test_a_scan_that_is_overdue_is_a_warning(fill: Fill, desk: Desk):
    fill(traded)
    assert found(desk)[1]["accounts"]["verdict"] == "warning"


def test_what_is_missing_is_a_failure_with_advice_and_ends_nothing(home: Path, desk: Desk):
    (home / "config" / "accounts.yaml").unlink()
    code, told = found(desk)
    assert code == 1
    failed = {name: bool(one["advice"]) for name, one in told.items() if one["verdict"] == "failure"}
    assert failed == {"configuration": True, "ledger": True}
    warned = sum(one["verdict"] == "warning" for one in told.values())  # a small disk is one of them
    assert desk("doctor").out.splitlines()[-1] == f"2 to be mended, {warned} to be looked at."


def test_an_address_that_nobody_understands_is_a_failure_that_does_not_repeat_it(
    home: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DESK_NOTIFY_URLS", '["nonsense-canary"]')
    ended = desk("doctor")
    assert ended.code == 1
    assert "entry 1 of 1" in ended.out
    assert "canary" not in ended.out


def test_a_connection_without_its_key_is_a_failure_and_the_other_parts_are_told(home: Path, desk: Desk):
    path = home / "config" / "accounts.yaml"
    account = "account_id: 101-001-0000001-001, secrets: {token: NO_TOKEN}"
    written = f"connections: {{main: {{kind: oanda, environment: practice, {account}}}}}\n"
    path.write_text(path.read_text() + written)
    _, told = found(desk)
    assert told["main"]["verdict"] == "failure"
    assert "NO_TOKEN" in json.dumps(told["main"])


def test_files_that_others_may_read_are_told(tmp_path: Path):
    env_file, ledger = tmp_path / ".env", tmp_path / "desk.db"
    assert permissions(tmp_path, env_file).verdict is Verdict.SKIPPED
    for path in (env_file, ledger):
        path.touch(0o600)
    assert permissions(tmp_path, env_file).verdict is Verdict.OK
    ledger.chmod(0o640)
    told = permissions(tmp_path, env_file)
    assert (told.verdict, told.advice) == (Verdict.WARNING, f"chmod go-rwx {ledger}")


def test_a_full_disk_is_told_before_it_is_full(tmp_path: Path):
    verdicts = [disk(tmp_path / "not" / "there", free=free).verdict for free in (LITTLE, LITTLE - 1, TOO_LITTLE - 1)]
    assert verdicts == [Verdict.OK, Verdict.WARNING, Verdict.FAILURE]


def test_a_library_of_another_release_is_a_failure():
    told = {one.what: one.verdict for one in versions({"prefect": "3.8.8", "fastapi": "0.155.0"})}
    assert told == {
        "version of prefect": Verdict.OK,
        "version of fastapi": Verdict.FAILURE,
        "version of sqlalchemy": Verdict.FAILURE,
    }
