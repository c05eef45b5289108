import numpy as np
import pytest
from pydantic import ValidationError

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.model.timeframe import Timeframe
from desk.strategies.swing_trading import SwingTrading

TIDE = np.concatenate((ripple(400), 1000 + np.arange(1, 121) * 0.5))
DIP = np.concatenate((TIDE, TIDE[-1] - np.arange(1, 9) * 0.7))


def hours(closes):
    return market_of(closes, timeframe=Timeframe.H1, longer=(Timeframe.H4,))


def last_score(market):
    return SwingTrading().evaluate(market).score[-1]


def test_a_dip_in_a_rising_tide_is_a_reason_to_buy():
    assert last_score(hours(DIP)) > 0.5


def test_a_rally_in_a_falling_tide_is_a_reason_to_sell():
    assert last_score(mirrored(hours(DIP))) < -0.5


def test_a_rising_tide_without_a_dip_is_waited_for():
    scores = SwingTrading().evaluate(hours(TIDE))
    assert scores.features["tide_atr"][-1] > 1
    assert scores.score[-1] == 0


def test_the_same_dip_without_a_tide_is_no_opinion():
    assert last_score(hours(np.concatenate((ripple(500), 1000 - np.arange(1, 4) * 0.7)))) == 0


def test_there_is_no_opinion_until_the_longer_timeframe_has_warmed_up():
    score = SwingTrading().evaluate(hours(DIP[-320:])).score
    assert (score[81:] == 0).sum() > 200
    assert not np.isnan(score[80:]).any()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"fast_period": 24}, "fast_period below slow_period, found 24 and 24"),
        ({"entry_tide": 1}, "entry_tide below full_tide, found 1.0 and 1.0"),
        ({"entry_strength": 20}, "entry_strength below full_strength, found 20.0 and 15"),
    ],
)
def test_parameters_in_the_wrong_order_are_refused(parameters, message):
    with pytest.raises(ValidationError, match=message):
        SwingTrading(**parameters)
