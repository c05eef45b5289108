import numpy as np
import pytest
from pydantic import ValidationError

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.strategies.breakout import Breakout
from desk.strategies.trend_following import TrendFollowing

RISE = np.concatenate((ripple(150), 1000 + np.arange(1, 61) * 0.5))


def last_score(market):
    return TrendFollowing().evaluate(market).score[-1]


def test_a_close_at_the_top_of_a_long_channel_in_a_trend_is_a_reason_to_buy():
    assert last_score(market_of(RISE)) == 1


def test_a_close_at_the_bottom_of_a_long_channel_in_a_trend_is_a_reason_to_sell():
    assert last_score(mirrored(market_of(RISE))) == -1


def test_it_stays_while_the_price_does_and_a_breakout_does_not():
    pause = market_of(np.concatenate((RISE, RISE[-1] - [0.2, 0.4, 0.3])))
    assert last_score(pause) > 0.5
    assert Breakout().evaluate(pause).score[-1] == 0


def test_a_close_in_the_middle_of_the_channel_is_no_opinion():
    assert last_score(market_of(np.concatenate((RISE, RISE[-1] - np.arange(1, 20) * 0.7)))) == 0


def test_the_top_of_a_range_without_a_trend_is_no_opinion():
    scores = TrendFollowing().evaluate(market_of(np.append(ripple(199), 1000.3)))
    assert scores.features["place"][-1] > 0.8
    assert scores.score[-1] == 0


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"entry_position": 1}, "entry_position below full_position, found 1.0 and 1.0"),
        ({"entry_adx": 30}, "entry_adx below full_adx, found 30.0 and 30"),
    ],
)
def test_parameters_in_the_wrong_order_are_refused(parameters, message):
    with pytest.raises(ValidationError, match=message):
        TrendFollowing(**parameters)
