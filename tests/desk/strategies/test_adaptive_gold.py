from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.model.market import Series
from desk.strategies.adaptive_gold import AdaptiveGold

LEAVING = np.concatenate((ripple(300), 1000 + np.arange(1, 7) * 0.3))


def under(market, pressure):
    known_at = market.own.close_times[-20:-19]
    return replace(market, series={"news_pressure": Series(known_at, np.array([pressure]))})


def last_score(market, **parameters):
    return AdaptiveGold(**parameters).evaluate(market).score[-1]


def test_a_close_that_leaves_its_average_upwards_is_a_reason_to_buy():
    assert last_score(market_of(LEAVING)) > 0.5


def test_a_close_that_leaves_its_average_downwards_is_a_reason_to_sell():
    assert last_score(mirrored(market_of(LEAVING))) < -0.5


def test_news_alone_is_no_opinion():
    assert last_score(market_of(ripple(300))) == 0
    for pressure in (-1, 1):
        assert abs(last_score(under(market_of(ripple(300)), pressure))) < 0.01


def test_news_on_its_side_lowers_the_threshold_and_news_against_it_raises_it():
    market = market_of(LEAVING)
    against, without, along = (last_score(under(market, pressure)) for pressure in (-1, 0, 1))
    assert against < without < along


def test_news_works_on_the_short_side_with_the_other_sign():
    market = mirrored(market_of(LEAVING))
    along, without, against = (last_score(under(market, pressure)) for pressure in (-1, 0, 1))
    assert along < without < against


def test_without_news_it_decides_as_with_a_pressure_of_nothing():
    market = market_of(LEAVING)
    assert last_score(market) == last_score(under(market, 0)) == last_score(under(market, np.nan))


def test_news_that_is_not_known_yet_changes_nothing():
    market = market_of(LEAVING)
    tomorrow = Series(market.own.close_times[-1:] + 1, np.array([1.0]))
    assert last_score(replace(market, series={"news_pressure": tomorrow})) == last_score(market)


def test_more_pressure_than_there_is_counts_as_full_pressure():
    market = market_of(LEAVING)
    assert last_score(under(market, 7)) == last_score(under(market, 1))


def test_in_a_wilder_regime_threshold_stop_and_target_are_wider():
    wild = np.concatenate((ripple(300), ripple(30, size=1.0)))
    calm = np.concatenate((ripple(300, size=1.0), ripple(60, size=0.3)))
    for closes, is_wild in ((wild, True), (calm, False)):
        scores = AdaptiveGold().evaluate(market_of(closes))
        in_atr = scores.stop[-1] / scores.features["atr"][-1]
        assert (scores.features["volatility_rank"][-1] > 0.5) == is_wild
        assert (in_atr > 2) == is_wild
        assert scores.target[-1] == pytest.approx(2 * scores.stop[-1])


def test_without_weights_it_does_not_adapt():
    fixed = AdaptiveGold(regime_weight=0, news_weight=0)
    scores = fixed.evaluate(under(market_of(LEAVING), 1))
    assert scores.stop[-1] == pytest.approx(2 * scores.features["atr"][-1])
    assert scores.score[-1] == fixed.evaluate(market_of(LEAVING)).score[-1]


def test_a_regime_shorter_than_the_average_true_range_is_refused():
    with pytest.raises(ValidationError, match="regime_period above atr_period, found 20 and 50"):
        AdaptiveGold(regime_period=20, atr_period=50)
