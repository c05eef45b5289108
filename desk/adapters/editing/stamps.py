"""Tells whether the files of a configuration have changed, without reading them."""

from collections.abc import Iterator
from pathlib import Path

Stamp = tuple[tuple[str, int, int], ...]


def stamp_of(directory: Path) -> Stamp:
    """Return name, time and size of each file of a configuration that is there."""
    return tuple(_looks(directory))


def _looks(directory: Path) -> Iterator[tuple[str, int, int]]:
    for path in sorted(directory.glob("*.yaml")):
        try:
            look = path.stat()
        except FileNotFoundError:  # gone since it was listed, as where an editor replaces it
            continue
        yield path.name, look.st_mtime_ns, look.st_size
