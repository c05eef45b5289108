from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.model.timeframe import Timeframe
from desk.strategies.momentum_24h import Momentum24h

QUIET = ripple(96)
RISEN = np.concatenate((QUIET, ripple(10, level=1050.0)))


def half_hours(closes):
    return market_of(closes, timeframe=Timeframe.M30, longer=(Timeframe.H1,))


def last_score(market, **parameters):
    return Momentum24h(**parameters).evaluate(market).score[-1]


def test_a_rise_of_some_percent_within_a_day_is_a_reason_to_buy():
    assert last_score(half_hours(RISEN)) == pytest.approx(0.75, abs=0.03)


def test_a_fall_of_some_percent_within_a_day_is_a_reason_to_sell():
    assert last_score(mirrored(half_hours(RISEN))) == pytest.approx(-0.75, abs=0.03)


def test_a_change_below_the_threshold_is_no_opinion():
    assert last_score(half_hours(np.concatenate((QUIET, ripple(10, level=1015.0))))) == 0


def test_the_same_rise_more_than_a_day_ago_is_no_opinion():
    assert last_score(half_hours(np.concatenate((QUIET, ripple(60, level=1050.0))))) == 0


def test_what_was_24_hours_ago_is_counted_by_the_clock_and_not_by_candles():
    five_minutes = market_of(np.repeat(RISEN, 6), timeframe=Timeframe.M5, longer=(Timeframe.H1,))
    assert last_score(five_minutes) == pytest.approx(last_score(half_hours(RISEN)), abs=0.01)


def test_after_a_gap_of_weeks_there_is_no_day_before():
    market = half_hours(RISEN)
    gap = np.where(np.arange(len(RISEN)) >= len(QUIET), 30 * 86_400, 0)
    moved = replace(market.own, time=market.own.time + gap)
    hours = market.candles(Timeframe.H1)
    later = np.where(hours.time >= market.own.time[len(QUIET)], 30 * 86_400, 0)
    apart = {Timeframe.M30: moved, Timeframe.H1: replace(hours, time=hours.time + later)}
    assert last_score(replace(market, by_timeframe=apart)) == 0


def test_hourly_candles_of_its_own_will_do():
    assert last_score(market_of(RISEN, timeframe=Timeframe.H1)) > 0.5


def test_parameters_in_the_wrong_order_are_refused():
    with pytest.raises(ValidationError, match=r"entry_change below full_change, found 0\.1 and 0\.06"):
        Momentum24h(entry_change=0.1)
