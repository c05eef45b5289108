"""What an exchange lists, as instruments: spot markets and linear perpetuals with their grids."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from desk.adapters.venues.ccxt.amounts import decimal_of, needed
from desk.adapters.venues.ccxt.calls import CcxtCalls
from desk.adapters.venues.ccxt.library import load_ccxt
from desk.errors import DataError
from desk.model.instrument import Instrument, InstrumentKind

KEEP = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Listing:
    """One market.

    Attributes:
        tradable: whether the exchange takes orders on it.
        unit: base units of one of the units in which the exchange counts: 1, or the size of a contract.
    """

    instrument: Instrument
    tradable: bool
    unit: Decimal


class Catalogue:
    """The exchange's markets, read again after a while."""

    def __init__(self, calls: CcxtCalls, *, keep: timedelta = KEEP) -> None:
        self._calls = calls
        self._keep = keep
        self._asking = asyncio.Lock()
        self._asked_at: datetime | None = None
        self._listings: Mapping[str, Listing] = {}

    async def listings(self) -> Mapping[str, Listing]:
        """Return every market that the desk can trade, by name; one without a grid is left out."""
        async with self._asking:
            now = self._calls.clock.now()
            if self._asked_at is None or not timedelta(0) <= now - self._asked_at < self._keep:
                markets = await self._calls.ask("load_markets", "instruments", self._asked_at is not None)
                mode = self._calls.exchange.precisionMode
                found = (listing_of(market, mode) for market in markets.values())
                self._listings = {one.instrument.name: one for one in found if one is not None}
                self._asked_at = now
        return self._listings

    async def listing(self, name: str) -> Listing:
        """Return one market.

        Raises:
            DataError: the exchange does not list it.
        """
        found = (await self.listings()).get(name)
        if found is None:
            raise DataError(f"expected an instrument that {self._calls.exchange.id} lists, found {name}")
        return found


def listing_of(market: Mapping[str, Any], mode: int) -> Listing | None:
    """Return a market of ccxt's, None where it is of another kind or its grid is not told.

    Args:
        mode: how ccxt writes the exchange's precision.
    """
    linear = bool(market.get("swap") and market.get("linear"))
    if not (market.get("spot") or linear):
        return None
    unit = (decimal_of(market.get("contractSize")) or Decimal(1)) if linear else Decimal(1)
    tick, lot = (step_of(market["precision"].get(name), mode) for name in ("price", "amount"))
    if tick is None or lot is None:
        return None
    limits = market["limits"]
    minimum = decimal_of((limits.get("amount") or {}).get("min")) or lot
    instrument = Instrument(
        market["symbol"],
        InstrumentKind.PERPETUAL if linear else InstrumentKind.SPOT,
        tick=tick,
        lot=lot * unit,
        minimum_quantity=max(minimum, lot) * unit,
        minimum_notional=decimal_of((limits.get("cost") or {}).get("min")) or Decimal(0),
    )
    return Listing(instrument, market.get("active") is not False, unit)


def step_of(precision: Any, mode: int) -> Decimal | None:
    """Return the smallest step that a precision stands for, None where it stands for none.

    A number of significant digits is a step only at a given price. Such markets are left out: a desk that rounds on a
    step of its own would be rounded again by the exchange.
    """
    ccxt = load_ccxt()
    if precision is None or mode == ccxt.SIGNIFICANT_DIGITS:
        return None
    number = needed(precision, "a precision")
    step = Decimal(1).scaleb(-int(number)) if mode == ccxt.DECIMAL_PLACES else number
    return step if step > 0 else None
