"""The configuration changed by commands: shown, agreed to, written, and told who did it."""

import shlex
import shutil
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from deployments.apply import apply
from deployments.plan import plan_fleet
from desk.adapters.configuration import read_fleet
from tests.console.conftest import ACCOUNTS, Desk
from tests.console.test_halting import LIVE
from tests.console.test_lifecycle import at_server

PATH = "accounts.fresh.timeframe"
ROOT = Path(__file__).parents[2]


def accounts(home: Path) -> str:
    return (home / "config" / "accounts.yaml").read_text(encoding="utf-8")


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Type an answer to what is asked."""
    monkeypatch.setattr("sys.stdin", StringIO(text))


def audited(desk: Desk) -> list[tuple[str, str, str, str]]:
    rows = desk("audit", "--json").json
    return [(row["who"], row["action"], row["subject"], row["detail"]) for row in rows]


@pytest.fixture(autouse=True)
def offline(request: pytest.FixtureRequest) -> None:
    """No server of Prefect, but where a test brings one."""
    if request.node.get_closest_marker("prefect") is None:
        request.getfixturevalue("no_server")


def test_a_value_is_shown_agreed_to_written_and_told(desk: Desk, home: Path, monkeypatch: pytest.MonkeyPatch):
    answer(monkeypatch, "y\n")
    said = desk("config", "set", PATH, "H1", "--why", "calmer", "--as", "me")
    assert said.code == 0, said
    assert "+    timeframe: H1" in said.out.splitlines()
    assert "Decide by something else then: fresh." in said.out
    assert accounts(home) == ACCOUNTS.replace("Europe/London}\n", "Europe/London}\n    timeframe: H1\n")
    detail = {"file": "accounts.yaml", "before": "", "after": "H1", "why": "calmer"}
    assert audited(desk) == [("me", "configured", PATH, detail)]
    assert desk("audit", "verify").code == 0


def test_without_consent_nothing_is_changed(desk: Desk, home: Path, monkeypatch: pytest.MonkeyPatch):
    answer(monkeypatch, "n\n")
    said = desk("config", "set", PATH, "H1")
    assert (said.code, said.out.splitlines()[-1]) == (1, "Do that? [y/N]: nothing was changed")
    assert accounts(home) == ACCOUNTS
    assert not (home / "config" / "backups").exists()
    refused = desk("config", "set", PATH, "H1", "--json")
    assert (refused.code, refused.out) == (2, "")
    assert "expected --yes with it" in refused.err


def test_without_a_server_it_is_said_that_deployments_could_not_follow(desk: Desk, home: Path):
    said = desk("config", "set", PATH, "H1", "--yes")
    assert said.code == 0, said
    assert "No deployment was brought in line: expected the address of a Prefect server" in said.out
    assert said.out.splitlines()[-1] == "When a server runs, `desk deploy` does it."
    told = desk("config", "unset", PATH, "--yes", "--json").json
    assert (told["deployments"], "expected the address" in told["problem"]) == ([], True)


@pytest.mark.prefect
def test_deployments_that_run_otherwise_follow_and_no_others(desk: Desk, home: Path, prefect_api: str):
    at_server(lambda client: apply(client, []))
    at_server(lambda client: apply(client, plan_fleet(read_fleet(home / "config"))))
    said = desk("config", "set", "accounts.sample.schedule.every", "10m", "--also", f"{PATH}=H1", "--yes")
    assert said.code == 0, said
    lines = said.out.splitlines()
    written = lines.index("accounts.yaml: written; the next scan goes by it.")
    assert lines.index("scan/sample: update") < written
    assert [line for line in lines[written + 1 :] if "scan/" in line] == ["scan/sample: updated", "scan/fresh: updated"]
    scan = at_server(lambda client: client.read_deployment_by_name("scan/sample"))
    assert scan.schedules[0].schedule.interval == timedelta(minutes=10)
    quiet = desk("config", "set", "policies.balanced.entry_score", "0.5", "--yes")
    assert quiet.out.splitlines()[-1] == "policy.yaml: written; the next scan goes by it."
    [backup] = [one for one in desk("config", "backups", "--json").json if one["file"] == "accounts.yaml"]
    restored = desk("config", "restore", backup["backup"], "--yes", "--json").json
    assert {one["deployment"] for one in restored["deployments"]} >= {"scan/fresh", "scan/sample"}
    scan = at_server(lambda client: client.read_deployment_by_name("scan/sample"))
    assert scan.schedules[0].schedule.interval == timedelta(minutes=5)
    at_server(lambda client: apply(client, []))


def test_a_program_is_told_what_was_changed(desk: Desk):
    said = desk("config", "set", PATH, "H1", "--yes", "--json").json
    assert [each["file"] for each in said["changed"]] == ["accounts.yaml"]
    assert (said["affected"], said["to_arm"], said["to_deploy"]) == (["fresh"], [], True)
    assert desk("config", "set", PATH, "H1", "--yes", "--json").json["changed"] == []
    said = desk("config", "set", "policies.balanced.entry_score", "0.5", "--yes", "--json").json
    assert (said["affected"], said["to_deploy"]) == (["sample", "fresh", "resting"], False)


def test_what_could_not_be_used_ends_with_3_and_the_nearest_name(desk: Desk, home: Path):
    said = desk("config", "set", "accounts.fresh.timefram", "H1", "--yes")
    assert (said.code, said.out) == (3, "")
    assert "accounts.fresh.timefram: expected a known key" in said.err
    assert "did you mean 'timeframe'?" in said.err
    for words in (("config", "set", "acounts.fresh.timeframe", "H1"), ("config", "unset", "acounts.fresh.timeframe")):
        assert "found 'acounts'; did you mean 'accounts'?" in desk(*words, "--yes").err
    assert "accounts.yaml:defaults.mode or policy.yaml:defaults.mode" in desk("config", "unset", "defaults.mode").err
    assert "found 'acounts.yaml'" in desk("config", "unset", "acounts.yaml:defaults.mode").err
    assert accounts(home) == ACCOUNTS


def test_values_that_belong_together_are_changed_together(desk: Desk):
    words = ("config", "set", "accounts.fresh.policy", "calm", "--also", "policies.calm={extends: balanced}", "--yes")
    said = desk(*words, "--json")
    assert said.code == 0, said
    assert [each["file"] for each in said.json["changed"]] == ["policy.yaml", "accounts.yaml"]
    assert "found 'policies.calm'" in desk("config", "set", PATH, "H1", "--also", "policies.calm", "--yes").err


def test_a_value_is_removed_and_brought_back(desk: Desk, home: Path):
    assert desk("config", "unset", "accounts.sample.description", "--yes").code == 0
    assert accounts(home) == ACCOUNTS.replace("    description: The account of the builders.\n", "")
    assert "-    description: The account of the builders." in desk("config", "diff").out.splitlines()
    [backup] = desk("config", "backups", "accounts.yaml", "--json").json
    assert desk("config", "diff", backup["backup"], "--json").json[0]["backup"] == backup["backup"]
    assert desk("config", "restore", backup["backup"], "--yes").code == 0
    assert accounts(home) == ACCOUNTS
    assert audited(desk)[-1][2:] == (
        "accounts.yaml",
        {"file": "accounts.yaml", "before": "", "after": f"as in {backup['backup']}", "why": ""},
    )
    assert desk("config", "restore", backup["backup"], "--yes").out == "it is so already\n"


def test_a_backup_that_could_not_be_used_is_not_restored(desk: Desk, home: Path):
    assert desk("config", "set", "policies.calm", "{extends: balanced}", "--yes").code == 0
    assert desk("config", "set", "accounts.fresh.policy", "calm", "--yes").code == 0
    said = desk("config", "restore", "policy.yaml", "--yes")
    assert (said.code, said.out) == (3, "")
    assert "accounts.fresh.policy: expected the name of a policy" in said.err


def test_backups_are_listed_and_asked_for_by_name(desk: Desk):
    assert desk("config", "backups").out == "nothing was changed yet\n"
    assert desk("config", "diff").out == "nothing was changed since\n"
    assert desk("config", "backups", "acounts.yaml").code == 2
    assert desk("config", "diff", "accounts.yaml").code == 3
    desk("config", "set", PATH, "H1", "--yes")
    assert "accounts.yaml" in desk("config", "backups").out


def test_accounts_are_listed_with_and_without_the_word(desk: Desk):
    assert desk("accounts", "--json").json == desk("accounts", "list", "--json").json
    assert desk("accounts").out == desk("accounts", "list").out


def test_a_ledger_that_cannot_be_written_keeps_the_files_as_they_are(desk: Desk, home: Path):
    (home / "desk.db").write_text("no database")
    assert desk("config", "set", PATH, "H1", "--yes").code == 4
    assert accounts(home) == ACCOUNTS


def test_no_secret_comes_into_the_audit(desk: Desk, home: Path):
    (home / "config" / "accounts.yaml").write_text(LIVE, encoding="utf-8")
    token = "connections.practice.secrets.token"
    assert desk("config", "set", token, "CANARY0123", "--yes").code == 0
    assert desk("config", "set", token, "OTHER_TOKEN", "--yes").code == 0
    assert desk("config", "set", "connections.practice", "{kind: x, token: CANARY0123}", "--yes").code == 3
    rows = audited(desk)
    assert [row[2] for row in rows] == [token, token]
    assert "CANARY" not in str(rows)


def test_a_live_account_that_decides_by_something_else_has_to_be_armed_again(desk: Desk, home: Path):
    (home / "config" / "accounts.yaml").write_text(LIVE, encoding="utf-8")
    said = desk("config", "set", "policies.balanced.entry_score", "0.5", "--yes")
    assert "Open nothing before they are armed again: trader." in said.out.splitlines()
    assert desk("config", "set", "policies.balanced.exit_score", "0.5", "--yes", "--json").json["to_arm"] == ["trader"]


_CHANGES = ("set", "unset", "add", "clone", "remove", "stop", "start", "load", "restore")


@pytest.mark.usefixtures("no_server")
def test_the_examples_of_the_page_do_what_it_says(desk: Desk, home: Path):
    shutil.rmtree(home / "config")
    shutil.copytree(ROOT / "config", home / "config")
    before = accounts(home)
    page = (ROOT / "docs" / "how-to" / "change-the-configuration.md").read_text(encoding="utf-8")
    lines = [
        shlex.split(line)[2:] for line in page.splitlines() if line.startswith(("$ desk config ", "$ desk accounts "))
    ]
    changes = [words for words in lines if words[1] in _CHANGES]
    for number, words in enumerate(changes):
        ended = desk(*words, "--yes", "--json")
        assert ended.code == 0, (words, ended.err)
        [change, *_] = ended.json["changed"]
        assert number or change["difference"] in page, "the page shows what the first one prints"
    assert comments(accounts(home)) == comments(before)


def comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip().startswith("#")]
