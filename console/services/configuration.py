"""The files of the configuration: whether they can be used, what they were before, and bringing one back."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from console.failures import NotUnderstood
from console.services.in_force import InForce
from desk.accounts.files import FILES
from desk.accounts.problems import suggestion
from desk.adapters.editing.backups import Backup, backup_of, backups
from desk.adapters.editing.proposing import Proposal, difference, propose_text
from desk.adapters.editing.reading import read_file
from desk.adapters.settings import Settings


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file of the configuration.

    Attributes:
        lines: how many it has, None where there is no such file.
        problems: what is wrong in it, a sentence each.
    """

    file: str
    lines: int | None
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConfigurationFacts:
    """The files, and whether scans go by them; `warnings` are of what can be used all the same."""

    folder: str
    files: tuple[FileFacts, ...]
    is_in_force: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BackupFacts:
    """A file as it was until a change."""

    backup: str
    file: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Since:
    """What has changed in a file since a backup, as `diff -u` prints it; empty where nothing has."""

    backup: str
    file: str
    difference: str


@dataclass(frozen=True, slots=True)
class BackupWanted:
    """That a file becomes again what a backup has; for the name of a file that is its newest one."""

    name: str

    def proposal(self, chosen: Settings) -> Proposal:
        """Return what it would come to; takes time, so not on an event loop.

        Raises:
            ConfigError: there is no such backup, or the configuration could not be used afterwards.
        """
        backup = backup_of(chosen.config, self.name)
        return propose_text(chosen.config, backup.file, _text(backup), told=f"as in {backup.name}")


async def configuration_facts(chosen: Settings, in_force: InForce) -> ConfigurationFacts:
    """Return how the files are.

    Args:
        chosen: where they are.
        in_force: what scans go by.
    """
    texts = await asyncio.to_thread(lambda: {file: read_file(chosen.config, file) for file in FILES})
    problems = in_force.problem.splitlines()
    files = tuple(
        FileFacts(file, _lines(text), _of_file(problems, f"{chosen.config / file}:")) for file, text in texts.items()
    )
    return ConfigurationFacts(str(chosen.config), files, not problems, in_force.fleet.warnings)


def list_backups(chosen: Settings, file: str | None = None) -> tuple[BackupFacts, ...]:
    """Return the backups of all files or of one, oldest first.

    Raises:
        NotUnderstood: the file is none of the configuration.
    """
    if file is not None and file not in FILES:
        raise NotUnderstood(f"expected a file of the configuration, found '{file}'{suggestion(file, FILES)}")
    return tuple(BackupFacts(one.name, one.file, one.at) for one in backups(chosen.config, file))


def since_backups(chosen: Settings, name: str | None = None) -> tuple[Since, ...]:
    """Return what has changed since a backup, or since the newest one of each file.

    Raises:
        ConfigError: there is no such backup; the message gives the nearest.
    """
    newest = {one.file: one for one in backups(chosen.config)}
    wanted = list(newest.values()) if name is None else [backup_of(chosen.config, name)]
    return tuple(Since(one.name, one.file, _since(chosen, one)) for one in wanted)


def _since(chosen: Settings, backup: Backup) -> str:
    return difference(_text(backup), read_file(chosen.config, backup.file) or "", backup.name, backup.file)


def _text(backup: Backup) -> str:
    return read_file(backup.path.parent, backup.name) or ""


def _lines(text: str | None) -> int | None:
    return None if text is None else len(text.splitlines())


def _of_file(problems: list[str], place: str) -> tuple[str, ...]:
    """What is wrong in a file, with the line in words."""
    found = [problem.removeprefix(place) for problem in problems if problem.startswith(place)]
    return tuple(f"line {one}" if one[:1].isdigit() else one.strip() for one in found)
