"""Opens the market data that a word of the command stands for: of an account, of a connection, or of a feed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from console.naming import unknown
from desk.accounts import ConnectionSpec, Fleet, VenueFeed, load_fleet
from desk.accounts.connections import CcxtConnection
from desk.adapters.budget.budget import CallBudgets
from desk.adapters.clocks import SystemClock
from desk.adapters.feeds.opening import open_feed
from desk.adapters.ledger.database import Database, parse_url
from desk.adapters.ledger.schema import check_schema
from desk.adapters.settings import settings
from desk.adapters.venue_http.meter import Meter
from desk.adapters.venues.reached import Tools
from desk.adapters.venues.reaching import limits_of, reach, scope_of
from desk.ports import Feed

_REAL = "live"


@asynccontextmanager
async def opened_feed(origin: str) -> AsyncIterator[tuple[str, Feed]]:
    """Give market data and what to call their source, such as `kucoin`, or `oanda-practice` for another world.

    Calls to a venue are taken from the same budget as those of the accounts that trade there.

    Raises:
        NotUnderstood: there is neither an account nor a connection nor a feed of that name.
        ConfigError: a key is missing.
        LedgerError: there is a ledger, and it is not of this version.
    """
    fleet = load_fleet(settings().config)
    feed = fleet.feed_of(origin) if origin in fleet.accounts else fleet.feeds.get(origin)
    connection = feed.connection if isinstance(feed, VenueFeed) else origin
    if feed is not None and not isinstance(feed, VenueFeed):
        yield feed.kind, open_feed(feed, fleet.directory)
    elif connection in fleet.connections:
        spec = fleet.connections[connection]
        async with AsyncExitStack() as stack:
            meter = await _meter(spec, stack)
            reached = reach(connection, spec, Tools(SystemClock(), meter=meter))
            stack.push_async_callback(reached.close)
            yield source_of(spec), reached.market
    else:
        raise unknown("an account, a connection or a feed of accounts.yaml", origin, _known(fleet))


def source_of(spec: ConnectionSpec) -> str:
    """Return what candles of a connection are kept under: the venue, and its world where that is not the real one."""
    venue = spec.exchange if isinstance(spec, CcxtConnection) else spec.kind
    return venue if spec.environment == _REAL else f"{venue}-{spec.environment}"


def _known(fleet: Fleet) -> Sequence[str]:
    return [*fleet.accounts, *fleet.connections, *fleet.feeds]


async def _meter(spec: ConnectionSpec, stack: AsyncExitStack) -> Meter | None:
    """Return the budget of the connection; an installation without a ledger has no accounts that would share it."""
    if not _has_ledger(settings().ledger_url):
        return None
    database = Database.open(settings().ledger_url)
    stack.push_async_callback(database.close)
    await check_schema(database)
    budgets = CallBudgets(database)
    stack.push_async_callback(budgets.close)
    return budgets.meter(scope_of(spec), limits_of(spec))


def _has_ledger(url: str) -> bool:
    parsed = parse_url(url)
    return parsed.get_backend_name() != "sqlite" or Path(str(parsed.database)).exists()
