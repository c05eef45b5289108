"""SQLite files as a whole: copied while others write, looked at for damage, and put in place at once or not at all."""

import sqlite3
from contextlib import AbstractContextManager, closing
from pathlib import Path

from desk.adapters.ledger.database import private_file
from desk.adapters.placing import put_in_place
from desk.errors import LedgerError

_MOST = 10
"""How many damages are told; one is enough to know that the file cannot be used."""


def copy_file(source: Path, copy: Path) -> None:
    """Copy a database as of one moment, while others read and write it, into one file for its owner alone.

    Raises:
        LedgerError: the source is no database or cannot be read, or the copy cannot be written; there is no copy then.
    """
    copy.unlink(missing_ok=True)
    private_file(copy)
    try:
        with closing(open_file(source)) as opened, closing(sqlite3.connect(copy)) as target:
            opened.backup(target)
            # In WAL mode a file is whole only together with the log beside it.
            target.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        copy.unlink(missing_ok=True)
        raise LedgerError(
            f"{source}: expected a database that can be copied to {copy}, found {error}; nothing was kept"
        ) from error


def open_file(path: Path) -> sqlite3.Connection:
    """Open a file that exists; transactions are begun by the caller alone.

    Raises:
        sqlite3.Error: there is no such file, or it cannot be opened.
    """
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)


def check_undamaged(path: Path) -> None:
    """Let a file pass whose pages and indexes are whole and whose rows refer to rows that are there.

    Raises:
        LedgerError: naming the first damages.
    """
    try:
        with closing(open_file(path)) as opened:
            found = [*integrity_problems(opened), *reference_problems(opened)]
    except sqlite3.Error as error:
        found = [str(error)]
    if found:
        raise LedgerError(f"{path}: expected a database without damage, found {'; '.join(found[:_MOST])}")


def integrity_problems(opened: sqlite3.Connection) -> list[str]:
    """Return what SQLite finds wrong with pages and indexes."""
    rows = opened.execute(f"PRAGMA integrity_check({_MOST})").fetchall()
    return [str(row[0]) for row in rows if row[0] != "ok"]


def reference_problems(opened: sqlite3.Connection) -> list[str]:
    """Return the rows that refer to a row that is not there."""
    rows = opened.execute("PRAGMA foreign_key_check").fetchmany(_MOST)
    return [f"row {row} of {table}: expected its row of {parent}, found none" for table, row, parent, _ in rows]


def arriving(path: Path) -> AbstractContextManager[Path]:
    """Give a name beside `path` to write to; it takes the place of `path` when the body ends, whole and on the disk.

    Raises:
        LedgerError: it cannot be put in place.
    """
    return put_in_place(path, fails_as=LedgerError)
