from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.failures import NotUnderstood
from console.times import format_age, format_instant, format_minute, format_near, format_next, parse_time

AT = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-01-14T15:00Z", "2026-01-14 15:00", "2026-01-14T16:00+01:00", "2026-01-14T15:00:00.000Z"]
)
def test_the_ways_to_write_a_time_mean_the_same(text: str):
    assert parse_time(text) == AT
    assert parse_time(text).tzinfo is UTC


def test_a_date_is_its_midnight():
    assert parse_time("2026-01-14") == datetime(2026, 1, 14, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "15:00", "2026-13-01", "2026-01-14T25:00"])
def test_what_is_no_time_is_refused_with_an_example(text: str):
    with pytest.raises(NotUnderstood, match=r"expected a time such as 2026-01-14T15:00Z, found"):
        parse_time(text)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(0), "0 s ago"),
        (timedelta(seconds=119), "119 s ago"),
        (timedelta(minutes=2), "2 min ago"),
        (timedelta(minutes=119), "119 min ago"),
        (timedelta(hours=47), "47 h ago"),
        (timedelta(days=307), "307 d ago"),
        (timedelta(minutes=-3), "in 3 min"),
    ],
)
def test_an_age_is_told_in_one_unit(age: timedelta, words: str):
    assert format_age(age) == words


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=10_000)))
def test_an_age_is_never_told_as_less_than_half_of_it(age: timedelta):
    amount, unit, _ = format_age(age).split()
    length = {"s": timedelta(seconds=1), "min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
    told = int(amount) * length[unit]
    assert told <= age < told + length[unit]
    assert told >= age / 2 or unit == "s"


def test_a_time_is_as_short_as_its_age_allows():
    assert format_near(AT, timedelta(hours=3)) == "15:00"
    assert format_near(AT, timedelta(days=3)) == "01-14 15:00"
    assert format_near(AT, timedelta(days=300)) == "2026-01-14"


def test_what_comes_is_told_with_its_day_unless_that_is_today():
    assert format_next(AT + timedelta(hours=8, minutes=59), AT) == "23:59"
    assert format_next(AT + timedelta(hours=9), AT) == "01-15 00:00"
    assert format_next(AT.astimezone(timezone(timedelta(hours=9))), AT) == "15:00"


def test_times_are_shown_in_utc():
    local = AT.astimezone(timezone(timedelta(hours=9)))
    assert format_minute(local) == "2026-01-14 15:00"
    assert format_instant(local + timedelta(milliseconds=7)) == "2026-01-14 15:00:00.007"
