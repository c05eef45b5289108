"""Two simulators for the clients that others wrote: one at the present, because they sign with the machine's time.

The other stands still in an open week, for OANDA, whose market is closed on some days on which tests run.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import httpx
import pytest

from simulator.server import Addresses, Plan, simulated
from tests.clients.trading import Outcome, outcome_of
from tests.clients.venues import CLIENTS, MARKETS, Client, skip_without

OPEN_WEEK = datetime(2026, 1, 14, 15, 2, 20, tzinfo=UTC)


@pytest.fixture(scope="session")
def simulators() -> Iterator[Mapping[str, Addresses]]:
    present = [venue for venue in MARKETS if venue != "oanda"]
    standing = Plan(venues=["oanda"], start=OPEN_WEEK, speed=0)
    with simulated(standing) as still, simulated(Plan(venues=present)) as running:
        yield {"oanda": still, **dict.fromkeys(present, running)}


@pytest.fixture(scope="module", params=CLIENTS, ids=lambda client: client.name)
def outcome(request) -> Outcome:
    """What one client was told, and the truth after it."""
    client: Client = request.param
    skip_without(client.environment)
    addresses = request.getfixturevalue("simulators")[client.venue]
    with httpx.Client(base_url=addresses.admin) as admin:
        return outcome_of(client, addresses.venues, admin)
