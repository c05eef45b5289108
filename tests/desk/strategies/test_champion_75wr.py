import numpy as np
import pytest
from pydantic import ValidationError

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.model.timeframe import Timeframe
from desk.strategies.champion_75wr import Champion75wr

RISE = np.concatenate((ripple(1200), 1000 + np.arange(1, 401) * 0.15))
DIP = np.concatenate((RISE, RISE[-1] - np.arange(1, 7) * 0.3))


def on(closes):
    return market_of(closes, longer=(Timeframe.M15, Timeframe.H1))


def last_score(market):
    return Champion75wr().evaluate(market).score[-1]


def test_a_stretched_dip_in_a_rise_of_both_longer_timeframes_is_a_reason_to_buy():
    assert last_score(on(DIP)) > 0.5


def test_a_stretched_rally_in_a_fall_of_both_longer_timeframes_is_a_reason_to_sell():
    assert last_score(mirrored(on(DIP))) < -0.5


def test_a_rise_without_a_dip_is_no_opinion():
    assert last_score(on(RISE)) == 0


def test_a_dip_is_not_bought_when_one_of_the_timeframes_does_not_rise():
    fallen = np.concatenate((1060 - np.arange(1300) * 0.1, 930 + np.arange(1, 31) * 0.3))
    scores = Champion75wr().evaluate(on(np.concatenate((fallen, fallen[-1] - np.arange(1, 8) * 0.5))))
    assert scores.features["trend_M15"][-1] > 0.75
    assert scores.features["trend_H1"][-1] < 0
    assert scores.features["deviations"][-1] < -0.75
    assert scores.score[-1] == 0


def test_the_target_is_near_and_the_stop_is_wide():
    scores = Champion75wr().evaluate(on(DIP))
    stop, target = scores.stop[-1], scores.target[-1]
    assert stop / (stop + target) == pytest.approx(0.76, abs=0.01)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"entry_deviations": 2}, "entry_deviations below full_deviations, found 2.0 and 1.75"),
        ({"least_trend": 1}, "least_trend below full_trend, found 1.0 and 0.75"),
    ],
)
def test_parameters_in_the_wrong_order_are_refused(parameters, message):
    with pytest.raises(ValidationError, match=message):
        Champion75wr(**parameters)
