import numpy as np
import pytest
from pydantic import ValidationError

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.contracts.markets import sample_market
from desk.strategies.breakout import Breakout

BROKEN = np.append(ripple(150), 1002.0)
USUAL = np.full(151, 100.0)


def last_score(market):
    return Breakout().evaluate(market).score[-1]


def test_a_close_above_the_range_is_a_reason_to_buy():
    assert last_score(market_of(BROKEN)) == 1


def test_a_close_below_the_range_is_a_reason_to_sell():
    assert last_score(mirrored(market_of(BROKEN))) == -1


def test_a_high_above_the_range_with_a_close_inside_is_no_opinion():
    assert last_score(market_of(ripple(150), reach=3)) == 0


def test_the_range_is_that_of_the_candles_before():
    after = np.append(BROKEN, 1002.0)
    assert last_score(market_of(after)) == 0


def test_a_break_with_little_volume_is_no_opinion():
    assert last_score(market_of(BROKEN, volume=np.append(USUAL[:-1], 40))) == 0


def test_a_break_with_some_volume_is_half_an_opinion():
    assert last_score(market_of(BROKEN, volume=np.append(USUAL[:-1], 75))) == pytest.approx(0.5)


def test_a_source_that_tells_no_volume_needs_no_volume():
    assert last_score(market_of(BROKEN, volume=USUAL * 0)) == 1


def test_a_creeping_break_without_a_large_candle_is_no_opinion():
    creep = np.append(ripple(150, size=2.0), [1002.05, 1002.8])
    scores = Breakout().evaluate(market_of(creep, reach=0.0))
    assert scores.features["above_atr"][-1] > 0.2
    assert scores.features["range_atr"][-1] < 0.5
    assert scores.score[-1] == 0


def test_up_and_down_are_treated_alike():
    market = sample_market(600, price=1000.0)
    score = Breakout().evaluate(market).score
    np.testing.assert_allclose(Breakout().evaluate(mirrored(market)).score, -score, atol=0.02)
    assert np.nanmax(score) > 0.5


def test_stop_and_target_are_multiples_of_the_average_true_range():
    scores = Breakout(stop_atr=1.5, target_atr=6).evaluate(market_of(BROKEN))
    assert scores.stop[-1] == pytest.approx(1.5 * scores.features["atr"][-1])
    assert scores.target[-1] == pytest.approx(6 * scores.features["atr"][-1])


def test_parameters_in_the_wrong_order_are_refused():
    with pytest.raises(ValidationError, match=r"entry_excess below full_excess, found 1\.0 and 0\.75"):
        Breakout(entry_excess=1)
