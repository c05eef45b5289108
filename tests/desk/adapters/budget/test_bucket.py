"""Buckets: never more than the limit in any period, whoever takes and however late it is used."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.adapters.budget.bucket import LEASE, Bucket
from desk.adapters.budget.limits import Limits, Period
from desk.errors import ConfigError
from tests.desk.adapters.budget.conftest import START

HOURLY = Bucket(Period.HOUR, 2_400)
TICK = timedelta(microseconds=1)
BUCKETS = st.one_of(
    st.builds(Bucket, st.just(Period.SECOND), st.integers(1, 120)),
    st.builds(Bucket, st.sampled_from([Period.HOUR, Period.DAY]), st.integers(1, 40)),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "take", "use", "use", "give back"]),
        st.integers(0, 2),  # which process
        st.one_of(st.just(0.0), st.floats(0, 0.001), st.floats(0, 1.2)),  # how much of the period passes before
        st.booleans(),  # whether it is urgent
    ),
    max_size=120,
)


class Process:
    """Takes lots of calls and makes them one by one, as late as they are valid."""

    def __init__(self) -> None:
        self.calls, self.until = 0, START


def play(bucket, steps):
    """The moments at which calls left, of all processes together."""
    now = full_at = START
    processes, left = [Process() for _ in range(3)], []
    for what, number, share, urgent in steps:
        now += bucket.period.length * share
        process = processes[number]
        if what == "take":
            full_at = bucket.given_back(full_at, process.calls)
            process.calls = min(5, bucket.room(full_at, now, urgent=urgent))
            process.until = now + LEASE
            full_at = bucket.taken(full_at, now, process.calls)
        elif what == "give back":
            full_at, process.calls = bucket.given_back(full_at, process.calls), 0
        elif process.calls:
            # What is to be made "now" may be made at any time until the lease ends: the worst is its last moment.
            now = max(now, process.until - TICK) if urgent else now
            if now < process.until:
                process.calls -= 1
                left.append(now)
    return left


@given(BUCKETS, STEPS)
def test_no_period_has_more_calls_than_the_limit(bucket, steps):
    left = play(bucket, steps)
    for start in left:
        assert sum(start <= at < start + bucket.period.length for at in left) <= bucket.calls


@given(BUCKETS)
def test_taking_greedily_never_exceeds_the_limit_and_comes_close_to_it(bucket):
    now, full_at, left = START, START, []
    while now < START + 2 * bucket.period.length:
        for _ in range(bucket.room(full_at, now, urgent=True)):
            full_at = bucket.taken(full_at, now, 1)
            left.append(now)
        now = bucket.next_at(full_at, now, urgent=True)
    for start in left:
        assert sum(start <= at < start + bucket.period.length for at in left) <= bucket.calls
    first = sum(at < START + bucket.period.length + LEASE for at in left)
    assert first == bucket.calls


@given(BUCKETS, st.integers(0, 60), st.booleans())
def test_there_is_room_exactly_from_the_moment_that_is_told(bucket, taken, urgent):
    full_at = bucket.taken(START, START, min(taken, bucket.burst))
    at = bucket.next_at(full_at, START, urgent=urgent)
    assert bucket.room(full_at, at, urgent=urgent) >= 1
    if at > START:
        assert bucket.room(full_at, at - TICK, urgent=urgent) == 0


def test_what_is_not_urgent_leaves_the_reserve_alone():
    normal = HOURLY.room(START, START, urgent=False)
    assert (HOURLY.burst, normal, HOURLY.reserve) == (600, 480, 120)
    full_at = HOURLY.taken(START, START, normal)
    assert HOURLY.room(full_at, START, urgent=False) == 0
    assert HOURLY.room(full_at, START, urgent=True) == 120


def test_an_empty_bucket_fills_by_one_call_an_interval():
    full_at = HOURLY.taken(START, START, HOURLY.burst)
    assert HOURLY.interval == timedelta(microseconds=1_999_445)  # 3,601 s / 1,801, rounded up
    assert HOURLY.room(full_at, START + HOURLY.interval * 7, urgent=True) == 7


def test_a_full_bucket_gets_no_fuller():
    assert HOURLY.room(START, START + timedelta(days=3), urgent=True) == HOURLY.burst
    assert HOURLY.room(HOURLY.given_back(START, 50), START, urgent=True) == HOURLY.burst


def test_a_clock_that_was_set_back_locks_the_bucket_no_longer_than_it_takes_to_fill():
    full_at = START + timedelta(days=300)
    assert HOURLY.room(full_at, START, urgent=True) == 0
    assert HOURLY.next_at(full_at, START, urgent=True) == START + HOURLY.interval


@pytest.mark.parametrize("limits", [{"per_second": 0}, {"per_hour": -1}, {"per_day": 0}])
def test_a_limit_that_allows_nothing_is_refused(limits):
    with pytest.raises(ConfigError, match="expected at least 1 call a"):
        Limits(**limits)
