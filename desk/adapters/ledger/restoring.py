"""Puts a backup in the place of the ledger: examined first, never under a desk at work, and at once or not at all."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from desk.adapters.ledger.backup import OUR_TABLES, check_dump, keep_copy
from desk.adapters.ledger.checksums import check_checksum
from desk.adapters.ledger.database import Database, parse_url, private_file
from desk.adapters.ledger.files import arriving, check_undamaged, copy_file, open_file
from desk.adapters.ledger.occupants import occupants, processes_with
from desk.adapters.ledger.postgres_tools import replace_tables
from desk.adapters.ledger.schema import HEAD, check_restorable, find_schema
from desk.adapters.placing import sync
from desk.errors import LedgerError

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_BESIDE = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Restored:
    """A ledger that came from a backup.

    Attributes:
        revision: of its schema.
        kept: where the ledger that was there before is; None where there was none.
    """

    revision: str
    kept: Path | None

    @property
    def needs_upgrade(self) -> bool:
        """Whether `desk db upgrade` comes next."""
        return self.revision != HEAD


async def restore(url: str, file: Path, *, keep_in: Path, now: datetime) -> Restored:
    """Put a backup in the place of the ledger; what was there is kept.

    Args:
        url: of the ledger.
        file: a backup that `back_up` made, or any other SQLite file with a ledger.
        keep_in: the folder for a dump of the ledger that is there now; an SQLite file is kept beside itself.
        now: the machine's time.

    Raises:
        LedgerError: the backup is damaged or its schema newer, or somebody is at work on the ledger; nothing was
            changed.
    """
    ending = f"before-restore-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        return await _restore_dump(url, file, keep_in / f"{ending}.dump", now)
    ledger = Path(str(parsed.database))
    return await _restore_file(ledger, file, ledger.with_name(f"{ledger.name}.{ending}"), now)


async def _restore_file(ledger: Path, file: Path, kept: Path, now: datetime) -> Restored:
    copy = ledger.with_name(f".{ledger.name}.restoring")
    try:
        await asyncio.to_thread(_copy_and_check, file, copy)
        revision = await _revision_of(copy, file)
        async with _opened(f"sqlite:///{ledger}") as database:
            await _refuse_while_used(database, now)
            kept_now = None if await _is_new(database) else kept
        await asyncio.to_thread(_exchange, copy, ledger, kept_now)
        return Restored(revision, kept_now)
    finally:
        for ending in _BESIDE:
            copy.with_name(copy.name + ending).unlink(missing_ok=True)


async def _restore_dump(url: str, file: Path, kept: Path, now: datetime) -> Restored:
    revision = await asyncio.to_thread(check_dump, file)
    if revision > HEAD:
        raise _newer(file, revision)
    async with _opened(url) as database:
        await _refuse_while_used(database, now)
        is_empty = (await find_schema(database)).is_empty
    if not is_empty:
        await asyncio.to_thread(keep_copy, database, kept)
    await asyncio.to_thread(replace_tables, database.url, OUR_TABLES, file)
    return Restored(revision, None if is_empty else kept)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = Database.open(url)
    try:
        yield database
    finally:
        await database.close()


def _copy_and_check(file: Path, copy: Path) -> None:
    check_checksum(file)
    copy_file(file, copy)
    check_undamaged(copy)


async def _revision_of(copy: Path, file: Path) -> str:
    try:
        async with _opened(f"sqlite:///{copy}") as opened:
            return (await check_restorable(opened)).revisions[0]
    except LedgerError as error:
        raise LedgerError(f"{file} cannot be restored: {error}") from error


def _newer(file: Path, revision: str) -> LedgerError:
    return LedgerError(
        f"{file}: expected schema {HEAD} or an older one, found the newer {revision}; install the release of Scandesk "
        "that made it"
    )


async def _refuse_while_used(database: Database, now: datetime) -> None:
    try:
        found = await occupants(database, now)
    except LedgerError:
        if not database.is_sqlite:
            raise
        # A ledger too damaged to be asked is what backups are for; its file tells who has it open all the same.
        found = processes_with(Path(str(database.url.database)))
    if found:
        raise LedgerError(
            f"{database.name}: expected a ledger that nobody works on, found {'; '.join(found)}; stop the desk, and "
            "restore again"
        )


async def _is_new(database: Database) -> bool:
    try:
        return (await find_schema(database)).is_empty
    except LedgerError:
        return False  # damaged, which is not new


def _exchange(copy: Path, ledger: Path, kept: Path | None) -> None:
    try:
        _overwrite(copy, ledger, kept)
    except sqlite3.DatabaseError as error:
        if kept is None or error.sqlite_errorcode & 0xFF not in _DAMAGED:
            raise LedgerError(
                f"{ledger}: expected a ledger that can be written over, found {error}; nothing was changed, stop the "
                "desk, and restore again"
            ) from error
        # SQLite does not copy what it cannot read.
        _set_aside(ledger, kept)
        _overwrite(copy, ledger, None)


def _overwrite(copy: Path, ledger: Path, kept: Path | None) -> None:
    """Write the copy over the ledger in one transaction, which SQLite undoes when this process dies midway."""
    with _sole_use(ledger) as opened, closing(open_file(copy)) as source:
        if kept is not None:
            _keep(opened, kept)
        source.backup(opened)


@contextmanager
def _sole_use(ledger: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_file(ledger)) as opened:
        # Long enough for a process that is just closing it.
        opened.execute("PRAGMA busy_timeout=500")
        opened.execute("PRAGMA locking_mode=EXCLUSIVE")
        # Leaving WAL mode fails while anybody else has the file open, even without a transaction.
        opened.execute("PRAGMA journal_mode=DELETE")
        opened.execute("BEGIN EXCLUSIVE")
        opened.execute("COMMIT")  # in this mode the lock stays
        yield opened


def _keep(opened: sqlite3.Connection, kept: Path) -> None:
    with arriving(kept) as partial:
        private_file(partial)
        with closing(sqlite3.connect(partial)) as target:
            opened.backup(target)


def _set_aside(ledger: Path, kept: Path) -> None:
    for ending in _BESIDE:
        beside = ledger.with_name(ledger.name + ending)
        if beside.exists():
            beside.replace(kept.with_name(kept.name + ending))
    private_file(ledger)
    sync(ledger.parent)
