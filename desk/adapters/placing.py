"""Puts files in place at once or not at all, whole and on the disk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desk.errors import DeskError


@contextmanager
def put_in_place(path: Path, *, fails_as: type[DeskError]) -> Iterator[Path]:
    """Give a name beside `path` to write to; it takes the place of `path` when the body ends without an error.

    Raises:
        DeskError: of the kind that was named; it cannot be put in place.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        sync(partial)
        partial.replace(path)
        sync(path.parent)
    except OSError as error:
        raise fails_as(f"{path}: expected a file that can be written, found {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file's content, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
