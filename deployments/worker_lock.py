"""Makes sure that a worker's name belongs to one process, so that what its predecessor left behind is its to clear."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desk.errors import ConfigError


@contextmanager
def hold_name(name: str, directory: Path) -> Iterator[None]:
    """Hold the lock of a worker's name while in the context; the system drops it when the process dies.

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
