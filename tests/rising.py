"""A market in which every price rises all the time, so that what follows trends buys whenever a test runs."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from desk.adapters.feeds.catalogue import CATALOGUE
from desk.matching.quoting import quote_of
from desk.model.assembling import from_bars
from desk.model.books import Quote
from desk.model.candles import Candles, FloatArray, PriceBars
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe

_RISE_A_MINUTE = 0.0005
_REACH = 0.002
"""How far high and low are from the body, so that a stop is not closer than a venue takes."""
_SPREAD = 0.0001


class RisingFeed:
    """Implements `desk.ports.Feed` around the clock.

    Args:
        since: when the rise began.
    """

    def __init__(self, since: datetime) -> None:
        self._since = since.timestamp()

    @property
    def base_timeframe(self) -> Timeframe:
        return Timeframe.M1

    async def instruments(self) -> Mapping[str, Instrument]:
        return {name: listing.instrument for name, listing in CATALOGUE.items()}

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        end = int(timeframe.floor(until).timestamp())
        time = np.arange(end - count * timeframe.seconds, end, timeframe.seconds, dtype=np.int64)
        return self._candles(instrument, timeframe, time)

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        opened = np.array([int(Timeframe.M1.floor(at).timestamp())], dtype=np.int64)
        told = {
            name: quote_of(
                CATALOGUE[name].instrument,
                self._candles(name, Timeframe.M1, opened),
                at,
                quiet_for=timedelta(minutes=1),
            )
            for name in instruments
            if name in CATALOGUE
        }
        return {name: quote for name, quote in told.items() if quote is not None}

    def _candles(
        self, instrument: str, timeframe: Timeframe, time: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    ) -> Candles:
        opened, closed = self._price(instrument, time), self._price(instrument, time + timeframe.seconds)
        mid = PriceBars(opened, closed * (1 + _REACH), opened * (1 - _REACH), closed)
        volume = np.full(len(time), 1_000.0)
        return from_bars(instrument, timeframe, time, mid, volume, _shifted(mid, -_SPREAD), _shifted(mid, _SPREAD))

    def _price(self, instrument: str, time: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> FloatArray:
        minutes = np.maximum(0.0, (time - self._since) / 60)
        price: FloatArray = CATALOGUE[instrument].base_price * (1 + _RISE_A_MINUTE * minutes)
        return price


def _shifted(bars: PriceBars, part: float) -> PriceBars:
    return PriceBars(*(getattr(bars, name) * (1 + part) for name in ("open", "high", "low", "close")))
