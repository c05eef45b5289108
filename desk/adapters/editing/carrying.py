"""Carries changes of the configuration out: one writer, a backup, a record, a whole file."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from desk.adapters.editing.backups import keep_backup
from desk.adapters.editing.proposing import FileChange, Proposal, Told
from desk.adapters.editing.reading import read_files
from desk.adapters.editing.replacing import one_writer, read_if_there, replace_file
from desk.adapters.logs.events import log
from desk.errors import ConfigError, DeskError, HalfWritten

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

    Where one of the files cannot be written, those before it are put back: half of a change may be an account without
    the limits that are its own.

    Args:
        record: writes down who changes what, when a file is about to be put in place; what it raises stops that.
        at: the present.
        otherwise: proposes anew where somebody has changed a file since, so that no change is lost; without it that is
            refused, as it should be for what a person has agreed to.

    Raises:
        ConfigError: somebody has changed a file meanwhile, or it cannot be written.
        HalfWritten: the same, and a file that was written already could not be put back.
    """
    with one_writer(directory):
        if read_files(directory) != proposal.basis:
            if otherwise is None:
                raise ConfigError(f"{directory}: expected the files as they were shown, found others; try again")
            proposal = otherwise()
        _write_each(directory, proposal.changes, record, at)
    return proposal


def _write_each(directory: Path, changes: Sequence[FileChange], record: Record, at: datetime) -> None:
    for number, change in enumerate(changes):
        try:
            _write(directory, change, record, at)
        except DeskError as error:
            _put_back(directory, changes[:number], error)
            _note(changes[:number], record)
            raise


def _write(directory: Path, change: FileChange, record: Record, at: datetime) -> None:
    path = directory / change.file
    before = None if change.before is None else change.before.encode()
    if before is not None:
        keep_backup(path, before, at)
    replace_file(path, before, change.after.encode(), just_before=lambda: record(change))


def _put_back(directory: Path, written: Sequence[FileChange], cause: DeskError) -> None:
    for change in reversed(written):
        try:
            _undo(directory / change.file, change)
        except ConfigError as error:
            raise HalfWritten(
                f"{cause}; {change.file} is written already, and could not be put back ({error}): "
                f"see `desk config diff {change.file}`, and `desk config restore {change.file}`"
            ) from error


def _undo(path: Path, change: FileChange) -> None:
    if change.before is not None:
        replace_file(path, change.after.encode(), change.before.encode(), just_before=lambda: None)
        return
    if read_if_there(path) != change.after.encode():
        raise ConfigError(f"{path}: expected the file as it was written, found another")
    path.unlink()


def _note(undone: Sequence[FileChange], record: Record) -> None:
    """Write down that files are as they were; who changed them is told why in any case."""
    for change in reversed(undone):
        told = tuple(Told(one.subject, one.after, one.before) for one in change.told)
        try:
            record(FileChange(change.file, change.after, change.before or "", told))
        except DeskError as error:
            log.warning("the audit lacks that a file was put back", file=change.file, cause=str(error))
