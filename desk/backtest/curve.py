"""An account's equity over the time of a backtest, and what each of its days and months made of it."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from desk.model.candles import FloatArray, IntArray

DAY = 86_400
YEAR = 365 * DAY
"""A year of every figure that is for a year, in seconds: the usual one of markets that never close."""

_RUIN = 1e-12
"""Of the start: with no more than that left, what comes after it is not a fraction of anything."""


@dataclass(frozen=True, slots=True, eq=False)
class EquityCurve:
    """Equity at each moment that was looked at; the first is what the account began with.

    Attributes:
        time: int64, seconds since the epoch (UTC), strictly increasing.
        value: float64, in account currency; the first is above 0, later ones may be below.
    """

    time: IntArray
    value: FloatArray

    def __post_init__(self) -> None:
        assert len(self.time) == len(self.value), (len(self.time), len(self.value))
        if len(self.value):
            assert self.value[0] > 0, f"expected equity above 0 at the start, found {self.value[0]}"
            assert np.isfinite(self.value).all(), "expected equity that is a number at every time"
            assert (self.time[1:] > self.time[:-1]).all(), "expected times that increase"

    def __len__(self) -> int:
        return len(self.time)

    @property
    def seconds(self) -> int:
        """From the first to the last moment; 0 below two."""
        return int(self.time[-1] - self.time[0]) if len(self) else 0

    def at(self, place: int) -> datetime:
        """Return the time of a place."""
        return moment(int(self.time[place]))

    def daily(self) -> "EquityCurve":
        """Return the start, and the last equity of each UTC day that has any; see `day_of` for which day that is."""
        return self._last_of_each(day_of(self.time))

    def monthly(self) -> "EquityCurve":
        """Return the start, and the last equity of each month."""
        days = day_of(self.time).astype("datetime64[D]")
        return self._last_of_each(days.astype("datetime64[M]").astype(np.int64))

    def returns(self) -> FloatArray:
        """Return the change from each place to the next as a fraction; what comes after ruin has none."""
        ruined = np.flatnonzero(self.value <= _RUIN * self.value[0]) if len(self) else self.time
        value = self.value[: ruined[0] + 1] if len(ruined) else self.value
        return value[1:] / value[:-1] - 1

    def _last_of_each(self, periods: IntArray) -> "EquityCurve":
        if len(self) == 0:
            return self
        ends = np.flatnonzero(np.append(periods[1:] != periods[:-1], True))
        places = ends if ends[0] == 0 else np.append(0, ends)
        return EquityCurve(self.time[places], self.value[places])


def day_of(time: IntArray) -> IntArray:
    """Return the UTC day of each time, counted from the epoch; midnight ends the day before it, as a candle's close."""
    return (time - 1) // DAY


def moment(seconds: int) -> datetime:
    """Return the time of so many seconds since the epoch."""
    return datetime.fromtimestamp(seconds, tz=UTC)
