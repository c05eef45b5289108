"""Two figures that were compared, in words: they look alike only where they are."""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

N = TypeVar("N", float, Decimal)

_MOST = 28
"""As many as a decimal of the desk has; a float has fewer."""


def told_apart(one: N, other: N, tell: Callable[[N, int], str]) -> tuple[str, str]:
    """Return two figures, with as many digits more than usual as it takes to see which one is smaller.

    Args:
        one, other: the figures.
        tell: returns a figure with a number of digits more than usual; none more is how it usually looks.
    """
    usual = tell(one, 0), tell(other, 0)
    if one == other:
        return usual
    pairs = ((tell(one, more), tell(other, more)) for more in range(_MOST + 1))
    return next((pair for pair in pairs if pair[0] != pair[1]), usual)
