"""A figure of few trades, and the interval that it may really lie in."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from statistics import NormalDist

from desk.monitor.student import quantile

CONFIDENCE = 0.95
"""How often such an interval has the true figure in it."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was seen, and from where to where the truth may lie."""

    value: float
    low: float
    high: float


def share_of(count: int, total: int, *, confidence: float = CONFIDENCE) -> Estimate:
    """Return the share of `count` in a `total` above 0, as fractions, with Wilson's interval.

    Unlike the usual interval it stays within [0, 1], and is right for few trades and for shares near 0 and 1.

    Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", *JASA*, 1927.
    """
    assert 0 <= count <= total, (count, total)
    share, z = count / total, NormalDist().inv_cdf((1 + confidence) / 2)
    stretch = 1 + z * z / total
    middle = (share + z * z / (2 * total)) / stretch
    reach = z * sqrt(share * (1 - share) / total + (z / (2 * total)) ** 2) / stretch
    # At 0 and 1 the bound is exact, and only rounding would take it away.
    return Estimate(share, 0.0 if count == 0 else middle - reach, 1.0 if count == total else middle + reach)


def mean_of(values: Sequence[float], *, confidence: float = CONFIDENCE) -> Estimate | None:
    """Return the mean with Student's interval, or None below two values.

    What trades bring is not normally distributed: below some thirty of them, and with rare large wins, the truth lies
    outside more often than the confidence says.
    """
    if len(values) < 2:
        return None
    mean = fsum(values) / len(values)
    reach = quantile((1 + confidence) / 2, len(values) - 1) * sqrt(variance_of(values) / len(values))
    return Estimate(mean, mean - reach, mean + reach)


def variance_of(values: Sequence[float]) -> float:
    """Return the variance of a sample of two or more."""
    mean = fsum(values) / len(values)
    return fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
