"""One simulated Aster for the tests of this folder; its clock stands still, and every test begins anew."""

from collections.abc import AsyncIterator, Iterator

import pytest

from simulator.server import Addresses, Plan, simulated
from tests.desk.adapters.venues.aster.simulated import START, Place, place_at


@pytest.fixture(scope="session")
def addresses() -> Iterator[Addresses]:
    with simulated(Plan(venues=("aster",), start=START, speed=0)) as running:
        yield running


@pytest.fixture
async def place(addresses: Addresses) -> AsyncIterator[Place]:
    async with place_at(addresses) as place:
        yield place
