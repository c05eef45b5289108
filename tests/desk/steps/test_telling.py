"""What people are told unasked: a failure that goes on, each time it has doubled, and the day at its hour."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from desk.model.messages import Failing, MessageKind, wait_after
from desk.steps.telling import DayOfAccount, digest_day, digest_of, escalation_of
from tests.builders import CLOSE


def test_a_failure_is_told_again_each_time_it_has_doubled() -> None:
    told = [escalation_of(Failing("gold", scans, CLOSE, "no answer\nTraceback"), 3) for scans in (3, 5, 6, 11, 12, 24)]
    occasions = [occasion.rpartition(", ")[2] for occasion, _ in told]
    assert occasions == ["3", "3", "6", "6", "12", "24"]
    occasion, message = told[0]
    assert occasion == f"gold fails since {CLOSE.isoformat()}, 3"
    assert (message.title, message.kind) == ("gold: 3 scans in a row have failed", MessageKind.ESCALATION)
    assert "The last one said:\nno answer\n`desk why gold`" in message.body
    assert message.body.endswith("told again after 6.")


@pytest.mark.parametrize(
    ("hour", "minute", "day"), [(5, 59, None), (6, 0, 18), (11, 59, 18), (12, 0, None), (23, 0, None)]
)
def test_a_digest_is_due_from_its_time_on_in_its_zone_and_for_six_hours(hour: int, minute: int, day: int) -> None:
    now = datetime(2026, 7, 18, hour, minute, tzinfo=UTC)  # two hours behind Berlin in summer
    expected = None if day is None else date(2026, 7, day)
    assert digest_day(now, time(8, 0), "Europe/Berlin") == expected


def test_a_digest_that_is_due_late_belongs_to_the_day_on_which_it_was_due() -> None:
    now = datetime(2026, 7, 18, 23, 30, tzinfo=UTC)
    assert digest_day(now, time(23, 0), "UTC") == date(2026, 7, 18)
    assert digest_day(now + timedelta(hours=1), time(23, 0), "UTC") == date(2026, 7, 18)


def test_the_day_has_a_line_for_each_account_and_one_for_each_currency() -> None:
    gold = DayOfAccount("gold", "USD", Decimal(1000), Decimal("12.5"), 3, 1, 288, 2)
    euro = DayOfAccount("euro", "EUR", None, Decimal(-1), 1, 0, 24, 0)
    message = digest_of(date(2026, 7, 18), [gold, euro])
    assert (message.title, message.severity) == ("fleet: the 24 hours to 2026-07-18", "warning")
    assert message.body.splitlines() == [
        "gold: +12.50 in 3 closed trades, 1 open, equity 1,000.00 USD, 2 of 288 scans failed",
        "euro: -1.00 in 1 closed trades, 0 open",
        "Together +12.50 USD",
        "Together -1.00 EUR",
        "2 of 312 scans failed.",
    ]
    assert digest_of(date(2026, 7, 18), [euro]).severity == "info"


def test_waits_double_from_a_minute_to_an_hour() -> None:
    minutes = [wait_after(attempts) / timedelta(minutes=1) for attempts in (1, 2, 3, 6, 7, 50)]
    assert minutes == [1, 2, 4, 32, 60, 60]
