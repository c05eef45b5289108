"""Candles that an open market should have and that are missing, and candles of a market that was closed."""

import numpy as np
import numpy.typing as npt

from desk.candle_checks.findings import Broken, Rule, broken_runs
from desk.model.candles import IntArray


def is_there(wanted: IntArray, time: IntArray) -> npt.NDArray[np.bool_]:
    """Return for each wanted open time whether there is a candle; both are in order, without duplicates."""
    if len(time) == 0:
        return np.zeros(len(wanted), dtype=np.bool_)
    places = np.minimum(np.searchsorted(time, wanted), len(time) - 1)
    return np.asarray(time[places] == wanted)


def gaps(time: IntArray, expected: IntArray) -> Broken | None:
    """Return the runs of candles that are expected and not there; hours in which the market is closed end no run.

    Args:
        time: open times, in order and without duplicates.
        expected: open times of all candles that there should be.
    """
    return broken_runs(Rule.GAP, ~is_there(expected, time), expected, lambda run: f"expected {_count(run)}, found none")


def outside_session(time: IntArray, expected: IntArray) -> Broken | None:
    """Return the runs of candles of hours in which the market is closed."""
    return broken_runs(
        Rule.SESSION, ~is_there(time, expected), time, lambda run: f"{_count(run)} while the market is closed"
    )


def _count(candles: int) -> str:
    return "a candle" if candles == 1 else f"{candles} candles"
