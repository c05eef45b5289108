"""The kernels as plain Python, for where no compiler is: the same figures, some hundred times slower."""

from typing import NamedTuple, TypeVar, cast

import numpy as np

from desk.backtest.kernels import portfolio
from desk.backtest.kernels.layout import Market, Terms, Wishes
from desk.model.candles import FloatArray, IntArray

Columns = TypeVar("Columns", bound=NamedTuple)


def run(
    market: Market,
    wishes: Wishes,
    terms: Terms,
    states: FloatArray,
    cash: float,
    equity: FloatArray,
    trades: FloatArray,
    scratch: IntArray,
) -> tuple[float, int, int]:
    """Do what `portfolio.run` does, on lists, whose elements come three times as fast as those of arrays."""
    rows = states.tolist()
    answer = portfolio.run(
        as_lists(market), as_lists(wishes), as_lists(terms), cast(FloatArray, rows), cash, equity, trades, scratch
    )
    states[:] = rows
    return answer


def as_lists(columns: Columns) -> Columns:
    """Return a named tuple with lists instead of arrays, inside as well."""
    return columns._make(_as_list(value) for value in columns)


def _as_list(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.tolist()
    return as_lists(cast(NamedTuple, value)) if isinstance(value, tuple) else value
