"""Backups of the ledger: whole or not there at all, checked before they get their name, while the desk goes on."""

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import SQLModel

from desk.adapters.ledger.checksums import check_checksum, checksum_file, store_checksum
from desk.adapters.ledger.database import Database, private_file
from desk.adapters.ledger.files import arriving, check_undamaged, copy_file
from desk.adapters.ledger.postgres_tools import dump_tables, revisions_in
from desk.adapters.ledger.schema import Schema, check_restorable
from desk.errors import LedgerError

OUR_TABLES = frozenset({*SQLModel.metadata.tables, "alembic_version"})
"""What a backup holds, and a restored one replaces, on PostgreSQL."""

_NAME = re.compile(r"desk-\d{8}T\d{6}Z\.(db|dump)")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that is on the disk; `revision` is of its schema, `checksum` its sha256 in hexadecimal."""

    path: Path
    revision: str
    size_bytes: int
    checksum: str


def backup_name(database: Database, now: datetime) -> str:
    """Return the name of a backup that is made now; names sort by time."""
    return f"desk-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.{'db' if database.is_sqlite else 'dump'}"


async def back_up(database: Database, path: Path) -> Backup:
    """Copy the ledger to a file as of one moment; others may write meanwhile.

    Raises:
        LedgerError: the ledger is damaged, newer or half migrated, or the file exists or cannot be written; there is
            no file of that name then.
    """
    schema = await check_restorable(database)
    return await asyncio.to_thread(_write, database, schema, path)


def prune(folder: Path, keep: int) -> tuple[Path, ...]:
    """Delete all but the newest backups that have a name with their time, and return what was deleted."""
    assert keep > 0, f"{keep} backups cannot be kept"
    found = sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))
    for path in found[:-keep]:
        path.unlink()
        checksum_file(path).unlink(missing_ok=True)
    return tuple(found[:-keep])


def keep_copy(database: Database, path: Path) -> None:
    """Copy the ledger as it is to a file.

    Raises:
        LedgerError: it cannot be copied; there is no such file then.
    """
    with arriving(path) as partial:
        _copy(database, partial)


def check_dump(path: Path) -> str:
    """Return the revision of a backup of PostgreSQL that is as it was written.

    Raises:
        LedgerError: it is damaged, or not a backup of a ledger.
    """
    check_checksum(path)
    found = revisions_in(path)
    if len(found) != 1:
        raise LedgerError(f"{path}: expected a backup of a ledger, found one without a revision; use another backup")
    return found[0]


def _write(database: Database, schema: Schema, path: Path) -> Backup:
    if path.exists():
        raise LedgerError(f"{path}: expected a name that is free, found a file; a backup is never written over")
    with arriving(path) as partial:
        _copy(database, partial)
        size, checksum = partial.stat().st_size, store_checksum(partial, path)
    return Backup(path, schema.revisions[0], size, checksum)


def _copy(database: Database, path: Path) -> None:
    if database.is_sqlite:
        copy_file(Path(str(database.url.database)), path)
        check_undamaged(path)
    else:
        private_file(path)
        dump_tables(database.url, OUR_TABLES, path)
