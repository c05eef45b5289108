"""What the suite leaves to `make drill`: more of the same, for which nobody would wait after every change.

`DESK_DRILL_EVERYTHING=1` has a run of the tests make all of it.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_EVERYTHING = bool(os.environ.get("DESK_DRILL_EVERYTHING"))


def drilled(everything: Sequence[T], *, usually: Sequence[T]) -> Sequence[T]:
    """Return the cases that this run tries."""
    return everything if _EVERYTHING else usually
