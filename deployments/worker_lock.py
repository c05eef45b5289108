"""Locks between the workers of one machine: who a worker is, and who takes a flow run; they die with their process.

On SQLite, Prefect's server lets two workers take the same run when they ask in the same moment, and even takes a
finished run for pending again. On PostgreSQL it locks the row, which covers workers on several machines.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

from desk.errors import ConfigError


@contextmanager
def hold_name(name: str, directory: Path) -> Iterator[None]:
    """Hold a worker's name while in the context, so that what a predecessor of it left behind is ours to clear.

    Raises:
        ConfigError: another process holds it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise ConfigError(
                f"expected no other worker named '{name}', found one running as process {file.read().strip()}; "
                "stop it, or give this one another name with --name"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


class RunLocks:
    """Locks of flow runs, one byte of a file for each; they keep processes apart, not tasks of one process."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # One file object for all: closing any would drop every lock that this process has on the file.
        self._file = self._path.open("wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @contextmanager
    def hold(self, flow_run_id: UUID) -> Iterator[bool]:
        """Give whether the lock is ours; it is held while in the context."""
        place = flow_run_id.int % 2**62
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except (BlockingIOError, PermissionError):
            yield False
            return
        try:
            yield True
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)
