"""One simulator of all venues for the tests of this folder; its clock stands still, and every test begins anew."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.ledger.schema import upgrade
from simulator.server import Addresses, Plan, simulated
from tests.contracts.venues.bench import Bench, VenueCase
from tests.simulator.conftest import START, Steering


@pytest.fixture(scope="session")
def addresses() -> Iterator[Addresses]:
    with simulated(Plan(start=START, speed=0)) as running:
        yield running


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the schema, to be copied."""
    path = tmp_path_factory.mktemp("ledger") / "desk.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def steering(addresses) -> Iterator[Steering]:
    """The admin port; a client for each test would take longer to make than most tests."""
    steering = Steering(addresses.admin)
    with steering.http:
        yield steering


@pytest.fixture
def steer(steering: Steering) -> Steering:
    """The admin port of a simulator that begins anew."""
    steering.post("/reset")
    return steering


@pytest.fixture
async def bench(case: VenueCase, addresses, steer, empty_ledger, tmp_path) -> AsyncIterator[Bench]:
    """An account at the venue that the test is parametrised with."""
    shutil.copy(empty_ledger, tmp_path / "desk.db")
    address = addresses.venues.get(case.wire, "")
    async with Bench(case, steer=steer, address=address, database=f"sqlite:///{tmp_path / 'desk.db'}") as opened:
        yield opened


@pytest.fixture
async def ledger(bench: Bench) -> AsyncIterator[Ledger]:
    """The ledger of the bench, at its time."""
    database = Database.open(bench.database)
    yield Ledger(database, bench.clock)
    await database.close()
