"""How what the fleet holds or may trade moves together, as far as no venue has to be asked for it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from console.services.markets import Markets
from console.services.opening import OpenDesk
from desk.accounts import VenueFeed
from desk.decide.market_facts import correlations
from desk.errors import ConfigError, DataError
from desk.model.candles import Candles
from desk.model.timeframe import Timeframe

TIMEFRAME, CANDLES = Timeframe.H1, 200
"""What is compared: the returns of so many candles of this length."""
MOST = 12
"""How many instruments are compared: each costs candles, and a page bears no more columns."""


@dataclass(frozen=True, slots=True)
class Correlations:
    """How instruments move together.

    Attributes:
        instruments: those that were compared: what is held, then what may be traded.
        known: of returns, in [-1, 1], by the names of two instruments in alphabetical order, with a space; a pair
            with too few returns in common is missing.
        lacking: instruments without candles here: only a venue has them, or a feed cannot be read.
        passed_over: how many more could be compared.
    """

    instruments: tuple[str, ...] = ()
    known: Mapping[str, float] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()
    passed_over: int = 0

    def of(self, one: str, other: str) -> float | None:
        """Return the correlation of two instruments, or None where it is not known."""
        return 1.0 if one == other else self.known.get(" ".join(sorted((one, other))))


async def fleet_correlations(desk: OpenDesk, markets: Markets) -> Correlations:
    """Return how the instruments of the fleet move together; no venue is asked."""
    sources = await _sources(desk)
    within = [(name, account) for name, account in sources.items() if account]
    asked = {name: await _candles(desk, markets, account, name) for name, account in within[:MOST]}
    candles = {name: found for name, found in asked.items() if found is not None}
    known = await asyncio.to_thread(lambda: dict(correlations(candles)))
    lacking = tuple(name for name, account in sources.items() if not account or asked.get(name, True) is None)
    return Correlations(tuple(candles), known, lacking, max(0, len(within) - MOST))


async def _sources(desk: OpenDesk) -> Mapping[str, str]:
    """Every instrument with an account whose feed tells its candles, empty where it is a venue's alone."""
    held = await desk.ledger.fleet_positions(list(desk.fleet.accounts))
    pairs = [(position.instrument, account) for account, positions in held.items() for position in positions]
    pairs += [(name, spec.name) for spec in desk.fleet.accounts.values() for name in spec.instruments]
    found: dict[str, str] = {}
    for name, account in pairs:
        is_of_venue = isinstance(desk.fleet.feed_of(account), VenueFeed)
        found[name] = found.get(name) or ("" if is_of_venue else account)
    return found


async def _candles(desk: OpenDesk, markets: Markets, account: str, instrument: str) -> Candles | None:
    try:
        feed = markets.feed(desk.fleet, account)
        if feed is None:
            return None
        until = markets.now(desk.fleet, account)
        found = await feed.candles(instrument, TIMEFRAME, until=until, count=CANDLES)
    except (ConfigError, DataError):
        return None
    return found if len(found) else None
