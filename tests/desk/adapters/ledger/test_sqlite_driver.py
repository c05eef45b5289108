"""The SQLite driver: what a cancelled caller leaves behind is ended by the thread that is in it, never under it."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from desk.adapters.ledger.sqlite_driver import BEGIN_WRITING, InlineConnection, connect


@pytest.fixture
async def waiting(tmp_path: Path):
    """A connection whose thread waits for the write lock, and the connection that holds it."""
    path = tmp_path / "desk.db"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("CREATE TABLE t (a)")
    holder.execute(BEGIN_WRITING)
    connection = await connect(path)
    cursor = await connection.cursor()
    await cursor.execute("PRAGMA busy_timeout=5000")
    beginning = asyncio.ensure_future(cursor.execute(BEGIN_WRITING))
    await asyncio.sleep(0.05)
    yield connection, holder, beginning
    holder.close()


def is_closed(connection: InlineConnection) -> bool:
    with connection._in_statement:
        try:
            connection._connection.execute("SELECT 1")
        except sqlite3.ProgrammingError:
            return True
    return False


async def test_a_connection_that_is_stopped_inside_a_statement_is_closed_when_the_statement_ends(waiting):
    connection, holder, beginning = waiting
    connection.stop()
    holder.execute("ROLLBACK")
    await asyncio.wait_for(beginning, 5)
    assert is_closed(connection)


async def test_a_connection_whose_caller_was_cancelled_twice_is_still_closed_and_holds_no_lock(waiting):
    connection, holder, beginning = waiting
    beginning.cancel()
    closing = asyncio.ensure_future(connection.close())
    await asyncio.sleep(0.05)
    closing.cancel()
    connection.stop()
    holder.execute("ROLLBACK")
    await asyncio.wait({beginning, closing})
    for _ in range(100):
        if is_closed(connection):
            break
        await asyncio.sleep(0.02)
    assert is_closed(connection)
    holder.execute(BEGIN_WRITING)


async def test_a_connection_at_rest_is_closed_at_once(tmp_path: Path):
    connection = await connect(tmp_path / "desk.db")
    connection.stop()
    assert is_closed(connection)
