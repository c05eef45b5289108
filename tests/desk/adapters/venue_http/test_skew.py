"""The skew of a venue's clock: measured between question and answer, the most precise measure counts for a while."""

from datetime import UTC, datetime, timedelta

from desk.adapters.clocks import FixedClock
from desk.adapters.venue_http.skew import ClockSkew

NOW = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Watch:
    """A clock that a test can set."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def shown_at(self, wall: datetime) -> datetime:
        return wall


def test_without_a_measure_the_venue_has_our_time_and_a_measure_is_due():
    skew = ClockSkew(FixedClock(NOW))
    assert (skew.now(), skew.offset, skew.is_due) == (NOW, timedelta(0), True)


def test_the_venues_clock_is_compared_with_the_middle_between_question_and_answer():
    skew = ClockSkew(FixedClock(NOW))
    skew.observe(NOW + 7 * SECOND, sent=NOW - 2 * SECOND, received=NOW)
    assert (skew.offset, skew.now(), skew.is_due) == (8 * SECOND, NOW + 8 * SECOND, False)


def test_a_venue_that_is_behind_has_a_negative_offset():
    skew = ClockSkew(FixedClock(NOW))
    skew.observe(NOW - 3 * SECOND, sent=NOW, received=NOW)
    assert skew.now() == NOW - 3 * SECOND


def test_a_slower_answer_does_not_replace_a_more_precise_one():
    skew = ClockSkew(FixedClock(NOW))
    skew.observe(NOW + SECOND, sent=NOW, received=NOW)
    skew.observe(NOW + 9 * SECOND, sent=NOW, received=NOW + 4 * SECOND)
    assert skew.offset == SECOND


def test_a_measure_that_is_too_old_is_due_and_gives_way_to_any_newer_one():
    watch = Watch()
    skew = ClockSkew(watch, keep_for=60 * SECOND)
    skew.observe(NOW + SECOND, sent=NOW, received=NOW)
    watch.at = NOW + 60 * SECOND
    assert skew.is_due
    skew.observe(watch.at + 2 * SECOND, sent=watch.at - 4 * SECOND, received=watch.at)
    assert (skew.offset, skew.is_due) == (4 * SECOND, False)


def test_a_machine_whose_clock_was_set_back_measures_again():
    watch = Watch()
    skew = ClockSkew(watch)
    skew.observe(NOW, sent=NOW, received=NOW)
    watch.at = NOW - 3600 * SECOND
    assert skew.is_due


def test_a_measure_that_the_venue_did_not_accept_is_forgotten():
    skew = ClockSkew(FixedClock(NOW))
    skew.observe(NOW + SECOND, sent=NOW, received=NOW)
    skew.forget()
    assert skew.is_due
    skew.observe(NOW + 5 * SECOND, sent=NOW - 9 * SECOND, received=NOW + 9 * SECOND)
    assert skew.offset == 5 * SECOND
