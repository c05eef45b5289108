"""Whether two accounts do differently, or look so by chance: what each of their trades and days brought.

Trades of two accounts are two samples: Welch's test, which lets their spreads differ, and a permutation test, which
needs no normal distribution. Days are pairs, because both accounts live through the same market: Student's test of the
differences, and a permutation test that swaps the accounts day by day. Where both tests disagree, trust the second.

Source: Welch, "The Generalization of Student's Problem when Several Different Population Variances are Involved",
*Biometrika*, 1947; for the number that is needed Cohen, *Statistical Power Analysis for the Behavioral Sciences*, 1988.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, fsum, sqrt
from statistics import NormalDist

from desk.monitor.estimates import CONFIDENCE, Estimate, variance_of
from desk.monitor.resampling import DRAWS, MOST_DEALT, SEED, draws_for, error_of, p_of_no_mean, p_of_other_mean
from desk.monitor.student import probability_below, quantile

POWER = 0.8
"""How often a difference that is there should be seen."""

_MOST_NEEDED = 1_000_000
"""So many say that there is nothing to be seen."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two means, and how sure their difference is.

    Attributes:
        counts: trades, or days, of the first and the second account.
        means: of both.
        difference: of the first from the second, with its interval; None where nothing varies.
        p_student: two-sided, of Welch's or Student's test; None where nothing varies.
        p_permutation: two-sided, of the permutation test.
        permutations: how many were made: fewer of many trades, since the work is bounded.
        needed: trades of each account, or days, at which a difference such as was seen would be told from chance four
            times in five; None where so many cannot be had.
    """

    counts: tuple[int, int]
    means: tuple[float, float]
    difference: Estimate | None
    p_student: float | None
    p_permutation: float
    permutations: int
    needed: int | None

    @property
    def p_error(self) -> float:
        """How far `p_permutation` may be from that of all permutations, at the confidence of an interval."""
        return error_of(self.p_permutation, self.permutations)

    @property
    def is_significant(self) -> bool:
        """Whether chance alone explains the difference in less than one case of twenty, by the permutation test."""
        return self.p_permutation < 1 - CONFIDENCE

    @property
    def lacking(self) -> int | None:
        """How many more of each account are needed; 0 where there are enough."""
        return None if self.needed is None else max(0, self.needed - min(self.counts))


def compare_samples(
    first: Sequence[float],
    second: Sequence[float],
    *,
    draws: int = DRAWS,
    most_dealt: int = MOST_DEALT,
    seed: int = SEED,
) -> Comparison | None:
    """Compare what the trades of two accounts brought; None where one has fewer than two.

    Args:
        first, second: of each trade.
        draws: permutations, where `most_dealt` values are enough for them: see `draws_for`.
        most_dealt: the work that is done at most.
        seed: of the permutations.
    """
    if min(len(first), len(second)) < 2:
        return None
    means = fsum(first) / len(first), fsum(second) / len(second)
    gap, variances = means[0] - means[1], (variance_of(first), variance_of(second))
    errors = variances[0] / len(first), variances[1] / len(second)
    degrees = _welch_degrees(errors, (len(first), len(second)))
    difference, p_student = _tested(gap, sqrt(sum(errors)), degrees)
    made = draws_for(len(first) + len(second), most=draws, most_dealt=most_dealt)
    return Comparison(
        (len(first), len(second)),
        means,
        difference,
        p_student,
        p_of_other_mean(first, second, draws=made, seed=seed),
        made,
        _needed(gap, sum(variances)),
    )


def compare_days(first: Mapping[date, float], second: Mapping[date, float], *, seed: int = SEED) -> Comparison | None:
    """Compare the returns of two accounts on the days that both have; None below two such days."""
    days = sorted(first.keys() & second.keys())
    if len(days) < 2:
        return None
    pairs = [(first[day], second[day]) for day in days]
    gaps = [one - other for one, other in pairs]
    gap, variance = fsum(gaps) / len(gaps), variance_of(gaps)
    difference, p_student = _tested(gap, sqrt(variance / len(gaps)), len(gaps) - 1)
    means = fsum(one for one, _ in pairs) / len(pairs), fsum(other for _, other in pairs) / len(pairs)
    made = draws_for(len(gaps))
    permuted = p_of_no_mean(gaps, draws=made, seed=seed)
    return Comparison((len(days), len(days)), means, difference, p_student, permuted, made, _needed(gap, variance))


def _welch_degrees(errors: tuple[float, float], counts: tuple[int, int]) -> float:
    """Of Welch and Satterthwaite; of a sample that does not vary nothing comes in."""
    parts = [error**2 / (count - 1) for error, count in zip(errors, counts, strict=True)]
    return sum(errors) ** 2 / sum(parts) if sum(parts) > 0 else sum(counts) - 2


def _tested(gap: float, error: float, degrees: float) -> tuple[Estimate | None, float | None]:
    if error <= 0:
        return None, None
    reach = quantile((1 + CONFIDENCE) / 2, degrees) * error
    return Estimate(gap, gap - reach, gap + reach), 2 * probability_below(-abs(gap) / error, degrees)


def _needed(gap: float, variance: float) -> int | None:
    """By n = (z of the significance + z of the power)^2 * variance of one difference / difference^2."""
    normal = NormalDist()
    z = normal.inv_cdf((1 + CONFIDENCE) / 2) + normal.inv_cdf(POWER)
    if gap == 0 or z * z * variance > _MOST_NEEDED * gap * gap:
        return None
    return max(2, ceil(z * z * variance / (gap * gap)))
