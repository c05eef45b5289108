"""Whether two accounts do differently."""

from datetime import date, timedelta
from math import sin

import numpy as np
import pytest

from desk.monitor.comparing import Comparison, compare_days, compare_samples

# Student's own data ("The Probable Error of a Mean", 1908): hours of sleep gained by ten patients with two drugs.
FIRST = (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0)
SECOND = (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4)
DAY = date(2026, 1, 14)


def compared(first: tuple[float, ...], second: tuple[float, ...]) -> Comparison:
    found = compare_samples(first, second)
    assert found is not None
    return found


def days(values: tuple[float, ...], *, first: int = 0) -> dict[date, float]:
    return {DAY + timedelta(days=first + n): value for n, value in enumerate(values)}


def test_two_samples_are_compared_by_welchs_test() -> None:
    # t = -1.8608 with 17.776 degrees of freedom, as R's t.test prints it for these data.
    found = compared(FIRST, SECOND)
    assert found.means == pytest.approx((0.75, 2.33))
    assert found.p_student == pytest.approx(0.07939, abs=5e-6)
    assert found.difference is not None
    assert (found.difference.low, found.difference.high) == pytest.approx((-3.3654832, 0.2054832), abs=5e-7)
    assert found.p_permutation == pytest.approx(0.08, abs=0.01)
    assert not found.is_significant


def test_days_are_compared_in_pairs_which_sees_more() -> None:
    # t = -4.0621 with 9 degrees of freedom.
    found = compare_days(days(FIRST), days(SECOND))
    assert found is not None
    assert found.p_student == pytest.approx(0.002833, abs=5e-7)
    # Of the 1024 ways to swap the drugs, 4 are as extreme: one patient shows no difference.
    assert found.p_permutation == pytest.approx(4 / 1024, abs=0.002)
    assert found.is_significant


def test_only_days_that_both_have_are_compared() -> None:
    found = compare_days(days((0.1, 0.2, 0.3)), days((0.2, 0.1, 9.0), first=1))
    assert found is not None
    assert (found.counts, found.means) == ((2, 2), pytest.approx((0.25, 0.15)))


def test_too_little_is_not_compared() -> None:
    assert compare_samples((1.0,), FIRST) is None
    assert compare_days(days((0.1, 0.2)), days((0.1, 0.2), first=1)) is None


def test_what_does_not_vary_has_no_interval_and_is_still_compared() -> None:
    same = compared((1.0,) * 4, (1.0,) * 4)
    assert (same.difference, same.p_student, same.p_permutation, same.needed) == (None, None, 1.0, None)
    assert compared((1.0,) * 8, (2.0,) * 8).p_permutation < 0.001


def test_as_many_as_are_said_to_be_needed_see_the_difference_four_times_in_five() -> None:
    spread = tuple(sin(n) for n in range(40))
    found = compared(tuple(value + 0.2 for value in spread), spread)
    assert found.needed is not None
    assert found.lacking == found.needed - 40
    generator = np.random.default_rng(5)
    size, seen = found.needed, 0
    for _ in range(200):
        one, other = (generator.choice(spread, size) + shift for shift in (0.2, 0.0))
        drawn = compare_samples(list(one), list(other), draws=1)
        seen += drawn is not None and drawn.p_student is not None and drawn.p_student < 0.05
    assert 0.7 < seen / 200 < 0.9


def test_the_work_is_bounded_and_how_many_permutations_were_made_is_said_with_what_they_are_good_for() -> None:
    whole = compared(FIRST, SECOND)
    bounded = compare_samples(FIRST, SECOND, most_dealt=20 * 2_000)
    assert bounded is not None
    assert (whole.permutations, bounded.permutations) == (9_999, 2_000)
    assert abs(bounded.p_permutation - whole.p_permutation) < bounded.p_error
    assert bounded.p_error == pytest.approx(2 * (0.08 * 0.92 / 2_000) ** 0.5, rel=0.2)
    assert whole.p_error < 0.006


def test_a_difference_of_nearly_nothing_needs_more_than_there_can_be() -> None:
    assert compared((1.0, -1.0, 0.0001), (1.0, -1.0, 0.0)).needed is None
    assert compared((9.0, 9.1) * 10, (1.0, 1.1) * 10).lacking == 0
