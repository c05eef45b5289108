"""Closed candles of one instrument as validated arrays: what every decision is made from."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from math import floor
from typing import TYPE_CHECKING, Self, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from desk.errors import MalformedCandles
from desk.model.timeframe import Timeframe

if TYPE_CHECKING:  # pandas costs 0.4 s to import and is wanted at the edges only
    import pandas as pd

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
Array = TypeVar("Array", FloatArray, IntArray)


@dataclass(frozen=True, slots=True, eq=False)
class PriceBars:
    """Open, high, low and close of one side of the market, float64, one element per candle."""

    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray

    def __getitem__(self, rows: slice) -> "PriceBars":
        return PriceBars(self.open[rows], self.high[rows], self.low[rows], self.close[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Candles:
    """Closed candles, oldest first; validated once, here.

    Attributes:
        instrument: the name, for example `EUR/USD`.
        timeframe: the length of every candle.
        time: int64, open times in seconds since the epoch (UTC), strictly increasing, on the timeframe's boundaries.
        open, high, low, close: float64, finite and positive; mid prices where `bid` and `ask` are known.
        volume: float64, finite, zero or more; in base units, or ticks where the venue counts those.
        bid, ask: the two sides, or None where the source has trades only.

    Raises:
        MalformedCandles: naming the instrument, the rule and the first candle that breaks it.
    """

    instrument: str
    timeframe: Timeframe
    time: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    bid: PriceBars | None = None
    ask: PriceBars | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", _frozen(np.ascontiguousarray(self.time, dtype=np.int64)))
        for name in ("open", "high", "low", "close", "volume"):
            object.__setattr__(self, name, _frozen_floats(getattr(self, name)))
        for name in ("bid", "ask"):
            side: PriceBars | None = getattr(self, name)
            if side is not None:
                bars = PriceBars(*(_frozen_floats(getattr(side, field.name)) for field in fields(PriceBars)))
                object.__setattr__(self, name, bars)
        self._validate()

    def __len__(self) -> int:
        return len(self.time)

    @property
    def closed_at(self) -> datetime:
        """The close time of the newest candle; the collection must not be empty."""
        return datetime.fromtimestamp(int(self.time[-1]) + self.timeframe.seconds, tz=UTC)

    @property
    def close_times(self) -> IntArray:
        """Close times in seconds since the epoch, one element per candle."""
        return self.time + self.timeframe.seconds

    def until(self, at: datetime) -> Self:
        """Return the candles that were closed at `at`."""
        return self[: self.rows_until(at.timestamp())]

    def rows_until(self, seconds: float) -> int:
        """Return how many candles were closed so many seconds after the epoch."""
        # A whole number, because numpy would turn all times into floats to compare them with one.
        return int(self.time.searchsorted(floor(seconds) - self.timeframe.seconds, side="right"))

    def since(self, at: datetime) -> Self:
        """Return the candles that opened at `at` or later."""
        return self[int(np.searchsorted(self.time, at.timestamp(), side="left")) :]

    def tail(self, count: int) -> Self:
        """Return the newest `count` candles, or all where there are fewer."""
        return self[max(0, len(self) - count) :]

    def __getitem__(self, rows: slice) -> Self:
        """Return a contiguous part without validating it again."""
        part = object.__new__(type(self))
        for name in _WHOLE:
            object.__setattr__(part, name, getattr(self, name))
        for name in _SLICED:
            value = getattr(self, name)
            object.__setattr__(part, name, None if value is None else value[rows])
        return part

    @property
    def frame(self) -> "pd.DataFrame":
        """The same candles as a pandas frame indexed by aware UTC open time, for files, reports and notebooks."""
        import pandas as pd

        columns = {name: getattr(self, name) for name in ("open", "high", "low", "close", "volume")}
        for name, side in (("bid", self.bid), ("ask", self.ask)):
            if side is not None:
                columns |= {f"{name}_{field.name}": getattr(side, field.name) for field in fields(PriceBars)}
        index = pd.DatetimeIndex(self.time.astype("datetime64[s]").astype("datetime64[us]"), tz="UTC", name="time")
        return pd.DataFrame(np.column_stack(list(columns.values())), columns=list(columns), index=index)

    def _validate(self) -> None:
        sides = {"": self, "bid ": self.bid, "ask ": self.ask}
        for label, side in sides.items():
            if side is not None:
                self._validate_side(label, side)
        self._refuse_where("volume must be finite and not negative", ~(np.isfinite(self.volume) & (self.volume >= 0)))
        later = np.diff(self.time) <= 0
        self._refuse_where(
            "open times must strictly increase", np.concatenate(([False], later)) if len(self) else later
        )
        self._refuse_where(
            f"open times must lie on {self.timeframe} boundaries", self.time % self.timeframe.seconds != 0
        )
        if self.bid is not None and self.ask is not None:
            crossed = (self.ask.open < self.bid.open) | (self.ask.close < self.bid.close)
            self._refuse_where("ask must not be below bid", crossed)

    def _validate_side(self, label: str, side: "Candles | PriceBars") -> None:
        prices = (side.open, side.high, side.low, side.close)
        if any(len(values) != len(self.time) for values in (*prices, self.volume)):
            lengths = [len(values) for values in prices]
            raise MalformedCandles(
                f"{self.instrument} {self.timeframe}: {label}prices must have one element per open time; "
                f"expected {len(self.time)}, found {lengths} and volume {len(self.volume)}"
            )
        usable = np.ones(len(self.time), dtype=bool)
        for values in prices:
            usable &= np.isfinite(values) & (values > 0)
        self._refuse_where(f"{label}prices must be finite and positive", ~usable)
        broken = (side.high < np.maximum(side.open, side.close)) | (side.low > np.minimum(side.open, side.close))
        self._refuse_where(f"{label}high and low must enclose open and close", broken)

    def _refuse_where(self, rule: str, broken: npt.NDArray[np.bool_]) -> None:
        if not broken.any():
            return
        row = int(np.argmax(broken))
        at = datetime.fromtimestamp(int(self.time[row]), tz=UTC)
        found = f"open {self.open[row]}, high {self.high[row]}, low {self.low[row]}, close {self.close[row]}"
        raise MalformedCandles(
            f"{self.instrument} {self.timeframe}: {rule}; candle {row} of {len(self)} at {at:%Y-%m-%dT%H:%M:%SZ} has "
            f"{found}, volume {self.volume[row]} ({int(broken.sum())} such candles)"
        )


_WHOLE = ("instrument", "timeframe")
_SLICED = tuple(field.name for field in fields(Candles) if field.name not in _WHOLE)


def _frozen_floats(values: npt.ArrayLike) -> FloatArray:
    return _frozen(np.ascontiguousarray(values, dtype=np.float64))


def _frozen(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view
