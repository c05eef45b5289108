"""The market of a crash drill: it rises until everybody wants to buy, and moves in steps from then on.

Prices stand still between the steps, so that a run that is started again some time later meets the same ones.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

import numpy as np

from desk.adapters.feeds.catalogue import CATALOGUE
from desk.matching.quoting import quote_of
from desk.model.assembling import from_bars
from desk.model.books import Quote
from desk.model.candles import Candles, FloatArray, PriceBars
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe

_Times: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.int64]]"

_RISE_A_MINUTE = 0.0005
_REACH = 0.002
"""How far high and low are from the body while prices rise, so that a stop is not closer than a venue takes."""
_SPREAD = 0.0001
_VOLUME = 1_000_000.0

Steps: TypeAlias = Sequence[tuple[timedelta, float]]
"""When a price changes, counted from the end of the rise, and where it is from then on, in parts of that end."""


class SteppedMarket:
    """Implements `desk.ports.Feed` around the clock.

    Args:
        summit: when the rise ends.
        steps: in the order of time.
        steady: instruments that do not follow a step below the summit.
    """

    def __init__(self, summit: datetime, steps: Steps, *, steady: frozenset[str] = frozenset()) -> None:
        self._summit = int(summit.timestamp())
        self._steps = steps
        self._steady = steady

    @property
    def base_timeframe(self) -> Timeframe:
        """One minute."""
        return Timeframe.M1

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return the instruments of the catalogue."""
        return {name: listing.instrument for name, listing in CATALOGUE.items()}

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        """Return `count` candles; there is no beginning."""
        end = int(timeframe.floor(until).timestamp())
        time = np.arange(end - count * timeframe.seconds, end, timeframe.seconds, dtype=np.int64)
        return self._candles(instrument, timeframe, time)

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        """Return the prices at which the minute opened."""
        opened = np.array([int(Timeframe.M1.floor(at).timestamp())], dtype=np.int64)
        known = [CATALOGUE[name].instrument for name in instruments if name in CATALOGUE]
        told = [quote_of(one, self._candles(one.name, Timeframe.M1, opened), at, quiet_for=_MINUTE) for one in known]
        return {quote.instrument: quote for quote in told if quote is not None}

    def _candles(self, instrument: str, timeframe: Timeframe, time: _Times) -> Candles:
        opened, closed = self._prices(instrument, time), self._prices(instrument, time + timeframe.seconds - 1)
        reach = np.where(time < self._summit, _REACH, 0.0)
        high, low = np.maximum(opened, closed) * (1 + reach), np.minimum(opened, closed) * (1 - reach)
        mid = PriceBars(opened, high, low, closed)
        volume = np.full(len(time), _VOLUME)
        return from_bars(instrument, timeframe, time, mid, volume, _shifted(mid, -_SPREAD), _shifted(mid, _SPREAD))

    def _prices(self, instrument: str, time: _Times) -> FloatArray:
        left = np.minimum(0.0, (time - self._summit) / 60)
        price: FloatArray = CATALOGUE[instrument].base_price * np.maximum(0.5, 1 + _RISE_A_MINUTE * left)
        for after, part in self._steps:
            if part >= 0 or instrument not in self._steady:
                is_over = time >= self._summit + after.total_seconds()
                price = np.where(is_over, CATALOGUE[instrument].base_price * (1 + part), price)
        return price


_MINUTE = timedelta(minutes=1)


def _shifted(bars: PriceBars, part: float) -> PriceBars:
    return PriceBars(*(getattr(bars, name) * (1 + part) for name in ("open", "high", "low", "close")))
