import numpy as np
import pytest
from pydantic import ValidationError

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.strategies.volatility_breakout import VolatilityBreakout

SQUEEZED = np.concatenate((ripple(150, size=1.5), ripple(40, size=0.1)))
RELEASED = np.append(SQUEEZED, [1001.2])


def last_score(market):
    return VolatilityBreakout().evaluate(market).score[-1]


def test_a_large_candle_up_after_a_squeeze_is_a_reason_to_buy():
    assert last_score(market_of(RELEASED)) > 0.5


def test_a_large_candle_down_after_a_squeeze_is_a_reason_to_sell():
    assert last_score(mirrored(market_of(RELEASED))) < -0.5


def test_a_squeeze_without_a_large_candle_is_waited_for():
    scores = VolatilityBreakout().evaluate(market_of(SQUEEZED))
    assert scores.features["squeeze"][-1] > 0.15
    assert scores.score[-1] == 0


def test_a_large_candle_in_a_market_that_was_not_squeezed_is_no_opinion():
    wide = 1000 + 10 * np.sin(np.arange(200) / 8)
    scores = VolatilityBreakout().evaluate(market_of(np.append(wide, wide[-1] + 30)))
    assert scores.features["range_atr"][-1] > 1.4
    assert scores.features["squeeze"][-1] < 0
    assert scores.score[-1] == 0


def test_a_squeeze_is_remembered_for_some_candles_only():
    drifting = 1001.2 + np.arange(1, 12) * 1.2
    assert last_score(market_of(np.append(RELEASED, drifting[:2]))) != 0
    assert last_score(market_of(np.append(RELEASED, drifting))) == 0


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"entry_deviations": 3}, "entry_deviations below full_deviations, found 3.0 and 2.5"),
        ({"usual_range": 2}, "usual_range below full_range, found 2.0 and 1.4"),
    ],
)
def test_parameters_in_the_wrong_order_are_refused(parameters, message):
    with pytest.raises(ValidationError, match=message):
        VolatilityBreakout(**parameters)
