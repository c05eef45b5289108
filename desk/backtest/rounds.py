"""Round trips of a backtest, one by one and as columns that figures are made from."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Self

import numpy as np
import numpy.typing as npt

from desk.model.candles import FloatArray
from desk.model.instrument import Side

_UNKNOWN = float("nan")

_LEAST = 1e-12
"""In account currency: a risk or a value that is not above it is none."""


@dataclass(frozen=True, slots=True)
class ClosedRound:
    """A round trip that a backtest has closed; amounts are float64, because they are for statistics.

    Attributes:
        side: of the entry.
        quantity: in base units, above 0.
        entry_price, exit_price: the averages of the fills, in quote currency.
        profit: in account currency, after costs.
        costs: in account currency: fees, spread, slippage and financing as far as the engine books them.
        risk: what would have been lost at the first stop, in account currency; None where there was no stop.
        mae, mfe: the worst (0 or less) and the best (0 or more) open result, in account currency; NaN where not known.
        rate: account currency for one unit of the quote currency, at the entry.
        financing: what of the costs was taken for holding it, as interest or funding; below 0 it brought something.
    """

    instrument: str
    strategy: str
    side: Side
    opened_at: datetime
    closed_at: datetime
    quantity: float
    entry_price: float
    exit_price: float
    profit: float
    costs: float = 0.0
    risk: float | None = None
    mae: float = _UNKNOWN
    mfe: float = _UNKNOWN
    exit_reason: str = ""
    rate: float = 1.0
    financing: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class RoundColumns:
    """The numbers of many round trips in the order in which they were closed; float64, one element for each.

    Attributes:
        opened_at, closed_at: seconds since the epoch, UTC.
        entry_value, exit_value: what was bought or sold, in account currency.
        risk, mae, mfe: as in `ClosedRound`; NaN where not known.
    """

    opened_at: FloatArray
    closed_at: FloatArray
    profit: FloatArray
    costs: FloatArray
    entry_value: FloatArray
    exit_value: FloatArray
    risk: FloatArray
    mae: FloatArray
    mfe: FloatArray

    @classmethod
    def of(cls, rounds: Sequence[ClosedRound]) -> Self:
        """Return the columns of round trips; those that were closed at the same moment keep their order."""
        rows = [
            (
                one.opened_at.timestamp(),
                one.closed_at.timestamp(),
                one.profit,
                one.costs,
                one.quantity * one.entry_price * one.rate,
                one.quantity * one.exit_price * one.rate,
                _UNKNOWN if one.risk is None else one.risk,
                one.mae,
                one.mfe,
            )
            for one in rounds
        ]
        table = np.array(rows, dtype=np.float64).reshape(len(rows), len(fields(cls)))
        ordered = table[np.argsort(table[:, 1], kind="stable")]
        return cls(*np.ascontiguousarray(ordered.T))

    def __len__(self) -> int:
        return len(self.profit)

    @property
    def multiples(self) -> FloatArray:
        """The profit of each in units of its risk (R); NaN where the risk is not known or is 0."""
        return self.in_risk(self.profit)

    @property
    def gains(self) -> FloatArray:
        """The profit of each as a fraction of the value at its entry; NaN where that is not above 0."""
        return _divided(self.profit, self.entry_value)

    @property
    def held(self) -> FloatArray:
        """How long each was held, in seconds."""
        return self.closed_at - self.opened_at

    def in_risk(self, amounts: FloatArray) -> FloatArray:
        """Return an amount of each in units of its risk (R); NaN where either is not known."""
        return _divided(amounts, self.risk)

    def of_rows(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Self:
        """Return some of them: a mask, or places in their order."""
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))


def known(values: FloatArray) -> FloatArray:
    """Return the values that are numbers."""
    return values[np.isfinite(values)]


def _divided(values: FloatArray, by: FloatArray) -> FloatArray:
    result = np.full(len(values), np.nan)
    np.divide(values, by, out=result, where=by > _LEAST)
    return result
