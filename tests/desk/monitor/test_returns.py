"""Daily returns from the equity over time."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from desk.monitor.returns import daily_returns


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def test_a_day_is_measured_from_the_end_of_the_day_before() -> None:
    curve = [(at(1), Decimal(90)), (at(1, 23), Decimal(100)), (at(2), Decimal(120)), (at(2, 22), Decimal(110))]
    assert daily_returns(curve) == {date(2026, 1, 2): pytest.approx(0.1)}


def test_days_without_any_equity_have_no_return_of_their_own() -> None:
    found = daily_returns([(at(1), Decimal(100)), (at(5), Decimal(50)), (at(6), Decimal(50))])
    assert found == {date(2026, 1, 5): pytest.approx(-0.5), date(2026, 1, 6): 0}


def test_days_are_those_of_utc_and_nothing_is_measured_from_nothing() -> None:
    late = datetime(2026, 1, 1, 22, tzinfo=timezone(timedelta(hours=-5)))
    assert list(daily_returns([(at(1), Decimal(1)), (late, Decimal(2))])) == [date(2026, 1, 2)]
    assert daily_returns([(at(1), Decimal(0)), (at(2), Decimal(5))]) == {}


def test_what_the_desk_has_moved_is_in_no_return() -> None:
    curve = [(at(1), Decimal(100)), (at(2), Decimal(55)), (at(3), Decimal(155))]
    moved = [(at(1), Decimal(-9)), (at(2, 9), Decimal(-50)), (at(3), Decimal(100))]
    assert daily_returns(curve, moved) == {date(2026, 1, 2): pytest.approx(0.05), date(2026, 1, 3): 0}
