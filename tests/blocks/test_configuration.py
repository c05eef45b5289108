"""While the files are broken the last good ones are in force, live accounts are held back, and people are told."""

import asyncio
import os
from pathlib import Path

import pytest

from blocks.configuration import KeptFleet
from desk.adapters.last_good import LAST_GOOD_FILE, LastGood, held_back
from desk.errors import ConfigError
from desk.model.books import TradingState
from desk.ports import Message
from tests.console.conftest import ACCOUNTS, POLICY
from tests.console.test_halting import LIVE


class Told:
    """Keeps what it is to deliver."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message) -> None:
        self.messages.append(message)


class Deaf:
    """Delivers nothing."""

    async def send(self, message: Message) -> None:
        raise ConnectionError(message.title)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    write(folder, ACCOUNTS)
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    return folder


def write(folder: Path, text: str) -> None:
    """Change accounts.yaml; its time changes too, however coarse the clock of the file system is."""
    path = folder / "accounts.yaml"
    later = path.stat().st_mtime + 1 if path.exists() else None
    path.write_text(text, encoding="utf-8")
    if later is not None:
        os.utime(path, (later, later))


def started(folder: Path) -> KeptFleet:
    """What a process that has just started knows."""
    return KeptFleet(folder, LastGood(folder.parent / "home", folder))


def spoil(folder: Path) -> None:
    write(folder, (folder / "accounts.yaml").read_text().replace("instruments", "instrumets"))


def test_a_restart_while_the_files_are_broken_goes_on_with_what_was_in_force(folder: Path, caplog):
    before = started(folder).now()
    spoil(folder)
    after = started(folder).now()
    assert after.accounts == before.accounts
    assert after.directory == folder
    assert "did you mean 'instruments'?" in caplog.text


def test_a_file_that_came_with_the_breakage_is_not_taken_for_a_part_of_what_was_good(folder: Path):
    before = started(folder).now()
    (folder / "universe.yaml").write_text("universes: {}\n")
    assert started(folder).now().accounts == before.accounts


def test_what_is_kept_is_of_one_folder_and_whole_or_nothing(folder: Path, tmp_path: Path):
    started(folder).now()
    spoil(folder)
    other = LastGood(tmp_path / "home", tmp_path / "elsewhere")
    assert other.fleet() is None
    (tmp_path / "home" / LAST_GOOD_FILE).write_text("{half")
    with pytest.raises(ConfigError, match="instrumets"):
        started(folder).now()


def test_what_is_kept_is_for_its_owner_alone_and_written_when_it_changes(folder: Path, tmp_path: Path):
    kept = tmp_path / "home" / LAST_GOOD_FILE
    started(folder).now()
    assert kept.stat().st_mode & 0o777 == 0o600
    first = kept.stat().st_ino
    started(folder).now()
    assert kept.stat().st_ino == first
    write(folder, ACCOUNTS.replace("10_000.10", "20_000"))
    started(folder).now()
    assert "20_000" in kept.read_text()


def test_a_home_that_cannot_be_written_does_not_stop_the_fleet(folder: Path, tmp_path: Path, caplog):
    (tmp_path / "home").write_text("no folder")
    assert started(folder).now().accounts
    assert "a restart while the files are broken would find no good configuration" in caplog.text


def test_live_accounts_open_nothing_while_the_files_are_broken_and_others_go_on(folder: Path):
    write(folder, LIVE)
    kept = started(folder)
    assert kept.held_back() == ()
    spoil(folder)
    [restriction] = kept.held_back()
    assert (str(restriction.scope), restriction.state) == ("account:trader", TradingState.REDUCE_ONLY)
    assert "accounts.yaml:8: accounts.trader.instruments" in restriction.why
    assert started(folder).held_back() == (restriction,)
    write(folder, LIVE)
    assert kept.held_back() == ()
    assert held_back(kept.now(), "") == ()


def test_paper_accounts_go_on_while_the_files_are_broken(folder: Path):
    kept = started(folder)
    kept.now()
    spoil(folder)
    assert kept.held_back() == ()


def test_people_are_told_once_whichever_process_finds_it_and_again_when_it_is_over(folder: Path):
    told = Told()
    asyncio.run(started(folder).tell(told))
    assert told.messages == []
    spoil(folder)
    for _ in range(2):
        asyncio.run(started(folder).tell(told))
    [message] = told.messages
    assert (message.title, message.severity) == ("fleet: the configuration cannot be used", "error")
    assert "did you mean 'instruments'?" in message.body
    write(folder, ACCOUNTS)
    for _ in range(2):
        asyncio.run(started(folder).tell(told))
    assert [each.title for each in told.messages[1:]] == ["fleet: the configuration can be used again"]


def test_what_could_not_be_delivered_is_told_again(folder: Path):
    started(folder).now()
    spoil(folder)
    with pytest.raises(ConnectionError):
        asyncio.run(started(folder).tell(Deaf()))
    told = Told()
    asyncio.run(started(folder).tell(told))
    assert len(told.messages) == 1
