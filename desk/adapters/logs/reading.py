"""Reads logs from their newest line backwards, over all files of one, and what is added to them."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import orjson

from desk.adapters.logs.file import numbered

LEVELS = ("debug", "info", "warning", "error", "critical")
_BLOCK = 1 << 16
_NAMED = frozenset({"time", "level", "logger", "event", "account", "cycle"})


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of a log.

    Attributes:
        account, cycle: what it is about; empty where it is about none.
        facts: whatever else it says.
    """

    at: datetime
    level: str
    logger: str
    event: str
    account: str = ""
    cycle: str = ""
    facts: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are looked for: of an account, of a cycle as its page calls it, of a level and graver ones."""

    account: str = ""
    cycle: str = ""
    level: str = "debug"

    def may_have(self, line: bytes) -> bool:
        """Whether a line is worth being understood."""
        return self.account.encode() in line and self.cycle.encode() in line

    def takes(self, entry: LogEntry) -> bool:
        """Whether an entry is one of those."""
        is_grave = entry.level not in LEVELS or LEVELS.index(entry.level) >= LEVELS.index(self.level)
        return is_grave and self.account in ("", entry.account) and self.cycle in ("", entry.cycle)


def newest_first(path: Path, wanted: Wanted) -> Iterator[LogEntry]:
    """Yield the entries of a log that are wanted; a line that nobody can read any more is left out."""
    number = 0
    while (file := numbered(path, number)).exists():
        for line in _lines_backwards(file):
            if entry := _wanted(line, wanted):
                yield entry
        number += 1


class Following:
    """What is added to a log, looked for again and again."""

    def __init__(self, path: Path, wanted: Wanted) -> None:
        """Begin at the end of the newest file."""
        self._path, self._wanted = path, wanted
        self._place = self._end()

    def added(self) -> list[LogEntry]:
        """Return what came since the last look, oldest first."""
        before, self._place = self._place, self._end()
        lines: list[bytes] = []
        if before is not None and self._place is not None and before[0] != self._place[0]:
            lines += _lines_from(numbered(self._path, 1), before[1])
            before = None
        if self._place is not None:
            lines += _lines_from(self._path, before[1] if before else 0, self._place[1])
        return [entry for line in lines if (entry := _wanted(line, self._wanted))]

    def _end(self) -> tuple[int, int] | None:
        """Which file it is, and how far it goes up to its last whole line."""
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                return os.fstat(file.fileno()).st_ino, _whole(file.fileno(), size)
        except FileNotFoundError:
            return None


def _whole(file: int, size: int) -> int:
    begin = max(0, size - _BLOCK)
    return begin + os.pread(file, size - begin, begin).rfind(b"\n") + 1


def _lines_from(path: Path, begin: int, end: int | None = None) -> list[bytes]:
    with path.open("rb") as file:
        file.seek(begin)
        return file.read(-1 if end is None else end - begin).splitlines()


def _lines_backwards(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        place, rest = file.seek(0, os.SEEK_END), b""
        while place > 0:
            begin = max(0, place - _BLOCK)
            file.seek(begin)
            rest, *lines = (file.read(place - begin) + rest).split(b"\n")
            yield from reversed([line for line in lines if line])
            place = begin
        if rest:
            yield rest


def _wanted(line: bytes, wanted: Wanted) -> LogEntry | None:
    if not wanted.may_have(line):
        return None
    try:
        found = _entry(orjson.loads(line))
    except (orjson.JSONDecodeError, KeyError, ValueError, TypeError):
        return None  # a machine that lost its power leaves half a line
    return found if wanted.takes(found) else None


def _entry(told: dict[str, object]) -> LogEntry:
    return LogEntry(
        at=datetime.fromisoformat(str(told["time"])),
        level=str(told["level"]),
        logger=str(told["logger"]),
        event=str(told["event"]),
        account=str(told.get("account", "")),
        cycle=str(told.get("cycle", "")),
        facts={name: value for name, value in told.items() if name not in _NAMED},
    )
