"""What `desk up` does while it waits: trading needs its server and its worker, and does without dashboard and bot."""

import sys
from dataclasses import dataclass, field
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from console.beside import ServedRoom
from console.kept import Kept
from console.running import _announce, _has_bot, _wait, told_of
from console.services.in_force import find_in_force
from desk.adapters.editing.reading import read_files
from desk.adapters.last_good import LastGood
from desk.adapters.settings import Settings, settings
from desk.errors import ConfigError
from tests.console.conftest import Fill


@dataclass
class Part:
    """A child process that ends after so many looks."""

    looks: int = 1_000

    def is_running(self) -> bool:
        self.looks -= 1
        return self.looks >= 0

    def log_tail(self) -> str:
        return "its last words"

    def stop(self) -> None:
        self.looks = 0


@dataclass
class Stop:
    """Somebody who presses Ctrl-C after so many waits."""

    waits: int

    def wait(self, _seconds: float) -> bool:
        self.waits -= 1
        return self.waits < 0


@dataclass
class Server:
    child: Part = field(default_factory=Part)
    home: Path = Path("var/prefect")
    ui_url: str = "http://127.0.0.1:4200"
    api_url: str = "http://127.0.0.1:4200/api"


@dataclass
class Fleet:
    accounts: dict[str, object] = field(default_factory=dict)


@dataclass
class Running:
    server: Server = field(default_factory=Server)
    worker: Part = field(default_factory=Part)
    fleet: Fleet = field(default_factory=Fleet)
    changes: tuple[()] = ()


def test_a_desk_that_starts_by_the_configuration_before_this_one_says_what_is_wrong_and_what_to_do(desk, home):
    assert desk("db", "upgrade").code == 0
    LastGood(home, home / "config").keep(read_files(home / "config"))
    accounts = home / "config" / "accounts.yaml"
    accounts.write_text(accounts.read_text().replace("cron:", "crn:"))
    in_force = find_in_force(settings())
    assert set(in_force.fleet.accounts) == {"sample", "fresh", "resting"}
    problem, advice = told_of(in_force).splitlines()
    assert "did you mean 'cron'?" in problem
    assert "the one before it is started, and live accounts open nothing" in advice
    assert "`desk config restore`" in advice


@pytest.mark.parametrize("as_json", [False, True])
def test_who_reads_it_from_a_file_has_the_link_at_once(fill: Fill, monkeypatch: pytest.MonkeyPatch, as_json: bool):
    file = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(file))
    running = Running()
    room = ServedRoom(settings(), running.server, port=8710)
    _announce(running, room, as_json=as_json)
    assert room.link.encode() in file.getvalue()


@pytest.mark.parametrize(("port", "needed"), [(4200, False), (4391, True)])
def test_commands_elsewhere_are_told_a_port_that_they_would_not_find(
    fill: Fill, capsys: pytest.CaptureFixture[str], port: int, needed: bool
):
    running = Running(Server(api_url=f"http://127.0.0.1:{port}/api"))
    _announce(running, ServedRoom(settings(), running.server, port=8710), as_json=False)
    assert ("export PREFECT_API_URL=http://127.0.0.1:4391/api" in capsys.readouterr().out) is needed


def kept(**parts: Part) -> list[Kept]:
    """Parts that trading does without, each of which ends once at most."""
    return [Kept(name, iter([part, Part()]).__next__, first_wait=0) for name, part in parts.items()]


def test_until_somebody_ends_it_nothing_is_said(capsys: pytest.CaptureFixture[str]):
    assert _wait(Running(), kept(dashboard=Part(), bot=Part()), Stop(3)) == ""
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("running", "name"), [(Running(worker=Part(1)), "worker"), (Running(Server(Part(1))), "Prefect server")]
)
def test_what_trading_needs_ends_the_wait_with_its_last_words(running: Running, name: str):
    assert _wait(running, kept(dashboard=Part()), Stop(9)) == f"The {name} has ended by itself:\nits last words"


@pytest.mark.parametrize("name", ["dashboard", "bot"])
def test_trading_goes_on_without_dashboard_or_bot_and_it_is_said_once(name: str, capsys: pytest.CaptureFixture[str]):
    assert _wait(Running(), kept(**{"dashboard": Part(), "bot": Part(), name: Part(1)}), Stop(9)) == ""
    told = f"The {name} has ended by itself, trading goes on, and it is started again:\nits last words\n"
    assert capsys.readouterr().out == told


@pytest.mark.parametrize(
    ("token", "wanted", "has_one"), [("", None, False), ("1:x", None, True), ("1:x", False, False), ("1:x", True, True)]
)
def test_the_bot_is_started_where_there_is_a_token_unless_it_is_said_otherwise(token: str, wanted, has_one: bool):
    pytest.importorskip("telegram", reason="the extra `telegram` is not installed")
    assert _has_bot(Settings(telegram_token=token), wanted=wanted) is has_one


def test_a_bot_that_is_asked_for_and_has_no_token_is_an_error():
    with pytest.raises(ConfigError, match="DESK_TELEGRAM_TOKEN: expected the token of a bot, found none"):
        _has_bot(Settings(telegram_token=""), wanted=True)
