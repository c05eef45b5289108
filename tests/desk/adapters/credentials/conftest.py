"""A stand-in for Secret Manager, one for all tests of the folder, empty and well for each."""

from collections.abc import Iterator

import pytest

from tests.secret_manager import StandIn, running


@pytest.fixture(scope="session")
def server() -> Iterator[StandIn]:
    with running() as stand_in:
        yield stand_in


@pytest.fixture
def stand_in(server: StandIn) -> StandIn:
    fresh = StandIn(server.address)
    vars(server).update(vars(fresh))
    return server
