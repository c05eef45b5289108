"""What the files of a configuration were before their last changes."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desk.accounts.files import FILES
from desk.accounts.problems import suggestion
from desk.adapters.editing.replacing import BACKUPS
from desk.adapters.placing import put_in_place
from desk.errors import ConfigError

KEPT = 10
"""How many backups there are of each file; older ones are removed."""

_TIME = "%Y%m%dT%H%M%S.%fZ"
_NAME = re.compile(r"(?P<stem>[a-z]+)\.(?P<time>[0-9]{8}T[0-9]{6}\.[0-9]{6}Z)\.yaml")


@dataclass(frozen=True, slots=True)
class Backup:
    """A file as it was until a change; `file` is its name, `at` when it was changed."""

    path: Path
    file: str
    at: datetime

    @property
    def name(self) -> str:
        """What it is called by."""
        return self.path.name


def keep_backup(path: Path, content: bytes, at: datetime) -> Backup:
    """Keep what a file holds, with its permissions, and remove what is too old; for whoever is the only writer.

    Raises:
        ConfigError: it cannot be written.
    """
    folder = path.parent / BACKUPS
    while (target := folder / f"{path.stem}.{at.astimezone(UTC):{_TIME}}.yaml").exists():
        at += timedelta(microseconds=1)
    with put_in_place(target, fails_as=ConfigError) as partial:
        partial.write_bytes(content)
        partial.chmod(path.stat().st_mode & 0o7777)
    for old in backups(path.parent, path.name)[:-KEPT]:
        old.path.unlink(missing_ok=True)
    return Backup(target, path.name, at)


def backups(directory: Path, file: str | None = None) -> list[Backup]:
    """Return the backups of a folder's files, or of one file, oldest first."""
    found = [backup for path in (directory / BACKUPS).glob("*.yaml") if (backup := _backup(path)) is not None]
    return sorted((one for one in found if file in (None, one.file)), key=lambda one: (one.at, one.file))


def backup_of(directory: Path, name: str) -> Backup:
    """Return the backup of a name; for the name of a file its newest one.

    Raises:
        ConfigError: there is none; the message gives the nearest.
    """
    every = backups(directory)
    found = [one for one in every if name in (one.name, one.file)]
    if found:
        return found[-1]
    known = {one.name for one in every} | {one.file for one in every}
    raise ConfigError(
        f"expected the name of a backup or of a file that has one, found '{name}'{suggestion(name, known)}"
    )


def _backup(path: Path) -> Backup | None:
    match = _NAME.fullmatch(path.name)
    file = f"{match['stem']}.yaml" if match else ""
    if match is None or file not in FILES:
        return None
    return Backup(path, file, datetime.strptime(match["time"], _TIME).replace(tzinfo=UTC))
