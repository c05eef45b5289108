"""Equity over time, and what days and months make of it."""

from datetime import UTC, datetime

import numpy as np
import pytest

from desk.backtest.curve import DAY, EquityCurve
from tests.desk.backtest.rounds import START, curve

HOUR = 3_600


def test_a_day_ends_with_the_candle_that_closes_at_midnight() -> None:
    hourly = curve(list(range(100, 149)), step=HOUR)
    daily = hourly.daily()
    assert daily.value.tolist() == [100, 124, 148]
    assert [daily.at(place) for place in range(3)] == [
        START,
        datetime(2024, 1, 2, tzinfo=UTC),
        datetime(2024, 1, 3, tzinfo=UTC),
    ]


def test_the_first_day_is_measured_from_the_start_also_where_that_is_in_the_middle_of_it() -> None:
    begun = curve([100, 110, 121], step=6 * HOUR, start=datetime(2024, 1, 1, 12, tzinfo=UTC))
    assert begun.daily().value.tolist() == [100, 121]
    later = curve([100, 110, 121, 133.1], step=6 * HOUR, start=datetime(2024, 1, 1, 12, tzinfo=UTC))
    assert later.daily().returns() == pytest.approx([0.21, 0.1])


def test_a_day_without_equity_has_no_return() -> None:
    weekend = EquityCurve(np.array([0, DAY, 4 * DAY], dtype=np.int64), np.array([100.0, 101, 102.01]))
    assert weekend.daily().returns() == pytest.approx([0.01, 0.01])


def test_months_end_with_their_last_equity() -> None:
    assert curve([100.0 + day for day in range(61)]).monthly().value.tolist() == [100, 131, 160]


def test_after_ruin_there_are_no_returns() -> None:
    assert curve([100, 50, -10, 30, 60]).returns() == pytest.approx([-0.5, -1.2])


def test_an_empty_curve_has_no_days_and_no_returns() -> None:
    empty = curve([])
    assert (len(empty.daily()), len(empty.monthly()), len(empty.returns()), empty.seconds) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("time", "value", "told"),
    [
        ([0, 1], [0.0, 1.0], "above 0 at the start"),
        ([0, 1], [1.0, float("nan")], "a number"),
        ([1, 1], [1.0, 1.0], "increase"),
        ([1], [1.0, 1.0], "1, 2"),
    ],
)
def test_what_is_no_curve_is_refused(time: list[int], value: list[float], told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        EquityCurve(np.array(time, dtype=np.int64), np.array(value))
