"""Clocks show aware UTC and refuse what would make time meaningless."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from desk.adapters.clocks import FixedClock, SimulatedClock, SystemClock
from desk.errors import ConfigError

START = datetime(2014, 5, 5, tzinfo=UTC)
ANCHOR = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_system_clock_is_aware_and_does_not_stand_still_in_the_past():
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)


def test_a_fixed_clock_shows_its_time_in_utc():
    noon_in_helsinki = datetime(2025, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert FixedClock(noon_in_helsinki).now().isoformat() == "2025-01-01T10:00:00+00:00"


@pytest.mark.parametrize(("seconds", "expected"), [(0, 0), (10, 600), (-1, -60)])
def test_a_simulated_clock_runs_at_its_speed_from_the_anchor(seconds, expected):
    wall = FixedClock(ANCHOR + timedelta(seconds=seconds))
    clock = SimulatedClock(START, 60, ANCHOR, wall)
    assert clock.now() == START + timedelta(seconds=expected)


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_an_impossible_speed_is_refused(speed):
    with pytest.raises(ConfigError, match="expected a finite speed above 0"):
        SimulatedClock(START, speed, ANCHOR)


def test_naive_times_are_refused_by_name():
    naive = START.replace(tzinfo=None)
    with pytest.raises(ConfigError, match="'at' with a time zone"):
        FixedClock(naive)
    with pytest.raises(ConfigError, match="'start' with a time zone"):
        SimulatedClock(naive, 1, ANCHOR)
    with pytest.raises(ConfigError, match="'anchor' with a time zone"):
        SimulatedClock(START, 1, naive)
