"""What two recordings of one market come to: rows that say the same are one, others contradict each other."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from desk.candle_checks.columns import Columns
from desk.candle_checks.findings import MOST_SHOWN, moment
from desk.model.candles import IntArray

Preference: TypeAlias = Literal["new", "old"]
OLD: Final[Preference] = "old"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A value of a candle that the recordings do not agree on."""

    at: datetime
    column: str
    old: float
    new: float


@dataclass(frozen=True, slots=True, eq=False)
class Merge:
    """Two recordings as one.

    Attributes:
        columns: every candle of both, oldest first; of one that they do not agree on, what was preferred.
        added: candles that only the new one has.
        same: candles that both have alike.
        contradicting: candles that they do not agree on.
        first: of those, the first `MOST_SHOWN`.
    """

    columns: Columns
    added: int
    same: int
    contradicting: int
    first: tuple[Contradiction, ...]


def merge(old: Columns, new: Columns, *, prefer: Preference = OLD) -> Merge:
    """Return both as one; each has its own rows in order, without duplicates, and both have the same columns."""
    assert old.values.keys() == new.values.keys(), f"expected {[*old.values]}, found {[*new.values]}"
    _, in_old, in_new = np.intersect1d(old.time, new.time, assume_unique=True, return_indices=True)
    differs = {name: values[in_old] != new.values[name][in_new] for name, values in old.values.items()}
    contradicts = np.logical_or.reduce([*differs.values(), np.zeros(len(in_old), dtype=np.bool_)])
    kept, taken = (old, _without(new, in_new)) if prefer == OLD else (_without(old, in_old), new)
    return Merge(
        _joined(kept, taken),
        added=len(new) - len(in_new),
        same=int((~contradicts).sum()),
        contradicting=int(contradicts.sum()),
        first=_first(old.rows(in_old), new.rows(in_new), differs, np.flatnonzero(contradicts)[:MOST_SHOWN]),
    )


def _without(columns: Columns, rows: IntArray) -> Columns:
    kept = np.ones(len(columns), dtype=np.bool_)
    kept[rows] = False
    return columns.rows(kept)


def _joined(one: Columns, other: Columns) -> Columns:
    time = np.concatenate((one.time, other.time))
    order = np.argsort(time, kind="stable")
    values = {name: np.concatenate((one.values[name], other.values[name]))[order] for name in one.values}
    return Columns(time[order], values)


def _first(
    old: Columns, new: Columns, differs: dict[str, npt.NDArray[np.bool_]], rows: IntArray
) -> tuple[Contradiction, ...]:
    found = []
    for row in rows.tolist():
        name = next(name for name, mask in differs.items() if mask[row])
        found.append(
            Contradiction(moment(old.time[row]), name, float(old.values[name][row]), float(new.values[name][row]))
        )
    return tuple(found)
