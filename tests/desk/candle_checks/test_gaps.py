"""What is missing is told by the hours in which the market was open, and what is there while it was closed, too."""

from datetime import timedelta

import numpy as np

from desk.candle_checks.findings import MOST_SHOWN, Rule
from desk.candle_checks.gaps import gaps, outside_session
from tests.desk.candle_checks.recordings import NOON, recorded

FIVE = timedelta(minutes=5)
TIME = recorded(60).time


def without(*rows):
    return np.delete(TIME, rows)


def test_nothing_is_missing_where_all_are_there():
    assert gaps(TIME, TIME) is None
    assert outside_session(TIME, TIME) is None


def test_candles_in_a_row_that_are_missing_are_one_gap():
    broken = gaps(without(3, 4, 5, 20), TIME)
    assert (broken.rule, broken.places, broken.candles) == (Rule.GAP, 2, 4)
    first, second = broken.first
    assert (first.at, first.until, first.candles, first.row) == (NOON + 3 * FIVE, NOON + 5 * FIVE, 3, 0)
    assert (second.at, second.until, second.detail) == (NOON + 20 * FIVE,) * 2 + ("expected a candle, found none",)
    assert not broken.rule.is_wrong


def test_a_closed_market_is_no_gap_and_does_not_divide_one():
    expected = without(*range(10, 20))
    assert gaps(without(*range(10, 20)), expected) is None
    broken = gaps(without(*range(8, 22)), expected)
    assert (broken.places, broken.candles) == (1, 4)


def test_nothing_at_all_is_one_gap():
    assert gaps(TIME[:0], TIME).candles == len(TIME)


def test_candles_of_a_closed_market_are_told_by_their_rows():
    broken = outside_session(TIME, without(7, 8, 30))
    assert (broken.rule, broken.places, broken.candles) == (Rule.SESSION, 2, 3)
    assert [(one.row, one.candles) for one in broken.first] == [(8, 2), (31, 1)]


def test_many_gaps_are_counted_and_the_first_are_told():
    broken = gaps(without(*range(1, 60, 2)), TIME)
    assert (broken.places, len(broken.first)) == (30, MOST_SHOWN)
