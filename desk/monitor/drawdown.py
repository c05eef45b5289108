"""How far a curve of money fell below its own highest point."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Drawdown:
    """A fall from a peak.

    Attributes:
        amount: from the peak to the low, 0 or more.
        peak: the height that it fell from, what was there at the start included.
        low_after: how many trades it took to the low, from the first; 0 where nothing fell.
    """

    amount: Decimal
    peak: Decimal
    low_after: int

    @property
    def fraction(self) -> Decimal | None:
        """The fall as a fraction of the peak; None where the peak is not above 0."""
        return self.amount / self.peak if self.peak > 0 else None


def largest_drawdown(profits: Iterable[Decimal], start: Decimal = Decimal(0)) -> Drawdown:
    """Return the largest fall in money of a curve that begins at `start` and moves with each closed trade."""
    return _deepest(profits, start, lambda fall: fall.amount)


def steepest_drawdown(profits: Iterable[Decimal], start: Decimal) -> Drawdown:
    """Return the largest fall as a fraction of its peak; `start` is above 0."""
    return _deepest(profits, start, lambda fall: fall.fraction or Decimal(0))


def _deepest(profits: Iterable[Decimal], start: Decimal, depth: Callable[[Drawdown], Decimal]) -> Drawdown:
    height = peak = start
    worst = Drawdown(Decimal(0), start, 0)
    for count, profit in enumerate(profits, start=1):
        height += profit
        peak = max(peak, height)
        fall = Drawdown(peak - height, peak, count)
        if depth(fall) > depth(worst):
            worst = fall
    return worst
