"""The perpetuals that Aster lists, with their grids, as of a few minutes ago at most."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from desk.adapters.venues.aster.calls import AsterCalls
from desk.adapters.venues.aster.errors import VENUE
from desk.adapters.venues.aster.names import name_of, symbol_of
from desk.adapters.venues.aster.wire import EXCHANGE, FilterWire, SymbolWire
from desk.errors import VenueUnavailable
from desk.model.instrument import Instrument, InstrumentKind
from desk.ports import Clock

KEEP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Listing:
    """One perpetual.

    Attributes:
        symbol: the venue's name.
        tradable: whether the venue takes orders on it.
    """

    symbol: str
    instrument: Instrument
    tradable: bool


class Catalogue:
    """What the venue lists, asked for again after a while.

    Args:
        known: names that are ours whatever the venue lists: one that it lists no more may still have fills.
    """

    def __init__(self, calls: AsterCalls, clock: Clock, *, known: Iterable[str] = (), keep: timedelta = KEEP) -> None:
        self._calls = calls
        self._clock = clock
        self._keep = keep
        self._asking = asyncio.Lock()
        self._asked_at: datetime | None = None
        self._listings: Mapping[str, Listing] = {}
        self._names = {symbol: name for name in known if (symbol := symbol_of(name)) is not None}

    async def listings(self) -> Mapping[str, Listing]:
        """Return every perpetual, by our name.

        Markets that are not perpetuals are left out, and those whose grid or name is not of the usual form.
        """
        async with self._asking:
            now = self._clock.now()
            if self._asked_at is None or not timedelta(0) <= now - self._asked_at < self._keep:
                told = await self._calls.ask("exchangeInfo", "instruments", EXCHANGE)
                found = (_listing(symbol) for symbol in told.symbols)
                self._listings = {one.instrument.name: one for one in found if one is not None}
                self._names |= {one.symbol: name for name, one in self._listings.items()}
                self._asked_at = now
        return self._listings

    async def name(self, symbol: str) -> str:
        """Return our name of one of the venue's symbols.

        Raises:
            VenueUnavailable: the venue does not list it; what it told of it cannot be read.
        """
        if symbol not in self._names:
            await self.listings()
        if symbol not in self._names:
            told = "the venue does not list this perpetual"
            raise VenueUnavailable(VENUE, f"name of {symbol}", "NOT_LISTED", told)
        return self._names[symbol]


def _listing(wire: SymbolWire) -> Listing | None:
    name = name_of(wire.base, wire.quote, wire.margin)
    rules = {rule.kind: rule for rule in wire.filters}
    price, lot = rules.get("PRICE_FILTER"), rules.get("LOT_SIZE")
    if wire.contract != "PERPETUAL" or symbol_of(name) != wire.symbol or price is None or lot is None:
        return None
    if not price.tick or not lot.step:
        return None
    instrument = _instrument(name, price.tick, lot, rules.get("MARKET_LOT_SIZE", lot), rules.get("MIN_NOTIONAL"))
    return Listing(wire.symbol, instrument, tradable=wire.status == "TRADING")


def _instrument(
    name: str, tick: Decimal, lot: FilterWire, market: FilterWire, notional: FilterWire | None
) -> Instrument:
    """The grid on which both market and limit orders are taken: the coarser step, the larger minimum."""
    nothing = Decimal(0)
    step = max(lot.step or nothing, market.step or nothing)
    minimum = max(lot.minimum or nothing, market.minimum or nothing, step)
    least = (notional.notional if notional else None) or nothing
    return Instrument(name, InstrumentKind.PERPETUAL, tick, step, minimum, least)
