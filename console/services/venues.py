"""The connections of a fleet: who uses them, and whether the venues behind them answer as they should."""

from collections.abc import Iterator

from desk.accounts import AccountSpec, Fleet, VenueFeed
from desk.adapters.clocks import SystemClock
from desk.adapters.venues.examining import Answer, Examination
from desk.adapters.venues.reached import Tools
from desk.adapters.venues.reaching import reach


def users_of(fleet: Fleet, connection: str) -> Iterator[AccountSpec]:
    """Yield the accounts that trade over a connection, or take their prices from it."""
    for account in fleet.accounts.values():
        feed = fleet.feeds[account.feed]
        if account.connection == connection or (isinstance(feed, VenueFeed) and feed.connection == connection):
            yield account


async def examine(fleet: Fleet, connection: str) -> tuple[Answer, ...]:
    """Ask the venue of a connection one question of each kind.

    Raises:
        ConfigError: a key is missing, or is none.
    """
    clock = SystemClock()
    reached = reach(connection, fleet.connections[connection], Tools(clock))
    try:
        users = [account for account in users_of(fleet, connection) if account.connection == connection]
        return await Examination(reached, users[0] if users else None, clock.now()).answers()
    finally:
        await reached.close()
