"""Runs Prefect's own command line with SQLite transactions that take the write lock when they begin.

Prefect begins them deferred: two that have both read cannot both go on to write, SQLite refuses one at once whatever
its time-out, the server answers 503, and the client waits 2, 4, 8 … seconds. Eight runs in one second are enough for a
minute's delay. With the lock taken first they simply queue. PostgreSQL is not affected.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from prefect.server.database.configurations import SQLITE_BEGIN_MODE, AioSqliteConfiguration
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction


@asynccontextmanager
async def begin_immediate(
    _configuration: AioSqliteConfiguration,
    session: AsyncSession,
    with_for_update: bool = False,  # noqa: FBT001, FBT002 - Prefect's own signature
) -> AsyncGenerator[AsyncSessionTransaction, None]:
    """Stand in for `AioSqliteConfiguration.begin_transaction`."""
    token = SQLITE_BEGIN_MODE.set("IMMEDIATE")
    try:
        async with session.begin() as transaction:
            yield transaction
    finally:
        SQLITE_BEGIN_MODE.reset(token)


def main() -> None:
    """Run `prefect` with the arguments of this process."""
    from prefect.cli import app

    AioSqliteConfiguration.begin_transaction = begin_immediate  # type: ignore[method-assign, assignment]
    app()


if __name__ == "__main__":
    main()
