"""How often chance alone makes two samples differ as much as they do: permutation tests, the same for the same seed.

Where nothing but chance tells two samples apart, every way to deal the pooled values into two of their sizes is as
likely as the one that was seen. The share of ways that differ at least as much is the p-value, whatever the values'
distribution: trades with many small losses and few large wins need no normal one.

Source: Fisher, *The Design of Experiments*, 1935; Phipson and Smyth, "Permutation P-values Should Never Be Zero",
*Statistical Applications in Genetics and Molecular Biology*, 2010, for counting what was seen as one of the draws. The
numbers that deal are those of SplitMix64: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators",
*OOPSLA*, 2014. Each is a function of the seed and its place, so that no generator keeps a state.
"""

from collections.abc import Callable, Iterator, Sequence
from math import sqrt

import numpy as np
import numpy.typing as npt

DRAWS = 9_999
MOST_DEALT = 1_000_000_000
"""Values that one test deals, in all its draws: some five seconds of work, and all draws up to 100,000 values."""

_FEWEST_DRAWS = 999
"""However many values there are: with fewer, 0.05 would be a matter of the seed."""

SEED = 20_260_114
"""Of the draws, where nobody gives another; the same trades have the same p-value whenever they are looked at."""

_AT_ONCE = 1_000_000
"""Values that are dealt together: 8 MB of them, and some copies; how many draws that are makes no difference."""

_ROUNDING = 1e-9
"""As a share of the largest value: two sums of the same values in another order are the same sum."""

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))

Values = npt.NDArray[np.float64]


def draws_for(values: int, *, most: int = DRAWS, most_dealt: int = MOST_DEALT) -> int:
    """Return how often so many values are dealt: `most` times, or as often as the work allows.

    Fewer draws do not make the test wrong more often: a p-value is then known less exactly, see `error_of`.
    """
    return min(most, max(_FEWEST_DRAWS, most_dealt // values))


def error_of(p: float, draws: int) -> float:
    """Return how far a p-value of so many draws may be from that of all ways to deal: twice its standard error."""
    return max(2 * sqrt(p * (1 - p) / draws), 1 / (draws + 1))


def p_of_lower_mean(sample: Sequence[float], other: Sequence[float], *, draws: int = DRAWS, seed: int = SEED) -> float:
    """Return how likely the mean of `sample` is as far below that of `other` by chance, in (0, 1]."""
    return _share(sample, other, lambda means, seen, same: means <= seen + same, draws, seed)


def p_of_other_mean(sample: Sequence[float], other: Sequence[float], *, draws: int = DRAWS, seed: int = SEED) -> float:
    """Return how likely both means are as far apart by chance, whichever is the lower one, in (0, 1]."""
    return _share(sample, other, lambda means, seen, same: np.abs(means) >= abs(seen) - same, draws, seed)


def p_of_no_mean(gaps: Sequence[float], *, draws: int = DRAWS, seed: int = SEED) -> float:
    """Return how likely the mean of differences is as far from 0 by chance, had each the other sign as likely."""
    assert gaps, "expected differences, found none"
    values = np.array(gaps, dtype=np.float64)
    same, found = _ROUNDING * float(np.abs(values).max()), 0
    seen = abs(float(values.mean()))
    for start, count in _blocks(draws, len(values)):
        drawn = _numbers(seed, start * len(values), (count, len(values)))
        signs = np.where(drawn >> np.uint64(63) == 0, 1.0, -1.0)
        found += int((np.abs((signs * values).mean(axis=1)) >= seen - same).sum())
    return (found + 1) / (draws + 1)


def _share(
    sample: Sequence[float],
    other: Sequence[float],
    is_as_extreme: Callable[[Values, float, float], npt.NDArray[np.bool_]],
    draws: int,
    seed: int,
) -> float:
    assert sample, "expected values, found none"
    assert other, "expected values to compare with, found none"
    pooled = np.array([*sample, *other], dtype=np.float64)
    same = _ROUNDING * float(np.abs(pooled).max())
    # Around their common mean, so that a sample's mean alone says how far both are apart.
    pooled -= pooled.mean()
    seen = float(pooled[: len(sample)].mean())
    found = 0
    for start, count in _blocks(draws, len(pooled)):
        keys = _numbers(seed, start * len(pooled), (count, len(pooled)))
        means = _means(pooled, len(sample), keys)
        found += int(is_as_extreme(means, seen, same).sum())
    return (found + 1) / (draws + 1)


def _blocks(draws: int, length: int) -> Iterator[tuple[int, int]]:
    """The first draw and the number of draws of each block."""
    size = max(1, _AT_ONCE // length)
    yield from ((start, min(size, draws - start)) for start in range(0, draws, size))


def _means(pooled: Values, size: int, keys: npt.NDArray[np.uint64]) -> Values:
    """The means of a sample of that size for each row of keys: of the values whose keys are the lowest."""
    chosen = np.argpartition(keys, size - 1, axis=1)[:, :size]
    means: Values = pooled[chosen].mean(axis=1)
    return means


def _numbers(seed: int, first: int, shape: tuple[int, int]) -> npt.NDArray[np.uint64]:
    """SplitMix64 from the place `first` of its sequence on; the arithmetic is modulo 2^64."""
    places = np.arange(first + 1, first + 1 + shape[0] * shape[1], dtype=np.uint64)
    mixed = places * _GAMMA + np.uint64(seed)
    for shift, multiplier in zip(_SHIFTS[:2], _MULTIPLIERS, strict=True):
        mixed = (mixed ^ (mixed >> shift)) * multiplier
    return (mixed ^ (mixed >> _SHIFTS[2])).reshape(shape)
