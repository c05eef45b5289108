"""What to do after each candle of one instrument."""

from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from desk.model.candles import FloatArray

BoolArray: TypeAlias = npt.NDArray[np.bool_]
PerRow: TypeAlias = FloatArray | float | None


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """Wishes of one instrument, one element per candle; each is acted on in the candle after.

    Entry and exit of one side at once cancel each other, and entries of both sides do. A number instead of an array
    holds for all rows; NaN in a row and None mean that there is none.

    Attributes:
        stop: distance of the stop from the entry price, positive, in `Rules.distance`.
        target: the same of the target.
        unit: the price that one unit of distance is, for `Distance.UNIT`.
        quantity: base units, for `SizedBy.QUANTITY`.
        limit: the limit price of an entry; a market order where there is none.
        replacement: what a limit entry that waits becomes in the candle after: withdrawn where NaN, else of this price
            and new age. None as a whole leaves it as it is.
        exit_limit: the limit price of an exit signal; a market order where there is none.
    """

    enter_long: BoolArray | None = None
    enter_short: BoolArray | None = None
    exit_long: BoolArray | None = None
    exit_short: BoolArray | None = None
    stop: PerRow = None
    target: PerRow = None
    unit: PerRow = None
    quantity: PerRow = None
    limit: PerRow = None
    replacement: PerRow = None
    exit_limit: PerRow = None

    def shape_faults(self, rows: int) -> list[str]:
        """Return name, length and type of the arrays that do not have `rows` elements, or are flags and not of bool."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        arrays = {name: values for name, values in given.items() if isinstance(values, np.ndarray)}
        return [
            f"{name} {len(values)} {values.dtype}"
            for name, values in arrays.items()
            if len(values) != rows or (name in _FLAGS and values.dtype != np.bool_)
        ]


_FLAGS = frozenset({"enter_long", "enter_short", "exit_long", "exit_short"})
