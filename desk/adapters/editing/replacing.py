"""One writer of a configuration's folder at a time, and files that are replaced whole or not at all."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from desk.adapters.placing import put_in_place, sync
from desk.errors import ConfigError

BACKUPS = "backups"
"""The folder, in that of the files, of what they were before, and of the lock."""

_PATIENCE_SECONDS = 30.0
_LOOK_EVERY_SECONDS = 0.02
_PARTIAL = ".*.partial"


@contextmanager
def one_writer(directory: Path, *, patience: float = _PATIENCE_SECONDS) -> Iterator[None]:
    """Be the only one who writes files of a folder, among all processes; it ends with the process.

    Args:
        patience: how many seconds to wait for another one.

    Raises:
        ConfigError: another one has not ended, or nobody may write there.
    """
    folder = directory / BACKUPS
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        file = (folder / ".lock").open("a")
    except OSError as error:
        raise ConfigError(f"{folder}: expected a folder that can be written, found {error.strerror}") from error
    with file:
        _wait_for(file, directory, patience)
        _tidy(directory, folder)
        yield


def replace_file(path: Path, before: bytes | None, after: bytes, *, just_before: Callable[[], None]) -> None:
    """Put a text in place of a file's, with its permissions; a link stays one.

    Args:
        before: what the file holds; None where there is none.
        just_before: called when everything is on the disk and nothing is in place yet; what it raises stops it.

    Raises:
        ConfigError: it cannot be written, or somebody has changed it meanwhile.
    """
    target = path.resolve()
    with put_in_place(target, fails_as=ConfigError) as partial:
        partial.write_bytes(after)
        if before is not None:
            _give_to_the_same(target, partial)
        sync(partial)
        just_before()
        if read_if_there(target) != before:
            raise ConfigError(
                f"{path}: expected the file as it was read, found another; nothing was written, try again"
            )


def read_if_there(path: Path) -> bytes | None:
    """Return what a file holds, None where there is none.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path}: expected a file that can be read, found {error.strerror}") from error


def _give_to_the_same(target: Path, partial: Path) -> None:
    """Give a new file the owner, the group and the permissions of the one that it takes the place of."""
    old, new = target.stat(), partial.stat()
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        os.chown(partial, old.st_uid, old.st_gid)
    partial.chmod(old.st_mode & 0o7777)


def _wait_for(file: IO[str], directory: Path, patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise ConfigError(
                    f"{directory}: expected nobody else to write there, found another process that does; try again"
                ) from None
            time.sleep(_LOOK_EVERY_SECONDS)
        else:
            return


def _tidy(directory: Path, folder: Path) -> None:
    """Remove what processes that were killed have left; nobody else writes there now."""
    for left in (*directory.glob(_PARTIAL), *folder.glob(_PARTIAL)):
        left.unlink(missing_ok=True)
