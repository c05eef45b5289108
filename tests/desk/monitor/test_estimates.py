"""Intervals of shares and means."""

import pytest

from desk.monitor.estimates import mean_of, share_of


def test_the_interval_of_a_share_is_wilsons() -> None:
    # Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I: 81 of 263, method 3.
    found = share_of(81, 263)
    assert (found.value, found.low, found.high) == pytest.approx((0.30798, 0.2553, 0.3662), abs=5e-5)


@pytest.mark.parametrize(("wins", "low", "high"), [(0, 0.0, 0.1611), (20, 0.8389, 1.0)])
def test_a_share_of_none_or_all_is_no_certainty_and_stays_a_share(wins: int, low: float, high: float) -> None:
    found = share_of(wins, 20)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert (found.low >= 0, found.high <= 1) == (True, True)


def test_the_interval_of_a_mean_is_students() -> None:
    found = mean_of([1.0, 2.0, 3.0, 4.0])
    assert found is not None
    # 2.5 -+ 3.18245 * 1.29099 / 2
    assert (found.value, found.low, found.high) == pytest.approx((2.5, 0.44574, 4.55426), abs=1e-5)


@pytest.mark.parametrize("values", [[], [1.0]])
def test_a_mean_of_less_than_two_has_no_interval(values: list[float]) -> None:
    assert mean_of(values) is None


def test_more_confidence_takes_a_wider_interval() -> None:
    narrow, wide = share_of(5, 10, confidence=0.8), share_of(5, 10, confidence=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high
