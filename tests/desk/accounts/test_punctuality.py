from datetime import UTC, datetime

import pytest

from desk.accounts import Schedule
from desk.accounts.punctuality import last_due


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
    ],
)
def test_the_last_time_that_was_due_is_found(schedule: dict[str, str], now: str, due: str) -> None:
    found = last_due(Schedule.model_validate(schedule), at(now))
    assert found is not None
    assert found == at(due)


def test_a_rule_that_counts_from_an_unknown_day_is_not_guessed() -> None:
    assert last_due(Schedule(rrule="FREQ=DAILY;INTERVAL=3"), at("2026-01-14T15:00")) is None
