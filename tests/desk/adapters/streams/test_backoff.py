"""Pauses double up to a limit, are jittered, and are never shorter than the venue asks."""

from datetime import timedelta

import pytest

from desk.adapters.streams.backoff import Backoff
from desk.errors import RateLimited, VenueUnavailable

BROKEN = VenueUnavailable("oanda", "stream of prices")


@pytest.mark.parametrize(("failures", "seconds"), [(1, 0.5), (2, 1), (3, 2), (8, 60), (10_000, 60)])
def test_the_pause_doubles_up_to_the_longest(failures, seconds):
    assert Backoff(jitter=lambda: 1).pause(failures, BROKEN).total_seconds() == seconds


def test_jitter_takes_at_most_half():
    assert Backoff(jitter=lambda: 0).pause(2, None) == timedelta(seconds=0.5)


def test_a_venue_that_asks_for_patience_gets_it():
    asked = RateLimited("oanda", "stream of prices", retry_after=timedelta(minutes=5))
    assert Backoff().pause(1, asked) == timedelta(minutes=5)
