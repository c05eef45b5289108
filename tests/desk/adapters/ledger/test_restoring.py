"""Restoring: never a bad backup, never under a desk at work, at once or not at all, and what was there is kept."""

import asyncio
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from desk.adapters.ledger.backup import back_up
from desk.adapters.ledger.checksums import checksum_file
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.restoring import restore
from desk.adapters.ledger.schema import HEAD
from desk.adapters.ledger.verifying import verify
from desk.errors import LedgerError
from desk.ports import Lease
from tests.builders import CLOSE, intent
from tests.desk.adapters.ledger.scenarios import TTL, a_day
from tests.desk.adapters.ledger.test_verifying import spoil_pages

ROOT = Path(__file__).parents[4]
LATER = CLOSE + timedelta(hours=1)


async def test_a_ledger_is_put_back_as_it_was_and_what_was_there_is_kept(database: Database, tmp_path: Path) -> None:
    ledger = Ledger(database)
    await a_day(ledger)
    digest = await ledger.digest()
    backup = await back_up(database, tmp_path / "copy")
    await ledger.store_intents([intent("sd-after")])
    await database.close()
    done = await restore(_url(database), backup.path, keep_in=tmp_path, now=LATER)
    assert (done.revision, done.needs_upgrade) == (HEAD, False)
    assert await ledger.digest() == digest
    assert not any(check.bad for check in await verify(database))
    await database.close()
    assert done.kept is not None
    assert (await restore(_url(database), done.kept, keep_in=tmp_path, now=LATER + TTL)).kept is not None
    assert "sd-after" in {order.client_order_id for order in await ledger.planned_orders("sample")}


@pytest.fixture(autouse=True)
def _programs(postgres_programs: None) -> None:
    """Restoring PostgreSQL needs them."""


async def test_a_ledger_can_be_restored_where_there_is_none(backup: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'fresh' / 'desk.db'}"
    assert (await restore(url, backup, keep_in=tmp_path, now=LATER)).kept is None
    assert [path.name for path in (tmp_path / "fresh").iterdir()] == ["desk.db"]
    opened = Database.open(url)
    assert len(await Ledger(opened).trades("sample")) == 3
    await opened.close()


async def test_a_held_account_keeps_its_ledger_and_its_holder_is_named(database: Database, tmp_path: Path) -> None:
    lease = await Ledger(database).acquire_lease("sample", "run-1", LATER, TTL, venue="oanda")
    backup = await back_up(database, tmp_path / "copy")
    await database.close()
    with pytest.raises(LedgerError, match="found sample held by run-1 until 16:02:00 UTC; stop the desk"):
        await restore(_url(database), backup.path, keep_in=tmp_path, now=LATER)
    assert lease == Lease("sample", "run-1", 1)
    assert (await restore(_url(database), backup.path, keep_in=tmp_path, now=LATER + TTL)).kept is not None


