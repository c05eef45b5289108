import numpy as np
import pytest
from pydantic import ValidationError

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.strategies.gold_scalping import GoldScalping

RISE = np.concatenate((ripple(150), 1000 + np.arange(1, 61) * 0.5))
PAUSED = np.concatenate((RISE, RISE[-1] - np.arange(1, 8) * 0.6))


def last_score(market):
    return GoldScalping().evaluate(market).score[-1]


def test_a_pause_in_a_strong_rise_is_a_reason_to_buy():
    assert last_score(market_of(PAUSED)) > 0.5


def test_a_pause_in_a_strong_fall_is_a_reason_to_sell():
    assert last_score(mirrored(market_of(PAUSED))) < -0.5


def test_a_strong_rise_without_a_pause_is_waited_for():
    scores = GoldScalping().evaluate(market_of(RISE))
    assert scores.features["adx"][-1] > 32
    assert scores.score[-1] == 0


def test_a_pause_that_goes_on_counts_as_a_turn():
    deeper = market_of(np.append(PAUSED, PAUSED[-1] - 0.6))
    assert 0 < last_score(deeper) < 0.6 * GoldScalping(turn_atr=6).evaluate(deeper).score[-1]
    turned = market_of(np.concatenate((PAUSED, PAUSED[-1] - np.arange(1, 5) * 0.6)))
    assert last_score(turned) == 0


def test_a_price_at_its_average_without_a_trend_is_no_opinion():
    assert last_score(market_of(ripple(200))) == 0


def test_parameters_in_the_wrong_order_are_refused():
    with pytest.raises(ValidationError, match=r"entry_adx below full_adx, found 40\.0 and 32"):
        GoldScalping(entry_adx=40)
