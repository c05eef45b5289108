"""Outcomes of trials in a SQLite file: written as they come in, so that nothing is run twice."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson

from desk.backtest.validation.trials import Outcome, Trial
from desk.errors import DataError

_TABLE = """
CREATE TABLE IF NOT EXISTS outcomes (
    identity TEXT NOT NULL,
    trial TEXT NOT NULL,
    outcome BLOB NOT NULL,
    PRIMARY KEY (identity, trial)
) WITHOUT ROWID
"""
_AT_ONCE = 500
_PATIENCE_SECONDS = 30.0


class TrialStore:
    """The outcomes of one identity; see `identity_of`.

    Raises:
        DataError: the file cannot be used.
    """

    def __init__(self, path: Path, identity: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._identity = identity
        try:
            self._connection = sqlite3.connect(path, timeout=_PATIENCE_SECONDS, isolation_level=None)
            # What was written before a process is killed is there afterwards; only a machine that loses its power may
            # forget the last outcomes, which are then run again.
            self._connection.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {_TABLE};")
        except sqlite3.Error as error:
            raise DataError(f"{path}: expected a file of stored trials, found: {error}; remove it") from error

    def found(self, trials: Sequence[Trial]) -> Mapping[str, Outcome]:
        """Return the outcomes of those of the trials that have been run, by key."""
        keys = [key_of(trial) for trial in trials]
        rows: list[tuple[str, bytes]] = []
        for first in range(0, len(keys), _AT_ONCE):
            part = keys[first : first + _AT_ONCE]
            marks = ",".join("?" * len(part))
            query = f"SELECT trial, outcome FROM outcomes WHERE identity = ? AND trial IN ({marks})"  # noqa: S608 - marks
            with closing(self._connection.execute(query, (self._identity, *part))) as cursor:
                rows += cursor.fetchall()
        return {key: _loaded(text) for key, text in rows}

    def put(self, trial: Trial, outcome: Outcome) -> None:
        """Keep the outcome of a trial; it is in the file when this returns."""
        row = (self._identity, key_of(trial), orjson.dumps(asdict(outcome)))
        self._connection.execute("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?)", row)

    def forget(self) -> None:
        """Remove every outcome of this identity."""
        self._connection.execute("DELETE FROM outcomes WHERE identity = ?", (self._identity,))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()


def key_of(trial: Trial) -> str:
    """Return what a trial is stored under: its values as JSON, in one order."""
    return orjson.dumps(asdict(trial), option=orjson.OPT_SORT_KEYS).decode()


def _loaded(text: bytes) -> Outcome:
    found = orjson.loads(text)
    return Outcome(found["figures"], tuple(found["times"]), tuple(found["equity"]), found["refused"])
