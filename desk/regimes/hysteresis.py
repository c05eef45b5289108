"""Keeps a label from flapping: two thresholds for each, and a time for which it stays."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from desk.model.candles import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]


def latched(values: FloatArray, enter: float, leave: float) -> BoolArray:
    """Return whether `values` has reached `enter` and has not come down to `leave` since; `leave` is below `enter`.

    Before either has happened it is off. Whatever lies between changes nothing, and neither does NaN.
    """
    crossed = np.where(values >= enter, 1, np.where(values <= leave, 0, -1))
    rows = np.maximum.accumulate(np.where(crossed >= 0, np.arange(len(crossed)), 0))
    return np.asarray(crossed[rows] == 1)


def lingering(codes: IntArray, minimum: int, grave: int) -> IntArray:
    """Return the codes with each kept for `minimum` elements at least, unless a graver one comes.

    Args:
        codes: a larger one is graver.
        minimum: 1 changes nothing.
        grave: from this code on, one that is graver than the present one comes in at once.
    """
    kept = codes.copy()
    held, until = -1, 0
    for start, end, code in _runs(codes):
        at_once = held < code and code >= grave
        begin = start if at_once else min(max(start, until), end)
        kept[start:begin] = held
        if begin < end and code != held:
            held, until = code, begin + minimum
    return kept


def _runs(codes: IntArray) -> Iterator[tuple[int, int, int]]:
    """Start, end and code of each stretch of equal codes."""
    starts = np.flatnonzero(np.diff(codes, prepend=codes[:1] - 1)).tolist()
    yield from ((start, end, int(codes[start])) for start, end in pairwise([*starts, len(codes)]))
