"""Who is at work on a ledger: runs that hold an account, processes that have the file open, sessions of the server."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlmodel import col, select

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.schema import find_schema
from desk.adapters.ledger.tables import LeaseRow

_PROCESSES = Path("/proc")
_FIRST_WORDS = 60


async def occupants(database: Database, now: datetime) -> tuple[str, ...]:
    """Return who is at work on a ledger, in words; on SQLite processes of this machine, as far as they can be seen."""
    leases = await _leases(database, now) if "lease" in (await find_schema(database)).tables else ()
    if database.is_sqlite:
        return (*leases, *processes_with(Path(str(database.url.database))))
    return (*leases, *await _sessions(database))


def processes_with(path: Path) -> tuple[str, ...]:
    """Return the other processes that have a file open; none where the system does not tell."""
    if not path.exists():
        return ()
    wanted = path.stat()
    found = (process for process in _PROCESSES.glob("[0-9]*") if process.name != str(os.getpid()))
    return tuple(_describe(process) for process in found if any(_is_same(file, wanted) for file in _files(process)))


async def _leases(database: Database, now: datetime) -> tuple[str, ...]:
    # Of an older schema this table has fewer columns.
    columns = select(LeaseRow.account, LeaseRow.holder, LeaseRow.expires_at)
    held = (col(LeaseRow.holder) != "") & (col(LeaseRow.expires_at) > now)
    async with database.read() as session:
        rows = (await session.exec(columns.where(held).order_by(col(LeaseRow.account)))).all()
    return tuple(f"{account} held by {holder} until {until:%H:%M:%S} UTC" for account, holder, until in rows)


async def _sessions(database: Database) -> tuple[str, ...]:
    query = text(
        "SELECT pid, usename, coalesce(host(client_addr), 'this machine') FROM pg_stat_activity WHERE pid <> "
        "pg_backend_pid() AND datname = current_database() AND backend_type = 'client backend' ORDER BY pid"
    )
    async with database.read() as session:
        rows = (await (await session.connection()).execute(query)).all()
    return tuple(f"session {pid} of {user} from {address}" for pid, user, address in rows)


def _files(process: Path) -> Iterator[Path]:
    try:
        yield from (process / "fd").iterdir()
    except OSError:
        return  # it has ended, or is another user's


def _is_same(file: Path, wanted: os.stat_result) -> bool:
    try:
        return os.path.samestat(file.stat(), wanted)
    except OSError:
        return False  # closed since it was listed


def _describe(process: Path) -> str:
    try:
        words = (process / "cmdline").read_text(errors="replace").replace("\0", " ").strip()
    except OSError:
        words = ""
    return f"process {process.name} ({words[:_FIRST_WORDS]})"
