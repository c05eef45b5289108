"""The operator's calendar: read and checked with the other files, and unknown where it does not reach far enough."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.accounts import load_fleet
from desk.adapters.calendars.listed import ListedCalendar
from desk.errors import ConfigError
from desk.model.surroundings import CalendarEvent, Importance
from tests.desk.accounts.conftest import write

__all__ = ["write"]

Write = Callable[..., Path]
EVENTS = """\
complete_until: 2026-02-01T00:00:00Z
events:
  - {at: 2026-01-28T14:00:00-05:00, currency: USD, title: Interest rates}
  - {at: 2026-01-15T13:30:00Z, importance: medium, title: A summit}
"""
DAY = timedelta(days=1)
RATES = CalendarEvent(datetime(2026, 1, 28, 19, tzinfo=UTC), "USD", Importance.HIGH, "Interest rates")
SUMMIT = CalendarEvent(datetime(2026, 1, 15, 13, 30, tzinfo=UTC), "", Importance.MEDIUM, "A summit")


def calendar(folder: Path, text: str = EVENTS) -> ListedCalendar:
    (folder / "events.yaml").write_text(text, encoding="utf-8")
    events = load_fleet(folder).events
    assert events is not None
    return ListedCalendar(events)


async def test_events_come_in_order_and_both_ends_count(write: Write) -> None:
    listed = calendar(write())
    assert await listed.events(SUMMIT.at, RATES.at) == (SUMMIT, RATES)
    moment = timedelta(microseconds=1)
    assert await listed.events(SUMMIT.at + moment, RATES.at - moment) == ()


async def test_beyond_the_time_until_which_it_is_complete_nothing_is_known(write: Write) -> None:
    listed, end = calendar(write()), datetime(2026, 2, 1, tzinfo=UTC)
    assert await listed.events(end - DAY, end) == ()
    assert await listed.events(end - DAY, end + timedelta(seconds=1)) is None


async def test_an_empty_list_is_a_calendar(write: Write) -> None:
    listed = calendar(write(), "complete_until: 2026-02-01T00:00:00Z\n")
    assert await listed.events(RATES.at, RATES.at) == ()


def test_nobody_has_to_keep_a_calendar(write: Write) -> None:
    assert load_fleet(write()).events is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("complete_until: 2026-02-01T00:00:00Z\n", "", r"events\.yaml:1: complete_until: expected a time"),
        ("importance: medium", "importance: huge", r"events\.yaml:4: events\[1\]\.importance: expected one of low"),
        ("2026-01-15T13:30:00Z", "2026-01-15 13:30", r"events\.yaml:4: events\[1\]\.at: expected a time with its zone"),
        ("currency: USD", "currency: usd", r"events\.yaml:3: events\[0\]\.currency: expected a currency"),
        ("title: A summit", "titel: A summit", r"events\.yaml:4: .*did you mean 'title'"),
        (EVENTS, "", r"events\.yaml: expected the events of the calendar, found an empty file"),
    ],
)
def test_a_mistake_is_told_with_its_line(write: Write, old: str, new: str, told: str) -> None:
    folder = write()
    with pytest.raises(ConfigError, match=told):
        calendar(folder, EVENTS.replace(old, new))


def test_mistakes_of_all_files_are_told_at_once(write: Write) -> None:
    folder = write("policy.yaml", "entry_score: 0.35", "entry_score: 35")
    with pytest.raises(ConfigError, match=r"(?s)events\.yaml:1.*policy\.yaml:7"):
        calendar(folder, "events: []")


def test_what_is_scheduled_makes_no_other_configuration_so_that_an_armed_account_stays_armed(write: Write) -> None:
    folder = write()
    before = load_fleet(folder).account("oanda-gold").config_version
    calendar(folder)
    assert load_fleet(folder).account("oanda-gold").config_version == before
