"""Both sides of recorded prices as floats on the tick, so that whole stretches of the past can be looked through."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from desk.model.candles import Candles, FloatArray, IntArray, PriceBars
from desk.model.instrument import Instrument, Side

_NEARLY = 1e-7
"""How near to a tick a price is taken for that tick: far more than binary arithmetic is off, far less than a digit."""


@dataclass(frozen=True)
class Sides:
    """What orders in one instrument meet, as floats; within a rounding error the prices of `desk.matching.spread`.

    Attributes:
        candles: of the base timeframe.
        half_spread_bps: put around prices of trades.
    """

    instrument: Instrument
    candles: Candles
    half_spread_bps: float

    def bars(self, side: Side) -> PriceBars:
        """Return what an order of `side` meets in each candle: the ask to buy, the bid to sell."""
        return self._asks if side is Side.BUY else self._bids

    def quotes(self, times: IntArray, side: Side) -> FloatArray:
        """Return what an order of `side` meets at each of the times, in seconds; NaN before the first candle.

        That is the open of the candle that contains the time, or else the close of the last one before.
        """
        rows = np.searchsorted(self.candles.time, times, side="right") - 1
        inside = times < self.candles.time[rows] + self.candles.timeframe.seconds
        opens, closes = self._quoted(side)
        return np.where(rows < 0, np.nan, np.where(inside, opens[rows], closes[rows]))

    @cached_property
    def _asks(self) -> PriceBars:
        return self._shifted(self.candles.ask or self.candles, Side.BUY, self._width)

    @cached_property
    def _bids(self) -> PriceBars:
        return self._shifted(self.candles.bid or self.candles, Side.SELL, self._width)

    @property
    def _width(self) -> float:
        has_both = self.candles.bid is not None and self.candles.ask is not None
        return 0.0 if has_both else self.half_spread_bps

    def _shifted(self, bars: Candles | PriceBars, side: Side, bps: float) -> PriceBars:
        return PriceBars(*(self._on_tick(one, side, bps) for one in (bars.open, bars.high, bars.low, bars.close)))

    def _quoted(self, side: Side) -> tuple[FloatArray, FloatArray]:
        """Opens and closes as quotes give them: the spread is only put around prices that are on the tick."""
        bid, ask = self.candles.bid or self.candles, self.candles.ask or self.candles
        found = []
        for lower, upper in ((bid.open, ask.open), (bid.close, ask.close)):
            bids, asks = self._on_tick(lower, Side.SELL, 0), self._on_tick(upper, Side.BUY, 0)
            own = asks if side is Side.BUY else bids
            widened = self._on_tick(own, side, self.half_spread_bps)
            found.append(np.where(bids == asks, widened, own))
        return found[0], found[1]

    def _on_tick(self, prices: FloatArray, side: Side, bps: float) -> FloatArray:
        tick = float(self.instrument.tick)
        steps = prices * (1 + side.sign * bps / 10_000) / tick
        rounded = np.ceil(steps - _NEARLY) if side is Side.BUY else np.floor(steps + _NEARLY)
        return np.maximum(rounded, 1.0) * tick
