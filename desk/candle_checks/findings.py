"""What a check finds: the rule, when, and what was there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from desk.model.candles import IntArray

MOST_SHOWN: Final = 10
"""How many findings of a rule are kept; all are counted."""


class Rule(StrEnum):
    """What recorded candles are examined for. The first ones cannot be right; the others may, and deserve a look."""

    ORDER = "order"
    DUPLICATE = "duplicate"
    BOUNDARY = "boundary"
    TIMEFRAME = "timeframe"
    FINITE = "finite"
    POSITIVE = "positive"
    ENCLOSE = "enclose"
    CROSSED = "crossed"
    VOLUME = "volume"
    HASH = "hash"
    GAP = "gap"
    SESSION = "session"
    OUTLIER = "outlier"
    ZERO_VOLUME = "zero_volume"

    @property
    def is_wrong(self) -> bool:
        """Whether what breaks it cannot be right."""
        return self not in (Rule.GAP, Rule.SESSION, Rule.OUTLIER, Rule.ZERO_VOLUME)


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule is broken.

    Attributes:
        row: the first row, counted from 1; 0 where there is none, as in a gap.
        at, until: open times of the first and the last candle that it is about.
        candles: how many.
        detail: what was expected there, and what was found.
    """

    rule: Rule
    row: int
    at: datetime
    until: datetime
    candles: int
    detail: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that is broken.

    Attributes:
        places: in how many places.
        candles: how many candles there are in all of them; missing ones in gaps.
        first: the first `MOST_SHOWN`.
    """

    rule: Rule
    places: int
    candles: int
    first: tuple[Finding, ...]


def broken_rows(rule: Rule, mask: npt.NDArray[np.bool_], time: IntArray, detail: Callable[[int], str]) -> Broken | None:
    """Return a rule that is broken by each row of a mask, or None where there is no such row."""
    count = int(mask.sum())
    if count == 0:
        return None
    rows = np.flatnonzero(mask)[:MOST_SHOWN].tolist()
    first = (Finding(rule, row + 1, moment(time[row]), moment(time[row]), 1, detail(row)) for row in rows)
    return Broken(rule, count, count, tuple(first))


def broken_runs(
    rule: Rule, mask: npt.NDArray[np.bool_], time: IntArray, detail: Callable[[int], str], *, least: int = 1
) -> Broken | None:
    """Return a rule that is broken by each run of `least` true values or more, or None where there is no such run.

    Args:
        time: open times, one for each value of the mask; those of a gap have no rows.
        detail: says it of so many candles.
    """
    edges = np.diff(np.concatenate(([0], mask.astype(np.int8), [0])))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    long = ends - starts >= least
    starts, ends = starts[long], ends[long]
    if len(starts) == 0:
        return None
    first = []
    for start, end in zip(starts[:MOST_SHOWN].tolist(), ends[:MOST_SHOWN].tolist(), strict=True):
        row = 0 if rule is Rule.GAP else start + 1
        first.append(Finding(rule, row, moment(time[start]), moment(time[end - 1]), end - start, detail(end - start)))
    return Broken(rule, len(starts), int((ends - starts).sum()), tuple(first))


def moment(seconds: np.int64 | int) -> datetime:
    """Return a time, aware UTC."""
    return datetime.fromtimestamp(int(seconds), tz=UTC)


def written(seconds: np.int64 | int) -> str:
    """Return a time as messages have it, such as `2026-01-14T15:00:00Z`."""
    return f"{moment(seconds):%Y-%m-%dT%H:%M:%SZ}"
