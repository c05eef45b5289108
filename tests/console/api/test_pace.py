from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from console.api.pace import Pace
from tests.builders import CLOSE

MINUTE = timedelta(minutes=1)
NOTHING = timedelta(0)
gaps = st.lists(st.timedeltas(NOTHING, timedelta(seconds=20)) | st.just(NOTHING), min_size=1, max_size=120)


@given(st.integers(2, 25), gaps)
def test_in_no_minute_more_calls_pass_than_the_limit(limit: int, between: list[timedelta]):
    pace, now, passed = Pace(limit), CLOSE, []
    for gap in between:
        now += gap
        if not pace.wait("ana", now):
            passed.append(now)
    assert all(sum(first <= at <= first + MINUTE for at in passed) <= limit for first in passed)


@given(st.integers(2, 25), gaps)
def test_after_the_wait_that_is_told_a_call_passes_and_not_before(limit: int, between: list[timedelta]):
    pace, now = Pace(limit), CLOSE
    for gap in between:
        now += gap
        if wait := pace.wait("ana", now):
            assert pace.wait("ana", now + wait - timedelta(microseconds=1))
            assert not pace.wait("ana", now + wait)
            now += wait


def test_half_of_the_limit_may_come_at_once_and_is_there_again_after_a_minute():
    pace = Pace(10)
    for at in (CLOSE, CLOSE + MINUTE, CLOSE + 5 * MINUTE):
        assert [not pace.wait("ana", at) for _ in range(7)] == [True] * 5 + [False] * 2


def test_a_large_limit_is_not_passed_by_rounding():
    pace = Pace(140_000)  # 70,000 in a minute are one each 857.1 microseconds
    assert sum(not pace.wait("ana", CLOSE) for _ in range(70_001)) == 70_000
    assert pace.wait("ana", CLOSE) == timedelta(microseconds=858)


def test_callers_do_not_wait_for_each_other():
    pace = Pace(2)
    assert [bool(pace.wait(name, CLOSE)) for name in ("ana", "ana", "ben", "ben")] == [False, True, False, True]


def test_of_more_callers_than_are_remembered_the_one_from_longest_ago_begins_anew():
    pace = Pace(2, callers=2)
    for name in ("ana", "ben", "ana", "cyd"):
        pace.wait(name, CLOSE)
    assert [bool(pace.wait(name, CLOSE)) for name in ("ana", "cyd", "ben")] == [True, True, False]


def test_a_clock_that_is_set_back_lets_nobody_wait_longer():
    pace = Pace(2)
    pace.wait("ana", CLOSE)
    assert pace.wait("ana", CLOSE - timedelta(days=1)) == MINUTE
