"""Recorded candles as bare columns: what a file says, before anybody has looked whether that can be."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from desk.model.candles import Candles, FloatArray, IntArray, PriceBars
from desk.model.timeframe import Timeframe

Side: TypeAlias = Literal["bid", "ask"]
Rows: TypeAlias = slice | IntArray | npt.NDArray[np.bool_]

PRICES: Final = ("open", "high", "low", "close")
SIDES: Final[tuple[Side, ...]] = ("bid", "ask")
TIME: Final = "time"
VOLUME: Final = "volume"


def names_of(side: Side) -> tuple[str, ...]:
    """Return the columns of one side, `bid_open` and so on."""
    return tuple(f"{side}_{price}" for price in PRICES)


VALUES: Final = (*PRICES, VOLUME, *names_of("bid"), *names_of("ask"))
"""Every column besides the time, in the order in which they are written and hashed."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Rows in the order of their source.

    Attributes:
        time: int64, open times in seconds since the epoch (UTC).
        values: float64 by names of `VALUES`, in that order; volume and sides only where they are known.
    """

    time: IntArray
    values: Mapping[str, FloatArray]

    def __post_init__(self) -> None:
        lengths = {name: len(values) for name, values in self.values.items()}
        assert set(lengths.values()) <= {len(self.time)}, f"expected {len(self.time)} rows, found {lengths}"
        ordered = {name: self.values[name] for name in VALUES if name in self.values}
        object.__setattr__(self, "values", MappingProxyType(ordered))

    def __len__(self) -> int:
        return len(self.time)

    def rows(self, chosen: Rows) -> "Columns":
        """Return some of the rows."""
        return Columns(self.time[chosen], {name: values[chosen] for name, values in self.values.items()})

    def bars(self, side: Side | None = None) -> PriceBars | None:
        """Return the prices of a side, or those between the sides; None where they are not known."""
        names = names_of(side) if side else PRICES
        return PriceBars(*(self.values[name] for name in names)) if names[0] in self.values else None


def columns_of(candles: Candles) -> Columns:
    """Return candles as columns."""
    values = {name: getattr(candles, name) for name in (*PRICES, VOLUME)}
    for side in SIDES:
        bars: PriceBars | None = getattr(candles, side)
        if bars is not None:
            values |= {f"{side}_{field.name}": getattr(bars, field.name) for field in fields(PriceBars)}
    return Columns(candles.time, values)


def to_candles(instrument: str, timeframe: Timeframe, columns: Columns) -> Candles:
    """Return validated candles; a volume that is not known is 0.

    Raises:
        MalformedCandles: see `Candles`.
    """
    bars = columns.bars()
    assert bars is not None, f"expected {', '.join(PRICES)}, found {', '.join(columns.values)}"
    volume = columns.values.get(VOLUME)
    return Candles(
        instrument,
        timeframe,
        columns.time,
        *(bars.open, bars.high, bars.low, bars.close),
        np.zeros(len(columns)) if volume is None else volume,
        columns.bars("bid"),
        columns.bars("ask"),
    )
