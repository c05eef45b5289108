"""The desk's database: one writer at a time, nothing lost once committed, the same on SQLite and PostgreSQL."""

import asyncio
import errno
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Self

import orjson
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from desk.adapters.ledger.sqlite_driver import BEGIN_WRITING, connect
from desk.errors import ConfigError, LedgerBusy, LedgerError, LedgerUnwritable

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
_PAUSES = (0.05, 0.2)
_TRANSIENT_STATES = frozenset({"40001", "40P01", "55P03", "57P01", "57P03"})
_DAMAGED = "run `desk db verify`, and restore a backup with `desk db restore`"
_ADVICE = {
    sqlite3.SQLITE_FULL: "free space on the disk, then run again",
    sqlite3.SQLITE_IOERR: "look at the disk, then run again",
    sqlite3.SQLITE_READONLY: "let this user write the file and its folder, then run again",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}
_UNWRITABLE_STATES = frozenset({"25006", "53100", "58030"})
"""What PostgreSQL says of a database that only reads, of a full disk, and of a disk that fails."""
_WRITER_LOCK = 0x5CA2DE5C
"""The key of the advisory lock that makes writers take turns on PostgreSQL, as BEGIN IMMEDIATE does on SQLite."""


class Database:
    """Transactions on one database, to be used from one event loop.

    Opening is cheap: nothing is connected until the first transaction. Any failure of the database leaves `read` and
    `write` as a `LedgerError`; what the body raises itself is passed on, and its transaction is rolled back.
    """

    def __init__(self, url: URL, *, busy_timeout: timedelta) -> None:
        self.url = url
        self._busy_timeout = busy_timeout
        self._turn = asyncio.Lock()
        self._engine = self._create_engine()
        self._reading = self._engine.execution_options(**_reading_options(url))
        self._writing = self._engine.execution_options(desk_writes=True)

    @classmethod
    def open(cls, url: str, *, busy_timeout: timedelta = timedelta(seconds=5)) -> Self:
        """Open a database; a new SQLite file is created for its owner alone.

        Args:
            url: `sqlite:///var/desk.db` or `postgresql://user:password@host/name`.
            busy_timeout: how long one attempt waits for another writer.

        Raises:
            ConfigError: the address is of neither form.
            LedgerError: the file cannot be created.
        """
        parsed = parse_url(url)
        if parsed.get_backend_name() == "sqlite":
            private_file(Path(str(parsed.database)))
        return cls(parsed, busy_timeout=busy_timeout)

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def name(self) -> str:
        """The address without its password, for messages."""
        return self.url.set(drivername=self.url.get_backend_name()).render_as_string(hide_password=True)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Give a session that sees one state of the database throughout and keeps nothing."""
        async with self._translated(), await self._begin(self._reading) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Give a session that holds the database's write lock from the start, and commit at the end.

        Nothing conflicts once the lock is held, so only taking it is tried again, a bounded number of times.

        Raises:
            LedgerBusy: others held it for too long.
        """
        async with self._translated(), self._in_turn(), await self._begin_writing() as session:
            yield session
            await session.commit()

    @asynccontextmanager
    async def write_soon(self, patience: timedelta) -> AsyncIterator[AsyncSession]:
        """Give the same through a connection of its own, which waits for other writers this long in all.

        Raises:
            LedgerBusy: others held the lock for longer.
        """
        each = (patience - timedelta(seconds=sum(_PAUSES))) / (len(_PAUSES) + 1)
        hasty = type(self)(self.url, busy_timeout=max(each, timedelta(milliseconds=1)))
        try:
            async with hasty.write() as session:
                yield session
        finally:
            await hasty.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        """Queue the writers of this process in order; SQLite's own waiting is polling and unfair."""
        patience = self._busy_timeout.total_seconds() * (len(_PAUSES) + 1)
        try:
            async with asyncio.timeout(patience):
                await self._turn.acquire()
        except TimeoutError:
            raise LedgerBusy(
                f"{self.name}: expected the write lock within {patience:g} s, found this process still writing; "
                "end the transaction that holds it"
            ) from None
        try:
            yield
        finally:
            self._turn.release()

    async def _begin_writing(self) -> AsyncSession:
        for pause in _PAUSES:
            try:
                return await self._begin(self._writing)
            except DBAPIError as error:
                if not _is_transient(error):
                    raise
            await asyncio.sleep(pause)
        try:
            return await self._begin(self._writing)
        except DBAPIError as error:
            if not _is_transient(error):
                raise
            raise LedgerBusy(str(self._failure(error))) from error

    async def _begin(self, engine: AsyncEngine) -> AsyncSession:
        session = AsyncSession(engine, expire_on_commit=False)
        try:
            await session.connection()
        except self._connect_errors as error:
            await session.close()
            raise self._failure(error) from error
        except BaseException:
            await session.close()
            raise
        return session

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise self._failure(error) from error

    @cached_property
    def _connect_errors(self) -> tuple[type[Exception], ...]:
        """What connecting raises past SQLAlchemy: no such host, no such database, a wrong password."""
        if self.is_sqlite:
            return (OSError,)
        # SQLAlchemy has loaded it already; SQLite does without.
        import asyncpg  # type: ignore[import-untyped]

        return (OSError, asyncpg.PostgresError)

    def _create_engine(self) -> AsyncEngine:
        milliseconds = int(self._busy_timeout.total_seconds() * 1000)
        engine = create_async_engine(
            self.url,
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
            **_connecting(self.url, milliseconds),
        )
        if self.is_sqlite:
            event.listen(engine.sync_engine, "connect", lambda opened, _record: _prepare_sqlite(opened, milliseconds))
        event.listen(engine.sync_engine, "begin", _begin_sqlite if self.is_sqlite else _begin_postgresql)
        return engine

    def _failure(self, error: Exception) -> LedgerError:
        cause = error.orig if isinstance(error, StatementError) else error
        advice = _ADVICE.get(_sqlite_code(error), "look at the database and run again")
        if isinstance(error, DBAPIError) and _is_transient(error):
            advice = f"another process kept the database busy for {self._busy_timeout.total_seconds():g} s; run again"
        kind = LedgerUnwritable if _is_unwritable(error) else LedgerError
        return kind(f"{self.name}: expected the transaction to succeed, found {cause}; {advice}")


