"""Figures in words: two that were compared look alike only where they are; those of one kind have as many digits."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TypeVar

N = TypeVar("N", float, Decimal)

_MOST = 28
"""As many as a decimal of the desk has; a float has fewer."""
_LARGE, _PLACES_OF_LARGE, _PLACES = 1000, 2, 8


class SameDigits:
    """Figures that stand beside each other: those of one kind have the same number of places behind the point.

    Kinds are instruments for prices and quantities, currencies for fees. Only what is shown is rounded.
    """

    def __init__(
        self,
        figures: Iterable[tuple[str, Decimal | None]],
        steps: Mapping[str, Decimal] | None = None,
        *,
        exact: bool = False,
    ) -> None:
        """Measure the figures.

        Args:
            figures: each with its kind; None is none.
            steps: of the prices of a kind where they are known, which say how many places there are; elsewhere it is
                the longest figure, of which a large one has two at most and every other one eight.
            exact: whether the longest figure has all of its places.
        """
        known = steps or {}
        self._places = {kind: _places_of(step) for kind, step in known.items()}
        for kind, figure in figures:
            if figure is not None and kind not in known:
                shown = figure if exact else round(figure, most_places(figure))
                self._places[kind] = max(self._places.get(kind, 0), _places_of(shown))

    def tell(self, kind: str, figure: Decimal | None) -> str:
        """Return a figure that was measured, or one of a kind of which one was; empty for none."""
        return "" if figure is None else f"{figure:,.{self._places[kind]}f}"


def most_places(figure: Decimal) -> int:
    """Return how many places behind the point a person is shown of a figure at most."""
    return _PLACES_OF_LARGE if abs(figure) >= _LARGE else _PLACES


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


def _places_of(figure: Decimal) -> int:
    """How many there are before the zeros at the end."""
    return len(f"{figure:f}".partition(".")[2].rstrip("0"))
