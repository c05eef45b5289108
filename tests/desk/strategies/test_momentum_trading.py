import numpy as np
import pytest
from pydantic import ValidationError

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.contracts.markets import sample_market
from desk.contracts.strategies import check_forgets
from desk.strategies.momentum_trading import MomentumTrading

RISING = np.concatenate((ripple(150), ripple(60) + np.arange(60) * 0.4))


def last_score(market):
    return MomentumTrading().evaluate(market).score[-1]


def test_a_steady_rise_is_a_reason_to_buy():
    assert last_score(market_of(RISING)) > 0.5


def test_a_steady_fall_is_a_reason_to_sell():
    assert last_score(mirrored(market_of(RISING))) < -0.5


def test_a_quiet_range_is_no_opinion():
    assert last_score(market_of(ripple(200))) == 0


def test_a_rise_that_has_turned_is_not_bought_although_the_averages_are_still_apart():
    turned = np.concatenate((RISING, RISING[-1] - np.arange(1, 9) * 0.5))
    scores = MomentumTrading().evaluate(market_of(turned))
    assert scores.features["separation_atr"][-1] > 0.5
    assert scores.score[-1] == 0


def test_a_slow_average_lengthens_the_warm_up_until_it_has_settled():
    strategy = MomentumTrading(slow_period=200)
    check_forgets(strategy, sample_market(4 * strategy.warm_up + 400))


def test_up_and_down_are_treated_alike():
    market = sample_market(600, price=1000.0)
    score = MomentumTrading().evaluate(market).score
    np.testing.assert_allclose(MomentumTrading().evaluate(mirrored(market)).score, -score, atol=0.02)
    assert np.nanmax(score) > 0.5


def test_stop_and_target_are_multiples_of_the_average_true_range():
    scores = MomentumTrading(stop_atr=1.5, target_atr=6).evaluate(market_of(RISING))
    assert scores.stop[-1] == pytest.approx(1.5 * scores.features["atr"][-1])
    assert scores.target[-1] == pytest.approx(6 * scores.features["atr"][-1])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"fast_period": 36}, "fast_period below slow_period, found 36 and 36"),
        ({"entry_separation": 3}, "entry_separation below full_separation, found 3.0 and 2.0"),
    ],
)
def test_parameters_in_the_wrong_order_are_refused(parameters, message):
    with pytest.raises(ValidationError, match=message):
        MomentumTrading(**parameters)
