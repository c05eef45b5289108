import numpy as np
import pytest
from pydantic import ValidationError

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.strategies.scalping import Scalping

DRIFT = np.concatenate((ripple(120), 1000 + np.arange(1, 80) * 0.1))
BURST = np.append(DRIFT, DRIFT[-1] - np.array([0.3, 0.7, 1.3]))


def last_score(market):
    return Scalping().evaluate(market).score[-1]


def test_a_burst_down_in_a_drift_up_is_a_reason_to_buy():
    assert last_score(market_of(BURST)) > 0.5


def test_a_burst_up_in_a_drift_down_is_a_reason_to_sell():
    assert last_score(mirrored(market_of(BURST))) < -0.5


def test_a_drift_without_a_burst_is_no_opinion():
    assert last_score(market_of(DRIFT)) == 0


def test_the_same_burst_without_a_drift_is_no_opinion():
    flat = np.append(ripple(200), [999.5, 998.7])
    scores = Scalping().evaluate(market_of(flat))
    assert scores.features["rsi"][-1] < 14
    assert scores.score[-1] == 0


def test_a_burst_too_small_for_its_costs_is_a_smaller_opinion():
    small = np.append(DRIFT, DRIFT[-1] - np.array([0.03, 0.07, 0.13]))
    assert 0 <= last_score(market_of(small)) < 0.6 * last_score(market_of(BURST))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"entry_strength": 45, "full_strength": 40}, "entry_strength below full_strength, found 45.0 and 40.0"),
        ({"entry_drift": 3}, "entry_drift below full_drift, found 3.0 and 2.0"),
    ],
)
def test_parameters_in_the_wrong_order_are_refused(parameters, message):
    with pytest.raises(ValidationError, match=message):
        Scalping(**parameters)
