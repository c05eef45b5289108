"""How often chance alone makes two samples differ as much."""

import tracemalloc
from itertools import combinations
from math import fsum

import numpy as np
import pytest

from desk.monitor.resampling import (
    SEED,
    _means,
    _numbers,
    draws_for,
    error_of,
    p_of_lower_mean,
    p_of_no_mean,
    p_of_other_mean,
)

LOW, HIGH = (-1.0, -0.5, 0.2), (0.4, 1.5, -0.7, 2.0, 0.3)


def exact(low: tuple[float, ...], high: tuple[float, ...]) -> tuple[float, float]:
    """Both p-values, by dealing the values in every way that there is."""
    pooled, size = (*low, *high), len(low)
    middle = fsum(pooled) / len(pooled)
    seen = fsum(low) / size - middle
    means = [fsum(dealt) / size - middle for dealt in combinations(pooled, size)]
    lower = sum(mean <= seen + 1e-12 for mean in means)
    other = sum(abs(mean) >= abs(seen) - 1e-12 for mean in means)
    return lower / len(means), other / len(means)


def test_it_is_the_share_of_all_ways_to_deal_the_values() -> None:
    lower, other = exact(LOW, HIGH)
    assert p_of_lower_mean(LOW, HIGH) == pytest.approx(lower, abs=0.01)
    assert p_of_other_mean(LOW, HIGH) == pytest.approx(other, abs=0.01)
    assert p_of_lower_mean(HIGH, LOW) > 0.9


def test_the_same_seed_gives_the_same_and_another_one_nearly() -> None:
    assert p_of_lower_mean(LOW, HIGH, seed=1) == p_of_lower_mean(LOW, HIGH, seed=1)
    assert p_of_lower_mean(LOW, HIGH, seed=1) != p_of_lower_mean(LOW, HIGH, seed=2)


def test_equal_values_differ_by_chance_alone() -> None:
    same = (0.1 + 0.2, 0.3, 0.1 + 0.2)
    assert p_of_lower_mean(same, same * 2) == p_of_other_mean(same, same * 2) == 1


def test_many_values_are_dealt_less_often_but_never_so_seldom_that_the_seed_decides() -> None:
    assert [draws_for(values) for values in (8, 100_000, 500_000, 10_000_000)] == [9_999, 9_999, 2_000, 999]
    assert draws_for(500_000, most=99) == 99


def test_the_error_that_is_said_holds_for_nineteen_seeds_of_twenty() -> None:
    right, _ = exact(LOW, HIGH)
    found = [p_of_lower_mean(LOW, HIGH, draws=199, seed=seed) for seed in range(200)]
    assert sum(abs(p - right) <= error_of(p, 199) for p in found) >= 0.9 * len(found)
    assert error_of(1 / 200, 199) > 1 / 200
    assert error_of(1.0, 199) == 1 / 200


def test_it_is_never_zero_and_as_small_as_the_draws_allow() -> None:
    assert p_of_lower_mean([-9.0] * 20, [9.0] * 20, draws=99) == 0.01


def test_many_trades_take_no_more_memory_than_few_at_a_time() -> None:
    values = np.random.default_rng(3).normal(size=20_000).tolist()
    for test in (
        lambda: p_of_other_mean(values[:10_000], values[10_000:], draws=150),
        lambda: p_of_no_mean(values, draws=150),
    ):
        tracemalloc.start()
        test()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 60_000_000, peak


def test_how_many_draws_are_dealt_together_makes_no_difference() -> None:
    values = np.random.default_rng(5).normal(size=3_000).tolist()
    few, many = values[:300], values[300:]
    pooled = np.array(values) - fsum(values) / len(values)
    dealt = _means(pooled, 300, _numbers(SEED, 0, (500, 3_000)))
    lower = int((dealt <= float(pooled[:300].mean())).sum())
    assert p_of_lower_mean(few, many, draws=500) == pytest.approx((lower + 1) / 501)


@pytest.mark.parametrize("level", [0.05, 0.2])
def test_of_unchanged_records_no_more_than_the_level_are_called_different(level: float) -> None:
    # One win of 4 R among five losses of 1 R: far from normal, as trades are.
    generator = np.random.default_rng(11)
    records = generator.choice([4.0, -1.0], p=[0.2, 0.8], size=(600, 90))
    called = sum(p_of_lower_mean(list(row[:30]), list(row[30:]), draws=99) <= level for row in records)
    assert called / 600 <= level + 3 * (level * (1 - level) / 600) ** 0.5


def test_the_numbers_are_those_of_splitmix64() -> None:
    # The first five for the seed 1234567, as the reference implementation in C prints them.
    expected = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    assert _numbers(1234567, 0, (1, 5)).tolist() == [expected]
    assert _numbers(1234567, 2, (1, 3)).tolist() == [expected[2:]]
