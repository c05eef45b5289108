"""SQLite for the event loop: statements of microseconds run at once, what waits for a lock or the disk in a thread.

SQLAlchemy talks to it as to an aiosqlite connection, which hands every call to a thread: four hand-overs a statement,
each dearer than the statement itself; a scan made 330 of them and now makes 20.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

BEGIN_WRITING = "BEGIN IMMEDIATE"
"""The one statement that waits for another writer."""


async def connect(path: Path) -> "InlineConnection":
    """Open a file; transactions are begun by the caller alone."""
    # The driver's own BEGIN comes late and is never IMMEDIATE: isolation_level None switches it off.
    return InlineConnection(sqlite3.connect(path, isolation_level=None, check_same_thread=False))


class InlineConnection:
    """The calls of an aiosqlite connection that SQLAlchemy makes."""

    isolation_level: None = None

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._pending: asyncio.Future[None] | None = None
        # Closing a connection while a thread is inside one of its statements ends the process.
        self._in_statement = threading.Lock()
        self._is_stopped = False

    async def cursor(self) -> "InlineCursor":
        """Return a cursor once nothing runs in the thread any more."""
        await self._settle()
        return InlineCursor(self._connection.cursor(), self)

    async def create_function(self, *args: Any, **kwargs: Any) -> None:
        """Register a function for SQL."""
        self._connection.create_function(*args, **kwargs)

    async def commit(self) -> None:
        """Commit, waiting for the disk in a thread."""
        await self._settle()
        if self._connection.in_transaction:
            await self.off_loop(self._connection.commit)

    async def rollback(self) -> None:
        """Roll back."""
        await self._settle()
        self._connection.rollback()

    async def close(self) -> None:
        """Close the file."""
        await self._settle()
        with self._in_statement:
            self._connection.close()

    def stop(self) -> None:
        """Close the file where nothing can be awaited any more: now, or when the thread has left its statement."""
        self._is_stopped = True
        if self._in_statement.acquire(blocking=False):
            try:
                self._connection.close()
            finally:
                self._in_statement.release()

    async def off_loop(self, work: Callable[[], object]) -> None:
        """Run something that may wait in a thread.

        A caller that is cancelled leaves, the work goes on; the next call waits for its end, so that a transaction
        that began after all is rolled back and not left open.
        """
        self._pending = asyncio.ensure_future(asyncio.to_thread(self._guarded, work))
        await asyncio.shield(self._pending)

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            with self._in_statement:
                work()
        finally:
            if self._is_stopped:
                with self._in_statement:  # this thread may wait for whoever is inside for a moment
                    self._connection.close()

    async def _settle(self) -> None:
        pending = self._pending
        if pending is None:
            return
        if not pending.done():
            await asyncio.wait([pending])
        self._pending = None
        # Who waited for it had the error, or was cancelled; asyncio complains of one that nobody looks at.
        pending.exception()


class InlineCursor:
    """The calls of an aiosqlite cursor that SQLAlchemy makes."""

    def __init__(self, cursor: sqlite3.Cursor, connection: InlineConnection) -> None:
        self._cursor = cursor
        self._connection = connection

    @property
    def description(self) -> object:
        """The columns of the result, None where there is none."""
        return self._cursor.description

    @property
    def lastrowid(self) -> int | None:
        """The row that was inserted last."""
        return self._cursor.lastrowid

    @property
    def rowcount(self) -> int:
        """How many rows were changed."""
        return self._cursor.rowcount

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        """Run a statement."""
        if statement == BEGIN_WRITING:
            await self._connection.off_loop(lambda: self._cursor.execute(statement))
        else:
            self._cursor.execute(statement, parameters)

    async def executemany(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once per row."""
        self._cursor.executemany(statement, rows)

    async def fetchall(self) -> list[Any]:
        """Return every row of the result."""
        return self._cursor.fetchall()

    async def close(self) -> None:
        """Give the cursor up."""
        self._cursor.close()