async def test_another_process_that_has_the_ledger_open_is_named(database: Database, tmp_path: Path) -> None:
    backup = await back_up(database, tmp_path / "copy")
    await database.close()
    idle = await asyncio.create_subprocess_exec(
        sys.executable, "-c", IDLE, _url(database), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert idle.stdout is not None
        await idle.stdout.readline()
        named = rf"process {idle.pid} \(.*python" if database.is_sqlite else r"session \d+ of postgres from"
        with pytest.raises(LedgerError, match=f"expected a ledger that nobody works on, found {named}"):
            await restore(_url(database), backup.path, keep_in=tmp_path, now=LATER)
    finally:
        idle.kill()
        await idle.communicate()


IDLE = """
import asyncio, sys
from desk.adapters.ledger.database import Database

async def main():
    database = Database.open(sys.argv[1])
    async with database.read():
        pass
    print("open", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_a_connection_that_no_list_shows_keeps_the_ledger_too(
    sqlite: Database, backup: Path, tmp_path: Path
) -> None:
    """As on a system without /proc: SQLite itself knows that somebody has the file open."""
    async with sqlite.read():
        pass  # the connection stays open
    with pytest.raises(LedgerError, match="database is locked; nothing was changed, stop the desk"):
        await restore(_url(sqlite), backup, keep_in=tmp_path, now=LATER)
    assert await Ledger(sqlite).trades("sample") == ()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("spoiled", "expected a database without damage"),
        ("changed", "expected the checksum"),
        ("no database", "file is not a database"),
        ("truncated", "malformed|without damage"),
        ("an orphan", "of order_event: expected its row of order, found none"),
        ("newer", f"expected schema {HEAD} or an older one, found the newer 9999"),
        ("half migrated", "found a half-migrated one"),
        ("empty", "no tables at all"),
        ("missing", "No such file"),
    ],
)
async def test_a_bad_backup_changes_nothing(
    sqlite: Database, backup: Path, tmp_path: Path, how: str, words: str
) -> None:
    if how != "changed":
        checksum_file(backup).unlink()
    _spoil(backup, how)
    await Ledger(sqlite).store_intents([intent("sd-present")])
    await sqlite.close()
    before = _contents(Path(str(sqlite.url.database)))
    with pytest.raises(LedgerError, match=words):
        await restore(_url(sqlite), backup, keep_in=tmp_path, now=LATER)
    assert _contents(Path(str(sqlite.url.database))) == before


async def test_an_older_backup_is_restored_and_has_to_be_upgraded(
    sqlite: Database, backup: Path, tmp_path: Path
) -> None:
    checksum_file(backup).unlink()
    _execute(backup, "UPDATE alembic_version SET version_num = '0001'")
    await sqlite.close()
    done = await restore(_url(sqlite), backup, keep_in=tmp_path, now=LATER)
    assert (done.revision, done.needs_upgrade) == ("0001", True)


@pytest.mark.parametrize("how", ["spoiled", "no database", "truncated"])
async def test_a_damaged_ledger_is_replaced_and_set_aside(
    sqlite: Database, backup: Path, tmp_path: Path, how: str
) -> None:
    await a_day(Ledger(sqlite), "other")
    await sqlite.close()
    _spoil(Path(str(sqlite.url.database)), how)
    done = await restore(_url(sqlite), backup, keep_in=tmp_path, now=LATER)
    assert done.kept is not None
    assert done.kept.exists()
    assert not any(check.bad for check in await verify(sqlite))
    assert len(await Ledger(sqlite).trades("sample")) == 3


async def test_a_process_that_dies_while_it_restores_leaves_the_ledger_as_it_was(
    sqlite: Database, backup: Path, tmp_path: Path
) -> None:
    await a_day(Ledger(sqlite), "other")
    digest = await Ledger(sqlite).digest()
    await sqlite.close()
    dying = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DYING, str(sqlite.url.database), str(backup), cwd=ROOT
    )
    assert await dying.wait() == 9
    assert await Ledger(sqlite).digest() == digest
    assert not any(check.bad for check in await verify(sqlite))


DYING = """
import os, sys
from pathlib import Path
from desk.adapters.ledger.files import open_file
from desk.adapters.ledger.restoring import _sole_use

with _sole_use(Path(sys.argv[1])) as opened:
    opened.execute("PRAGMA cache_size=4")  # so that pages reach the file before the end
    open_file(Path(sys.argv[2])).backup(opened, pages=8, progress=lambda *left: left[1] < 40 and os._exit(9))
"""


@pytest.mark.postgres
async def test_a_restored_postgresql_ledger_of_an_older_schema_has_nothing_of_the_newer_one(
    postgres: Database, tmp_path: Path
) -> None:
    async with postgres.write() as session:
        for statement in (
            "DROP TABLE adjustment",
            "UPDATE alembic_version SET version_num = '0003'",
        ):
            await (await session.connection()).execute(text(statement))
    backup = await back_up(postgres, tmp_path / "old.dump")
    async with postgres.write() as session:
        await (await session.connection()).execute(text("CREATE TABLE adjustment (x int)"))
    await postgres.close()
    assert (await restore(_url(postgres), backup.path, keep_in=tmp_path, now=LATER)).needs_upgrade
    async with postgres.read() as session:
        found = await (await session.connection()).execute(text("SELECT to_regclass('adjustment')"))
        assert found.scalar() is None
    await postgres.close()


@pytest.fixture
async def backup(sqlite_template: Path, tmp_path: Path) -> Path:
    """A backup of an SQLite ledger with a day in it."""
    (tmp_path / "away").mkdir()
    opened = Database.open(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'away' / 'desk.db')}")
    await a_day(Ledger(opened))
    done = await back_up(opened, tmp_path / "away" / "copy.db")
    await opened.close()
    return done.path


def _url(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def _spoil(path: Path, how: str) -> None:
    if how in ("spoiled", "changed"):
        spoil_pages(path)
    elif how == "no database":
        path.write_bytes(b"lorem ipsum " * 1000)
    elif how == "truncated":
        os.truncate(path, path.stat().st_size // 8192 * 4096)
    elif how == "an orphan":
        _execute(path, "DELETE FROM \"order\" WHERE client_order_id = 'sd-sample-1500'")
    elif how == "newer":
        _execute(path, "UPDATE alembic_version SET version_num = '9999'")
    elif how == "half migrated":
        _execute(path, "DROP TABLE equity")
    elif how == "missing":
        path.unlink()
    else:
        path.write_bytes(b"")


def _execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute(statement)


def _contents(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as opened:
        return list(opened.iterdump())