def parse_url(url: str) -> URL:
    """Return the address with the driver that the desk uses for it.

    Raises:
        ConfigError: it is neither a SQLite file nor a PostgreSQL database.
    """
    expected = "expected sqlite:///path/to/file.db or postgresql://user:password@host/name"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError(f"database address: {expected}, found no address at all") from None
    driver = _DRIVERS.get(parsed.get_backend_name())
    if driver is None:
        raise ConfigError(f"database address: {expected}, found the kind '{parsed.get_backend_name()}'")
    if driver.startswith("sqlite") and parsed.database in (None, "", ":memory:"):
        raise ConfigError(f"database address: {expected}, found SQLite without a file; the ledger must outlive the run")
    return parsed.set(drivername=driver)


def private_file(path: Path) -> None:
    """Create a file, and the folders above it, for their owner alone; what exists stays as it is.

    Raises:
        LedgerError: the file cannot be created or written.
    """
    folders = [folder for folder in (path.parent, *path.parent.parents) if not folder.exists()]
    try:
        for folder in reversed(folders):
            folder.mkdir(mode=0o700, exist_ok=True)
        # An existing file is not opened: closing it again would give up the locks that SQLite holds on it in this
        # process, since POSIX locks belong to a process and a file and not to a descriptor.
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        elif not path.is_file() or not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise LedgerError(f"{path}: expected a file that can be written, found {error.strerror}") from error


def _reading_options(url: URL) -> dict[str, object]:
    if url.get_backend_name() == "sqlite":
        return {}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _connecting(url: URL, milliseconds: int) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"async_creator": partial(connect, Path(str(url.database)))}
    settings = {"lock_timeout": str(milliseconds), "synchronous_commit": "on", "timezone": "UTC"}
    return {"connect_args": {"server_settings": settings}, "pool_pre_ping": True}


def _prepare_sqlite(connection: DBAPIConnection, milliseconds: int) -> None:
    cursor = connection.cursor()
    # The time-out comes first: switching to WAL takes a lock.
    for pragma in (f"busy_timeout={milliseconds}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("desk_writes", False)
    # A transaction that reads first and writes later fails at once when another wrote in between.
    connection.exec_driver_sql(BEGIN_WRITING if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("desk_writes", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")


def _is_transient(error: DBAPIError) -> bool:
    if error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _TRANSIENT_STATES:
        return True
    return _sqlite_code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _is_unwritable(error: Exception) -> bool:
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return state in _UNWRITABLE_STATES or _sqlite_code(error) in _ADVICE


def _sqlite_code(error: Exception) -> int:
    """SQLite's primary result code, 0 for an error of another kind."""
    code: int = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0)
    return code & 0xFF
