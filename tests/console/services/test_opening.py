import os
from pathlib import Path

import pytest

from console.services.opening import FleetFiles
from desk.adapters.last_good import LastGood
from desk.adapters.settings import settings
from desk.errors import ConfigError


def rewrite(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 1_000_000))


def test_a_file_that_was_edited_is_in_force_at_the_next_question(home: Path):
    files = FleetFiles(settings())
    assert not files.current().account("resting").active
    rewrite(home / "config" / "accounts.yaml", "active: false", "active: true")
    assert files.current().account("resting").active


def test_a_fleet_is_read_once_as_long_as_nothing_changes(home: Path):
    files = FleetFiles(settings())
    assert files.current() is files.current()


def test_the_last_good_fleet_stays_while_the_files_cannot_be_used(home: Path):
    files = FleetFiles(settings())
    good = files.current()
    accounts = home / "config" / "accounts.yaml"
    rewrite(accounts, "active: false", "actve: false")
    assert files.current() is good
    assert files.current() is good
    assert "actve" in files.in_force().problem
    rewrite(accounts, "actve: false", "active: true")
    assert files.current().account("resting").active
    assert files.in_force().problem == ""


def test_what_scans_go_by_is_shown_while_the_files_cannot_be_used(home: Path):
    config = home / "config"
    LastGood(home, config).keep({path.name: path.read_text() for path in config.glob("*.yaml")})
    rewrite(config / "accounts.yaml", "active: false", "actve: false")
    found = FleetFiles(settings()).in_force()
    assert set(found.fleet.accounts) == {"sample", "fresh", "resting"}
    assert "actve" in found.problem


def test_without_a_fleet_that_could_ever_be_used_the_problem_is_raised(home: Path):
    (home / "config" / "accounts.yaml").write_text("accounts: 7")
    with pytest.raises(ConfigError):
        FleetFiles(settings()).current()
