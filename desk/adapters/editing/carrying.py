"""Carries changes of the configuration out: one writer, a backup, a record, a whole file."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from desk.adapters.editing.backups import keep_backup
from desk.adapters.editing.proposing import FileChange, Proposal
from desk.adapters.editing.reading import read_files
from desk.adapters.editing.replacing import one_writer, replace_file
from desk.errors import ConfigError

Record = Callable[[FileChange], None]


def carry_out(
    directory: Path,
    proposal: Proposal,
    *,
    record: Record,
    at: datetime,
    otherwise: Callable[[], Proposal] | None = None,
) -> Proposal:
    """Write what is proposed, and return it; a process that is killed at any point leaves whole files.

    Args:
        record: writes down who changes what, when a file is about to be put in place; what it raises stops that.
        at: the present.
        otherwise: proposes anew where somebody has changed a file since, so that no change is lost; without it that is
            refused, as it should be for what a person has agreed to.

    Raises:
        ConfigError: somebody has changed a file meanwhile, or it cannot be written.
    """
    with one_writer(directory):
        if read_files(directory) != proposal.basis:
            if otherwise is None:
                raise ConfigError(f"{directory}: expected the files as they were shown, found others; try again")
            proposal = otherwise()
        for change in proposal.changes:
            _write(directory, change, record, at)
    return proposal


def _write(directory: Path, change: FileChange, record: Record, at: datetime) -> None:
    path = directory / change.file
    before = None if change.before is None else change.before.encode()
    if before is not None:
        keep_backup(path, before, at)
    replace_file(path, before, change.after.encode(), just_before=lambda: record(change))
