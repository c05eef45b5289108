"""Durations and schedules, and that the scheduler takes whatever passes here."""

from datetime import timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from desk.accounts import Schedule
from desk.accounts.values import Interval, format_duration, parse_duration


@given(
    st.timedeltas(timedelta(seconds=1), timedelta(days=999)).map(
        lambda time: timedelta(seconds=time // timedelta(seconds=1))
    )
)
def test_a_duration_is_read_as_it_is_written(duration: timedelta) -> None:
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("5m", 300), ("1h30m", 5400), ("2d", 172_800), ("PT5M", 300), ("P1DT2H", 93_600), ("90S", 90)],
)
def test_durations_are_read_in_short_and_in_iso_form(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "P", "PT", "5", "5 m", "-5m", "1.5h", "m", "5m1h", "9" * 20 + "d"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="expected a duration"):
        Schedule(every=text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "cron", ["H * * * *", "0 0 LW * *", "0 0 * * 5L", "@daily", "", "* * * * * *", "*/0 * * * *", "10-5 * * * *"]
)
def test_cron_lines_that_the_scheduler_could_not_run_are_refused(cron: str) -> None:
    with pytest.raises(ValidationError, match="expected five cron fields"):
        Schedule(cron=cron)


@pytest.mark.parametrize(
    "rrule",
    [
        "", "nonsense", "FREQ=SECONDLY", "FREQ=DAILY;COUNT=3", "FREQ=HOURLY;INTERVAL=0", "FREQ=MINUTELY;INTERVAL=-1",
        "FREQ=HOURLY;BYHOUR=25", "DTSTART:20240101T000000\nRRULE:FREQ=DAILY", "RDATE:20240101T000000",
        "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;UNTIL=20400101T000000Z",
        "FREQ=DAILY;BYSETPOS=1;" + "BYHOUR=1;" * 1000,
    ],
)  # fmt: skip
@pytest.mark.timeout(5)
def test_rules_that_the_scheduler_could_not_run_are_refused(rrule: str) -> None:
    with pytest.raises(ValidationError, match="expected an iCalendar rule"):
        Schedule(rrule=rrule)


_FIELD = st.sampled_from(
    ["*", "*/5", "1", "0,30", "5-10", "7/15", "L", "MON", "MON-FRI", "5#3", "JAN", "?", "W", "LW", "5L"]
)


@given(st.lists(_FIELD, min_size=5, max_size=5).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_the_scheduler_takes_every_cron_line_that_passes(cron: str) -> None:
    from prefect._vendor.croniter import croniter

    try:
        Schedule(cron=cron)
    except ValidationError:
        return
    assert croniter.is_valid(cron)


@pytest.mark.parametrize("rrule", ["FREQ=HOURLY;BYMINUTE=2", "RRULE:FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=9;BYMINUTE=0"])
def test_the_scheduler_takes_a_rule_that_passes(rrule: str) -> None:
    assert rrulestr(str(Schedule(rrule=rrule).rrule), cache=True)


@pytest.mark.parametrize(
    ("schedule", "gap"),
    [
        (Schedule(every=timedelta(minutes=5)), timedelta(minutes=5)),
        (Schedule(cron="*/15 * * * *"), timedelta(minutes=15)),
        (Schedule(cron="0,1 9 * * *"), timedelta(minutes=1)),
        (Schedule(rrule="FREQ=HOURLY;BYMINUTE=0,20"), timedelta(minutes=20)),
        (Schedule(rrule="FREQ=MINUTELY;UNTIL=20400101T120000;INTERVAL=2"), timedelta(minutes=2)),
        (Schedule(rrule="FREQ=YEARLY;INTERVAL=10"), timedelta.max),
    ],
)
def test_the_shortest_gap_is_the_distance_of_the_two_nearest_scans(schedule: Schedule, gap: timedelta) -> None:
    assert schedule.shortest_gap == gap


@pytest.mark.parametrize(
    ("text", "seconds", "written"), [("30s", 30, "30s"), ("10s", 10, "10s"), ("off", 0, "off"), (False, 0, "off")]
)
def test_an_interval_is_a_duration_or_off(text: object, seconds: int, written: str) -> None:
    interval = TypeAdapter(Interval)
    assert interval.validate_python(text) == timedelta(seconds=seconds)
    assert interval.dump_json(interval.validate_python(text)) == f'"{written}"'.encode()


@pytest.mark.parametrize("text", ["9s", "0s", "on", True, 30])
def test_other_intervals_are_refused(text: object) -> None:
    with pytest.raises(ValidationError, match="expected a duration"):
        TypeAdapter(Interval).validate_python(text)
