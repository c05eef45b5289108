from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from desk.contracts.drawn import market_of, mirrored, ripple
from desk.model.candles import PriceBars
from desk.model.timeframe import Timeframe
from desk.strategies.ultra_strict_forex import UltraStrictForex

# 1596 candles from a Monday on: the last closes on a Saturday of the made week, at 13:00 UTC, 8 in New York.
RISE = np.concatenate((ripple(1200), 1000 + np.arange(1, 397) * 0.15))


def on(closes):
    return market_of(closes, longer=(Timeframe.M15, Timeframe.H1))


def with_spread(market, spread):
    own = market.own
    bid, ask = (
        PriceBars(*(getattr(own, name) + half for name in ("open", "high", "low", "close")))
        for half in (-spread / 2, spread / 2)
    )
    return replace(market, by_timeframe={**market.by_timeframe, market.timeframe: replace(own, bid=bid, ask=ask)})


def last(market, name="score", **parameters):
    scores = UltraStrictForex(**parameters).evaluate(market)
    return scores.score[-1] if name == "score" else scores.features[name][-1]


def test_a_straight_rise_that_all_timeframes_share_is_a_reason_to_buy():
    assert last(on(RISE)) == 1


def test_a_straight_fall_that_all_timeframes_share_is_a_reason_to_sell():
    assert last(mirrored(on(RISE))) == -1


def test_the_same_rise_outside_of_its_hours_is_no_opinion():
    later = np.concatenate((RISE, RISE[-1] + np.arange(1, 61) * 0.15))
    assert last(on(later), "session") == 0
    assert last(on(later)) == 0
    assert last(on(later), last_hour=24) == 1


def test_the_same_rise_on_a_noisy_way_is_no_opinion():
    assert last(on(RISE + 2 * np.sin(np.arange(len(RISE)) * 1.7))) == 0


def test_the_same_rise_at_a_wide_spread_is_no_opinion_and_at_a_tight_one_it_is():
    market = on(RISE)
    assert last(with_spread(market, 0.04)) == 1
    assert last(with_spread(market, 0.2)) == 0


def test_a_rise_against_the_hourly_candles_is_no_opinion():
    fallen = np.concatenate((1060 - np.arange(1572) * 0.1, 902.9 + np.arange(1, 25) * 0.3))
    assert last(on(fallen), "efficiency") == 1
    assert last(on(fallen), "trend_H1") < 0
    assert last(on(fallen)) == 0


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"entry_efficiency": 0.7}, "entry_efficiency below full_efficiency, found 0.7 and 0.6"),
        ({"first_hour": 12}, "first_hour below last_hour, found 12 and 12"),
        ({"tight_spread": 1}, "tight_spread below wide_spread, found 1.0 and 0.5"),
    ],
)
def test_parameters_in_the_wrong_order_are_refused(parameters, message):
    with pytest.raises(ValidationError, match=message):
        UltraStrictForex(**parameters)
