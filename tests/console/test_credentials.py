"""Keys by command: listed with where they are, changed from a pipe or a prompt, and never printed."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from desk.adapters.settings import settings
from tests.console.conftest import Desk
from tests.console.test_halting import LIVE
from tests.secret_manager import PROJECT, StandIn, running

TOKEN = "NO_SUCH_VARIABLE"
CANARY = "canary-0c9d1e5f77"


@pytest.fixture
def fleet(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fleet with one connection; its key is nowhere."""
    (home / "config" / "accounts.yaml").write_text(LIVE, encoding="utf-8")
    monkeypatch.delenv("DESK_ENV_FILE", raising=False)
    return home


@pytest.fixture
def kept(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """Secret Manager as the first place."""
    with running() as stand_in:
        monkeypatch.setenv("DESK_SECRET_MANAGER_PROJECT", PROJECT)
        monkeypatch.setenv("DESK_SECRET_MANAGER_ENDPOINT", stand_in.address)
        settings.cache_clear()
        yield stand_in


def pipe(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(text))


def test_a_missing_key_is_listed_with_who_needs_it(desk: Desk, fleet: Path):
    listed = desk("credentials", "--json")
    assert listed.code == 1
    [row] = listed.json
    assert (row["name"], row["connections"], row["accounts"]) == (TOKEN, ["practice"], ["trader"])
    assert (row["origin"], row["shown"]) == (None, "")
    assert "missing" in desk("credentials", "list").out


def test_without_a_connection_no_key_is_needed(desk: Desk):
    listed = desk("credentials", "list")
    assert (listed.code, listed.out.splitlines()[0]) == (0, listed.out.strip())
    assert "no key is needed" in listed.out


def test_a_key_from_a_pipe_goes_into_the_env_file_and_is_shown_by_its_end(desk: Desk, fleet: Path, monkeypatch):
    (fleet / ".env").write_text("# mine\nOTHER=1\n")
    pipe(monkeypatch, f"{CANARY}\n")
    said = desk("credentials", "set", TOKEN, "--why", "rotated", "--as", "me")
    assert said.code == 0, said
    assert "…5f77 is in force, from .env; the next scan takes it." in said.out
    assert (fleet / ".env").read_text() == f"# mine\nOTHER=1\n{TOKEN}={CANARY}\n"
    assert (fleet / ".env").stat().st_mode & 0o777 == 0o600
    listed = desk("credentials", "list")
    assert listed.code == 0
    assert ".env" in listed.out
    [entry] = desk("audit", "--json").json
    assert (entry["who"], entry["action"], entry["subject"]) == ("me", "key changed", TOKEN)
    assert entry["detail"] == {"store": ".env", "why": "rotated"}
    assert CANARY not in said.out + said.err + listed.out + str(entry)
    assert CANARY.encode() not in (fleet / "desk.db").read_bytes()


def test_at_a_terminal_it_is_asked_for_and_not_shown(desk: Desk, fleet: Path, monkeypatch):
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    asked: list[str] = []
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("console.credentials.getpass", lambda prompt: asked.append(prompt) or CANARY)
    assert desk("credentials", "set", TOKEN, "--json").json["origin"] == ".env"
    assert asked == [f"{TOKEN}: "]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("NO_SUCH_VARIABL", CANARY, "did you mean 'NO_SUCH_VARIABLE'?"),
        (TOKEN, " \n", "expected a key of up to 60000 bytes, found 0 bytes"),
        (TOKEN, f"{CANARY} {CANARY}", "found one with a blank"),
    ],
)
def test_what_is_no_key_or_has_no_place_is_refused_and_not_repeated(desk, fleet, monkeypatch, name, value, told):
    pipe(monkeypatch, value)
    said = desk("credentials", "set", name)
    assert said.code == 2
    assert told in said.err
    assert CANARY not in said.out + said.err
    assert not (fleet / ".env").exists()
    assert desk("audit", "--json").json == []


def test_a_key_that_the_environment_has_is_not_hidden_by_one_in_the_file(desk: Desk, fleet: Path, monkeypatch):
    monkeypatch.setenv(TOKEN, CANARY)
    pipe(monkeypatch, "another-key-0123")
    said = desk("credentials", "set", TOKEN)
    assert said.code == 3
    assert "found one in the environment, which has the say" in said.err
    assert [row["action"] for row in desk("audit", "--json").json] == ["key changed", "key not changed"]
    assert CANARY not in said.err


def test_with_secret_manager_a_key_goes_there_as_a_new_version(desk: Desk, fleet: Path, kept: StandIn, monkeypatch):
    kept.versions[TOKEN] = ["old"]
    pipe(monkeypatch, CANARY)
    said = desk("credentials", "set", TOKEN, "--json").json
    assert (said["origin"], said["version"], said["shown"]) == ("Secret Manager", "2", "…5f77")
    assert kept.versions[TOKEN] == ["old", CANARY]
    assert not (fleet / ".env").exists()
    assert "Secret Manager, version 2" in desk("credentials", "list").out


def test_a_key_that_is_kept_or_not_is_told_and_audited_so(desk: Desk, kept: StandIn, monkeypatch):
    kept.versions[TOKEN] = ["old-key"]
    kept.unheard = ":addVersion"
    pipe(monkeypatch, CANARY)
    said = desk("credentials", "set", TOKEN, "--as", "me")
    assert said.code == 3
    assert "whether it has the new version is not known: look, and write it again if not" in said.err
    assert CANARY not in said.out + said.err
    audited = desk("audit", "--json").json
    assert [row["action"] for row in audited if row["subject"] == TOKEN] == ["key changed", "key changed or not"]


def test_a_place_that_does_not_answer_is_told_in_the_list(desk: Desk, kept: StandIn):
    kept.broken = 503
    [row] = desk("credentials", "--json").json
    assert row["origin"] is None
    assert "expected to read NO_SUCH_VARIABLE, found ServiceUnavailable" in row["problem"]
