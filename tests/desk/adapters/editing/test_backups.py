"""Backups are found by time and by name, and only so many are kept."""

from datetime import timedelta
from pathlib import Path

import pytest

from desk.adapters.editing.backups import KEPT, backup_of, backups, keep_backup
from desk.adapters.editing.replacing import one_writer
from desk.errors import ConfigError
from tests.builders import CLOSE


def keep(folder: Path, file: str, count: int) -> None:
    with one_writer(folder):
        for number in range(count):
            keep_backup(folder / file, f"# {number}\n".encode(), CLOSE + timedelta(minutes=number))


def test_the_last_of_each_file_are_kept(folder: Path):
    keep(folder, "accounts.yaml", KEPT + 3)
    keep(folder, "policy.yaml", 2)
    kept = backups(folder, "accounts.yaml")
    assert [backup.path.read_text() for backup in kept] == [f"# {number}\n" for number in range(3, KEPT + 3)]
    assert [backup.at for backup in kept] == sorted(backup.at for backup in kept)
    assert len(backups(folder)) == KEPT + 2


def test_two_of_the_same_moment_do_not_replace_each_other(folder: Path):
    keep(folder, "accounts.yaml", 1)
    keep(folder, "accounts.yaml", 1)
    assert len(backups(folder)) == 2


def test_a_backup_is_found_by_its_name_and_the_newest_by_its_file(folder: Path):
    keep(folder, "accounts.yaml", 3)
    first, _, last = backups(folder)
    assert backup_of(folder, first.name) == first
    assert backup_of(folder, "accounts.yaml") == last
    assert first.name == "accounts.20260114T150000.000000Z.yaml"


def test_what_is_no_backup_is_not_taken_for_one(folder: Path):
    keep(folder, "accounts.yaml", 1)
    for name in ("notes.txt", "accounts.yaml", "other.20260114T150000.000000Z.yaml", "accounts.2026Z.yaml"):
        (folder / "backups" / name).touch()
    assert len(backups(folder)) == 1
    with pytest.raises(ConfigError, match=r"found 'acounts.yaml'; did you mean 'accounts.yaml'\?"):
        backup_of(folder, "acounts.yaml")
    with pytest.raises(ConfigError, match="expected the name of a backup"):
        backup_of(folder, "../accounts.yaml")
