import numpy as np
import pytest
from pydantic import ValidationError

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.contracts.markets import sample_market
from desk.strategies.mean_reversion import MeanReversion

DROPPED = np.concatenate((ripple(150), ripple(2) - [0.8, 1.6]))


def last_score(market):
    return MeanReversion().evaluate(market).score[-1]


def test_a_sudden_drop_out_of_a_range_is_a_reason_to_buy():
    assert last_score(market_of(DROPPED)) > 0.5


def test_a_sudden_jump_out_of_a_range_is_a_reason_to_sell():
    assert last_score(mirrored(market_of(DROPPED))) < -0.5


def test_a_price_near_its_mean_is_no_opinion():
    assert last_score(market_of(ripple(150))) == 0


def test_the_same_distance_within_a_trend_is_no_opinion():
    trend = ripple(150) - np.arange(150) * 0.5
    scores = MeanReversion().evaluate(market_of(np.concatenate((trend, [trend[-1] - 6]))))
    assert scores.features["deviations"][-1] < -1.8
    assert scores.features["rsi"][-1] < 35
    assert scores.features["adx"][-1] > 40
    assert scores.score[-1] == 0


def test_up_and_down_are_treated_alike():
    market = sample_market(600, price=1000.0)
    score = MeanReversion().evaluate(market).score
    np.testing.assert_allclose(MeanReversion().evaluate(mirrored(market)).score, -score, atol=0.02)
    assert np.nanmax(score) > 0.5


def test_stop_and_target_are_multiples_of_the_average_true_range():
    scores = MeanReversion(stop_atr=1.5, target_atr=3).evaluate(market_of(DROPPED))
    assert scores.stop[-1] == pytest.approx(1.5 * scores.features["atr"][-1])
    assert scores.target[-1] == pytest.approx(3 * scores.features["atr"][-1])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"entry_deviations": 3}, "entry_deviations below full_deviations, found 3.0 and 2.8"),
        ({"calm_adx": 40}, "calm_adx below trend_adx, found 40.0 and 40"),
    ],
)
def test_parameters_in_the_wrong_order_are_refused(parameters, message):
    with pytest.raises(ValidationError, match=message):
        MeanReversion(**parameters)
