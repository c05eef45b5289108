"""A log file that several processes write, and that begins anew when it is full."""

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PRIVATE = 0o600
_TRIES, _PAUSE_SECONDS = 10, 0.001
"""A line is written in some microseconds: who has the lock for longer stands still."""


class SharedFile(logging.Handler):
    """Appends a line for each record; the file of the most bytes is moved aside to `.1`, that to `.2`, and so on.

    It is opened for each line and locked while it is written, so that no process writes into a file that another has
    moved aside. Nobody waits long for the lock: a process that is suspended while it has it must not stop the others,
    which then write without it and leave the moving aside to later. Nothing that goes wrong here reaches who logs:
    `logging` prints it, and the desk goes on.
    """

    def __init__(self, path: Path, *, most_bytes: int, files: int) -> None:
        """Write to a path; its folder is made with the first line.

        Args:
            path: of the newest file.
            most_bytes: that a file has.
            files: that there are in all; the oldest is deleted.
        """
        super().__init__()
        self.path, self._most_bytes, self._files = path, most_bytes, files

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        try:
            line = f"{self.format(record)}\n".encode(errors="backslashreplace")
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._write(line)
        except Exception:  # noqa: BLE001 - a full disk must not end a scan
            self.handleError(record)

    def _write(self, line: bytes) -> None:
        with _opened(self.path) as (file, is_locked):
            size = os.fstat(file).st_size
            if not is_locked or not size or size + len(line) <= self._most_bytes:
                _append(file, line)
                return
            self._move_aside()
        with _opened(self.path) as (file, _):
            _append(file, line)

    def _move_aside(self) -> None:
        for number in range(self._files - 1, 0, -1):
            newer = numbered(self.path, number - 1)
            if newer.exists():
                newer.replace(numbered(self.path, number))
        if self._files == 1:
            self.path.unlink()


def numbered(path: Path, number: int) -> Path:
    """Return where the file of a number is: 0 is written, those above it are older."""
    return path if number == 0 else path.with_name(f"{path.name}.{number}")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[int, bool]]:
    """Open the file for its owner alone, and say whether we hold it; one that was moved aside meanwhile is let go."""
    while True:
        file = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, _PRIVATE)
        try:
            is_locked = _lock(file)
            if _is_at(path, file):
                yield file, is_locked
                return
        finally:
            os.close(file)


def _lock(file: int) -> bool:
    for _ in range(_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE_SECONDS)
        else:
            return True
    return False


def _is_at(path: Path, file: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def _append(file: int, line: bytes) -> None:
    while line:
        line = line[os.write(file, line) :]
