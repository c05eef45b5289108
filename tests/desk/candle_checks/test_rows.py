"""Every row that cannot be right is found, by the rule that it breaks, with its time and its values."""

from datetime import timedelta

import numpy as np
import pytest

from desk.candle_checks.columns import to_candles
from desk.candle_checks.findings import MOST_SHOWN, Rule
from desk.candle_checks.rows import broken_by_rows
from desk.errors import MalformedCandles
from desk.model.timeframe import Timeframe
from tests.desk.candle_checks.recordings import FIRST, M5, NOON, changed, recorded

WRONG = {
    "before the one before": ("time", 7, FIRST + 300, Rule.ORDER),
    "twice": ("time", 7, FIRST + 6 * 300, Rule.DUPLICATE),
    "off the boundary": ("time", 7, FIRST + 7 * 300 + 1, Rule.BOUNDARY),
    "no number": ("close", 7, np.nan, Rule.FINITE),
    "infinite": ("high", 7, np.inf, Rule.FINITE),
    "nothing": ("low", 7, 0.0, Rule.POSITIVE),
    "below nothing": ("low", 7, -1.0, Rule.POSITIVE),
    "a high below the close": ("high", 7, 1.0, Rule.ENCLOSE),
    "a low above the open": ("low", 7, 1.3, Rule.ENCLOSE),
    "a bid without sense": ("bid_low", 7, 1.3, Rule.ENCLOSE),
    "an ask of nothing": ("ask_close", 7, 0.0, Rule.POSITIVE),
    "a bid above the ask": ("ask_high", 7, 1.0, Rule.CROSSED),
    "less than no volume": ("volume", 7, -1.0, Rule.VOLUME),
    "no volume": ("volume", 7, np.nan, Rule.VOLUME),
}


def test_candles_that_can_be_right_break_nothing():
    assert broken_by_rows(recorded(sides=True), M5) == ()
    assert broken_by_rows(recorded(volume=False), M5) == ()
    assert broken_by_rows(recorded(0), M5) == ()


@pytest.mark.parametrize("case", WRONG)
def test_a_row_that_cannot_be_right_is_told_with_rule_row_time_and_value(case):
    name, row, value, rule = WRONG[case]
    columns = changed(recorded(sides=True), name, row, value)
    broken = {one.rule: one for one in broken_by_rows(columns, M5)}
    assert rule in broken
    [finding] = broken[rule].first
    assert (broken[rule].places, finding.row, finding.candles) == (1, row + 1, 1)
    assert finding.at.timestamp() == columns.time[row]
    assert rule.is_wrong
    if name != "time" and case != "a bid above the ask":
        assert str(value) in finding.detail


@pytest.mark.parametrize("case", [case for case in WRONG if case != "a bid above the ask"])
def test_whatever_the_candles_of_the_desk_refuse_is_found(case):
    name, row, value, _ = WRONG[case]
    columns = changed(recorded(sides=True), name, row, value)
    with pytest.raises(MalformedCandles):
        to_candles("EUR/USD", M5, columns)


@pytest.mark.parametrize("name", ["high", "low"])
def test_a_high_or_low_between_open_and_close_does_not_enclose_both(name):
    columns = recorded()
    between = (columns.values["open"][7] + columns.values["close"][7]) / 2
    [broken] = broken_by_rows(changed(columns, name, 7, between), M5)
    assert (broken.rule, broken.first[0].row) == (Rule.ENCLOSE, 8)


def test_the_two_prices_that_cross_are_told():
    [broken] = broken_by_rows(changed(recorded(sides=True), "bid_close", 3, 1.3), M5)[-1:]
    assert broken.rule is Rule.CROSSED
    assert "bid_close 1.3, ask_close 1.09" in broken.first[0].detail


def test_all_rows_are_counted_and_the_first_are_told():
    columns = recorded(40)
    columns = changed(columns, "volume", slice(5, 35), -2.0)
    [broken] = broken_by_rows(columns, M5)
    assert (broken.places, broken.candles, len(broken.first)) == (30, 30, MOST_SHOWN)
    assert broken.first[1].at == NOON + timedelta(minutes=30)


def test_candles_of_a_longer_timeframe_than_said_are_told():
    hours = recorded(400).rows(slice(0, None, 12))
    [broken] = broken_by_rows(hours, M5)
    assert (broken.rule, broken.places) == (Rule.TIMEFRAME, 1)
    assert "every candle opens on H1 boundaries" in broken.first[0].detail
    assert broken_by_rows(hours, Timeframe.H1) == ()


def test_a_few_candles_or_holes_are_no_sign_of_a_longer_timeframe():
    assert broken_by_rows(recorded(400).rows(slice(0, 100, 12)), M5) == ()
    kept = np.r_[0:400:12, 1]
    assert broken_by_rows(recorded(400).rows(np.sort(kept)), M5) == ()
