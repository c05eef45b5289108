"""The one view of the past that a strategy gets: closed candles, aligned to its own timeframe."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from desk.errors import GappedCandles
from desk.model.candles import Candles, FloatArray, IntArray
from desk.model.timeframe import Timeframe


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A figure of an instrument that is no candle, such as the imbalance of its order book.

    Attributes:
        known_at: int64, seconds since the epoch (UTC) at which each value was known, increasing.
        values: float64, one element per time.
    """

    known_at: IntArray
    values: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Closed candles of one instrument in one or more timeframes.

    Attributes:
        timeframe: the strategy's own, in which it answers.
        by_timeframe: the candles; the own timeframe is among them.
        series: what else is known, by name; a source that does not have one leaves it out.
        delay: seconds from the close of a candle to the decision about it, 0 or more. What became known in between
            counts for that decision; it is the same for every candle, so that a backtest sees what a scan would have.
    """

    timeframe: Timeframe
    by_timeframe: Mapping[Timeframe, Candles]
    series: Mapping[str, Series] = field(default_factory=dict)
    delay: int = 0

    @property
    def own(self) -> Candles:
        """The candles of the strategy's own timeframe, oldest first."""
        return self.by_timeframe[self.timeframe]

    @property
    def instrument(self) -> str:
        """The instrument's name."""
        return self.own.instrument

    def candles(self, timeframe: Timeframe) -> Candles:
        """Return the candles of one timeframe.

        Raises:
            GappedCandles: the account does not fetch that timeframe; add it to the strategy's `timeframes`.
        """
        if timeframe not in self.by_timeframe:
            have = ", ".join(self.by_timeframe)
            raise GappedCandles(f"{self.instrument}: expected {timeframe} candles, found only {have}")
        return self.by_timeframe[timeframe]

    def align(self, timeframe: Timeframe, values: FloatArray) -> FloatArray:
        """Spread values of a longer timeframe over the own one, without looking ahead.

        Args:
            timeframe: the timeframe that `values` belong to.
            values: one element per candle of `timeframe`.

        Returns:
            One element per own candle: the value of the newest `timeframe` candle that was closed when the own
            candle closed; NaN where there was none.
        """
        return _as_of(self.own.close_times, self.candles(timeframe).close_times, values)

    def latest(self, name: str) -> FloatArray:
        """Return the newest value of a series that was known when each own candle was decided on; NaN for none."""
        found = self.series.get(name)
        return np.full(len(self.own), np.nan) if found is None else _as_of(self._decided, found.known_at, found.values)

    def age(self, name: str) -> FloatArray:
        """Return how old, in seconds, that value was then; NaN for none."""
        found = self.series.get(name)
        if found is None:
            return np.full(len(self.own), np.nan)
        return self._decided - _as_of(self._decided, found.known_at, found.known_at.astype(np.float64))

    @property
    def _decided(self) -> IntArray:
        return self.own.close_times + self.delay


def _as_of(times: IntArray, known_at: IntArray, values: FloatArray) -> FloatArray:
    if len(values) == 0:
        return np.full(len(times), np.nan)
    rows = np.searchsorted(known_at, times, side="right") - 1
    return np.where(rows >= 0, values[np.maximum(rows, 0)], np.nan)
