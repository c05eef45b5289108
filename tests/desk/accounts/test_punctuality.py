from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from desk.accounts import Schedule
from desk.accounts.punctuality import last_due, next_due


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "now", "due"),
    [
        ({"every": "5m", "offset": "5s"}, "2026-01-14T15:04:59", "2026-01-14T15:00:05"),
        ({"every": "5m", "offset": "5s"}, "2026-01-14T15:05:05", "2026-01-14T15:05:05"),
        ({"every": "1d"}, "2026-01-14T15:04", "2026-01-14T00:00"),
        ({"cron": "*/5 * * * *"}, "2026-01-14T15:05:00", "2026-01-14T15:05"),
        ({"cron": "*/5 * * * *"}, "2026-01-14T15:04:59", "2026-01-14T15:00"),
        ({"cron": "30 9 * * 1-5", "timezone": "America/New_York"}, "2026-01-19T14:00", "2026-01-16T14:30"),
        ({"cron": "30 9 * * *", "timezone": "America/New_York"}, "2026-07-01T14:00", "2026-07-01T13:30"),
        ({"rrule": "FREQ=HOURLY;BYMINUTE=2;BYSECOND=0"}, "2026-01-14T15:01", "2026-01-14T14:02"),
        ({"rrule": "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1;BYHOUR=0"}, "2026-01-14T15:01", "2025-03-01T00:00"),
        ({"rrule": "FREQ=WEEKLY"}, "2026-01-15T15:01", "2026-01-14T00:00"),
    ],
)
def test_the_last_time_that_was_due_is_found(schedule: dict[str, str], now: str, due: str) -> None:
    found = last_due(Schedule.model_validate(schedule), at(now))
    assert found is not None
    assert found == at(due)


@pytest.mark.parametrize(
    ("schedule", "now", "due"),
    [
        ({"every": "5m", "offset": "5s"}, "2026-01-14T15:04:59", "2026-01-14T15:05:05"),
        ({"every": "5m", "offset": "5s"}, "2026-01-14T15:05:05", "2026-01-14T15:10:05"),
        ({"cron": "*/5 * * * *"}, "2026-01-14T15:05:00", "2026-01-14T15:10"),
        ({"cron": "30 9 * * 1-5", "timezone": "America/New_York"}, "2026-01-16T15:00", "2026-01-19T14:30"),
        ({"cron": "30 9 * * *", "timezone": "America/New_York"}, "2026-03-07T15:00", "2026-03-08T13:30"),
        ({"rrule": "FREQ=HOURLY;BYMINUTE=2"}, "2026-01-14T15:02", "2026-01-14T16:02"),
        ({"rrule": "FREQ=DAILY", "timezone": "Asia/Tokyo"}, "2026-01-14T14:59", "2026-01-14T15:00"),
        ({"rrule": "FREQ=WEEKLY"}, "2026-01-16T15:01", "2026-01-21T00:00"),
        ({"rrule": "FREQ=MONTHLY;BYHOUR=6"}, "2026-01-31T15:01", "2026-02-01T06:00"),
        ({"rrule": "FREQ=YEARLY;BYMONTH=3"}, "2026-01-14T15:01", "2026-03-01T00:00"),
    ],
)
def test_the_next_time_is_found(schedule: dict[str, str], now: str, due: str) -> None:
    assert next_due(Schedule.model_validate(schedule), at(now)) == at(due)


def test_a_rule_that_has_come_to_its_end_has_no_next_time() -> None:
    assert next_due(Schedule(rrule="FREQ=DAILY;UNTIL=20260110T000000"), at("2026-01-14T15:00")) is None


@pytest.mark.parametrize("find", [last_due, next_due])
def test_a_rule_that_counts_from_an_unknown_day_is_not_guessed(
    find: Callable[[Schedule, datetime], datetime | None],
) -> None:
    assert find(Schedule(rrule="FREQ=DAILY;INTERVAL=3"), at("2026-01-14T15:00")) is None
