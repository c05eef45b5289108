"""Backups: of one moment while others write, whole or not there, and private; PostgreSQL's through its own programs."""

import asyncio
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest

from desk.adapters.ledger.backup import back_up, backup_name, check_dump, prune
from desk.adapters.ledger.checksums import check_checksum, checksum_file
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.files import arriving
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import HEAD
from desk.errors import LedgerError
from tests.builders import CLOSE
from tests.desk.adapters.ledger.scenarios import a_day
from tests.desk.adapters.ledger.test_verifying import spoil_pages

ROOT = Path(__file__).parents[4]
WRITER = """
import asyncio, sys
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from tests.builders import intent

async def main():
    ledger = Ledger(Database.open(sys.argv[1]))
    for number in range(1_000_000):
        await ledger.store_intents([intent(f"sd-{number}-a"), intent(f"sd-{number}-b")])
        print(number, flush=True)

asyncio.run(main())
"""


async def test_a_backup_is_of_one_moment_while_a_worker_writes(sqlite: Database, tmp_path: Path) -> None:
    async with _writing(sqlite.url.render_as_string(hide_password=False)) as writer:
        counts = []
        for number in range(3):
            before = await _read_lines(writer, 5)
            done = await back_up(sqlite, tmp_path / f"copy-{number}.db")
            orders, events = _count(done.path, "order"), _count(done.path, "order_event")
            assert orders == events
            assert orders % 2 == 0
            assert orders >= 2 * (before + 1)
            counts.append(orders)
        await _read_lines(writer, 5)  # it goes on
    assert counts == sorted(set(counts))


async def test_a_backup_is_one_private_file_with_its_checksum_beside_it(sqlite: Database, tmp_path: Path) -> None:
    await a_day(Ledger(sqlite))
    done = await back_up(sqlite, tmp_path / "new" / "copy.db")
    assert {path.name for path in done.path.parent.iterdir()} == {"copy.db", "copy.db.sha256"}
    assert stat.S_IMODE(done.path.stat().st_mode) == 0o600
    assert (done.revision, done.size_bytes) == (HEAD, done.path.stat().st_size)
    subprocess.run(["sha256sum", "--check", "--quiet", "copy.db.sha256"], cwd=done.path.parent, check=True)  # noqa: ASYNC221
    assert check_checksum(done.path)


async def test_a_name_that_is_taken_is_not_written_over(sqlite: Database, tmp_path: Path) -> None:
    taken = tmp_path / "copy.db"
    taken.touch()
    with pytest.raises(LedgerError, match="expected a name that is free"):
        await back_up(sqlite, taken)
    assert taken.stat().st_size == 0


async def test_a_damaged_ledger_gives_no_backup(sqlite: Database, tmp_path: Path) -> None:
    await a_day(Ledger(sqlite))
    await sqlite.close()
    spoil_pages(Path(str(sqlite.url.database)))
    with pytest.raises(LedgerError, match="without damage, found"):
        await back_up(sqlite, tmp_path / "backups" / "copy.db")
    assert list((tmp_path / "backups").iterdir()) == []


async def test_a_backup_that_does_not_fit_leaves_no_half_file(sqlite: Database, tmp_path: Path) -> None:
    await a_day(Ledger(sqlite))
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", FULL_DISK, sqlite.url.render_as_string(), str(tmp_path / "backups" / "copy.db")),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await child.communicate()
    assert b"LedgerError" in said
    assert list((tmp_path / "backups").iterdir()) == []


FULL_DISK = """
import asyncio, resource, signal, sys
from pathlib import Path
from desk.adapters.ledger.backup import back_up
from desk.adapters.ledger.database import Database

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    asyncio.run(back_up(Database.open(sys.argv[1]), Path(sys.argv[2])))
except Exception as error:
    print(type(error).__name__, error)
"""


def test_a_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "copy.db"
    with arriving(path) as partial:
        partial.write_bytes(b"half")
        assert not path.exists()
    assert path.read_bytes() == b"half"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_was_changed_is_not_what_its_checksum_says(tmp_path: Path) -> None:
    path = tmp_path / "copy.db"
    path.write_bytes(b"content")
    assert not check_checksum(path)
    checksum_file(path).write_text("0" * 64 + "  copy.db\n")
    with pytest.raises(LedgerError, match=f"expected the checksum {'0' * 64} of copy.db.sha256"):
        check_checksum(path)
    with pytest.raises(LedgerError, match="No such file"):
        check_checksum(tmp_path / "none.db")


def test_only_the_oldest_named_backups_are_deleted(sqlite: Database, tmp_path: Path) -> None:
    names = [backup_name(sqlite, CLOSE + timedelta(hours=hours)) for hours in range(4)]
    assert names[0] == "desk-20260114T150000Z.db"
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in (*names, names[0] + ".sha256", "my-own.db"):
        (folder / name).touch()
    assert [path.name for path in prune(folder, 2)] == names[:2]
    assert {path.name for path in folder.iterdir()} == {*names[2:], "my-own.db"}
    assert prune(folder, 2) == ()


@pytest.mark.postgres
async def test_a_backup_of_postgresql_is_a_dump_that_tells_its_schema(
    postgres: Database, tmp_path: Path, postgres_programs: None
) -> None:
    await a_day(Ledger(postgres))
    path = tmp_path / backup_name(postgres, CLOSE)
    done = await back_up(postgres, path)
    assert path.suffix == ".dump"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (done.revision, check_dump(path)) == (HEAD, HEAD)
    with path.open("r+b") as file:
        file.seek(200)
        file.write(b"\xee")
    with pytest.raises(LedgerError, match="expected the checksum"):
        check_dump(path)


@pytest.mark.postgres
async def test_without_postgresql_s_programs_there_is_a_clear_word_and_no_file(
    postgres: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        LedgerError, match="pg_dump: expected the program on the PATH, found none; install PostgreSQL's"
    ):
        await back_up(postgres, tmp_path / "copy.dump")
    assert not (tmp_path / "copy.dump").exists()


@pytest.mark.postgres
async def test_a_program_that_fails_is_told_in_its_own_words(tmp_path: Path, postgres_programs: None) -> None:
    (tmp_path / "no.dump").write_bytes(b"no dump")
    with pytest.raises(
        LedgerError, match=r"pg_restore: expected it to succeed, found .*not appear to be a valid archive"
    ):
        check_dump(tmp_path / "no.dump")


@asynccontextmanager
async def _writing(url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield writer
    finally:
        writer.kill()
        await writer.communicate()


async def _read_lines(writer: asyncio.subprocess.Process, count: int) -> int:
    assert writer.stdout is not None
    return [int(await writer.stdout.readline()) for _ in range(count)][-1]


def _count(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as opened:
        (count,) = opened.execute(f'SELECT count(*) FROM "{table}"').fetchone()
    assert not path.with_name(f"{path.name}-wal").exists()
    return int(count)
