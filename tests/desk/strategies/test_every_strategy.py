"""What holds for each strategy that the desk brings, beyond the contract: it treats up and down alike."""

from dataclasses import replace

import numpy as np
import pytest

from desk import registry
from desk.contracts.drawn import mirrored
from desk.contracts.strategies import market_for
from desk.model.market import Market, Series

STRATEGIES = registry.strategies().discover()
WITH_STOPS = [name for name, strategy in STRATEGIES.items() if "stop_atr" in strategy.model_fields]


def upside_down(market: Market) -> Market:
    """The candles and the side data mirrored."""
    around = 2 * market.own.close[0]
    turned = {
        name: Series(found.known_at, around - found.values if name == "micro_price" else -found.values)
        for name, found in market.series.items()
    }
    return replace(mirrored(market), series=turned)


@pytest.mark.parametrize("name", STRATEGIES)
def test_up_and_down_are_treated_alike(name):
    strategy = STRATEGIES[name]()
    market = market_for(strategy, 1_200, price=1000.0)
    score = strategy.evaluate(market).score
    turned = strategy.evaluate(upside_down(market)).score
    # Not equal: the same move is another fraction of a higher price.
    assert np.abs(score[-1_000:]).max() > 0.5
    assert np.corrcoef(turned[-1_000:], -score[-1_000:])[0, 1] > 0.98


@pytest.mark.parametrize("name", WITH_STOPS)
def test_stop_and_target_are_proportional_to_their_parameters(name):
    usual, wider = STRATEGIES[name](), STRATEGIES[name](stop_atr=3.0, target_atr=7.0)
    market = market_for(usual, 400)
    before, after = usual.evaluate(market), wider.evaluate(market)
    np.testing.assert_allclose(after.stop, before.stop * 3 / usual.model_dump()["stop_atr"])
    np.testing.assert_allclose(after.target, before.target * 7 / usual.model_dump()["target_atr"])
