"""What depends on the clock, around week ends, gaps and both daylight saving times."""

from datetime import UTC, datetime

import numpy as np
import pytest

from desk.indicators.hours import between_hours, earlier

HOUR, DAY = 3_600, 86_400


def seconds(*texts: str) -> np.ndarray:
    return np.array([int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) for text in texts])


def test_the_value_of_a_day_ago_is_the_newest_that_was_known_then():
    known_at = np.array([0, 10, 24, 30, 34]) * HOUR
    found = earlier(known_at, np.array([1.0, 2, 3, 4, 5]), DAY)
    np.testing.assert_array_equal(found, [np.nan, np.nan, 1, 1, 2])


def test_over_a_week_end_the_last_value_before_it_counts():
    known_at = np.array([0, 24, 24 + 49 + 24]) * HOUR
    np.testing.assert_array_equal(earlier(known_at, np.array([1.0, 2, 3]), DAY), [np.nan, 1, 2])


def test_over_a_gap_of_more_than_four_days_there_is_none():
    known_at = np.array([0, 5 * DAY, 5 * DAY + 1])
    np.testing.assert_array_equal(earlier(known_at, np.array([1.0, 2, 3]), DAY), [np.nan, 1, np.nan])


def test_nothing_has_nothing_before_it():
    empty = np.zeros(0, dtype=np.int64)
    assert len(earlier(empty, np.zeros(0), DAY)) == len(between_hours(empty, "UTC", 1, 2)) == 0


@pytest.mark.parametrize(
    ("first", "before", "at", "last", "end"),
    [
        pytest.param("2026-01-14", "07:59", "08:00", "16:59", "17:00", id="winter"),
        pytest.param("2026-07-15", "06:59", "07:00", "15:59", "16:00", id="summer"),
        pytest.param("2026-03-10", "06:59", "07:00", "15:59", "16:00", id="between the changes of the two"),
    ],
)
def test_hours_are_those_of_the_wall_clock(first, before, at, last, end):
    times = seconds(*(f"{first}T{clock}" for clock in (before, at, last, end)))
    np.testing.assert_array_equal(between_hours(times, "America/New_York", 3, 12), [0, 1, 1, 0])


def test_hours_up_to_midnight_end_with_the_day():
    times = seconds("2026-01-14T23:59", "2026-01-15T00:00")
    np.testing.assert_array_equal(between_hours(times, "UTC", 22, 24), [1, 0])
