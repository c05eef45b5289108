"""One ground of all venues for the tests of this folder, on which the first two parts of the story are lived."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from drill.crashes.databases import POSTGRESQL, SQLITE, Databases, PostgresServer, SqliteFiles
from drill.crashes.drilling import Ground, ground
from drill.crashes.fleet import VENUES
from tests.desk.adapters.conftest import postgres_server  # noqa: F401 - a fixture of ours as well

PARTS = 2
"""The scan that enters, and the watch after it: whatever went wrong there is seen at their end."""


@pytest.fixture(scope="module")
def crash_ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("crashes"), list(VENUES.values()), parts=PARTS) as opened:
        yield opened


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Databases]:
    return {SQLITE: SqliteFiles(Path(tmp_path_factory.mktemp("ledgers")))}


@pytest.fixture(scope="module")
def servers(request: pytest.FixtureRequest) -> Mapping[str, Databases]:
    return {POSTGRESQL: PostgresServer(request.getfixturevalue("postgres_server"))}
