"""Watches the whole session for the keys of the simulated venues: in what is logged, and in what is left in files."""

import base64
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from simulator.dialects.finding import find_dialects

_PUBLIC = {"signer", "key", "es256_key", "ed25519_key", "earlier_key"}
"""Parts that are names and not secrets."""
_SOURCES = {".py", ".pyc", ".md", ".yaml", ".toml", ".txt", ".env"}
"""Files that people write; keys may stand in those of the tests."""


def canaries() -> dict[bytes, str]:
    """Every form in which a secret could be written down, with the name of the secret."""
    return {
        form: f"{venue} {part}"
        for venue, dialect in find_dialects().items()
        for part, value in dialect.VENUE.secrets.items()
        if part not in _PUBLIC
        for form in _forms(value)
    }


def _forms(value: str) -> set[bytes]:
    # Of a key over several lines, the first line of its middle is enough.
    told = value.split("\n")[1] if "\n" in value else value
    raw = told.encode()
    return {raw, base64.b64encode(raw).rstrip(b"="), quote(told, safe="").encode()}


class Watch(logging.Handler):
    """Notes every log record that has a secret in it.

    Attributes:
        leaks: where which secret was seen.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._canaries = canaries()
        self.leaks: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        told = self.format(record).encode()
        self.leaks += [f"{record.name} logged {name}" for form, name in self._canaries.items() if form in told]

    def search(self, folder: Path) -> None:
        """Look into every file below a folder that a program has written."""
        for path in _written(folder):
            held = path.read_bytes()
            self.leaks += [f"{path} holds {name}" for form, name in self._canaries.items() if form in held]


def _written(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        # Hypothesis keeps the literals of our sources.
        is_ours = ".hypothesis" in path.parts or path.suffix in _SOURCES or path.name == ".env"
        if path.is_file() and not path.is_symlink() and not is_ours:
            yield path
