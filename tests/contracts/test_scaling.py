import numpy as np
import pytest
from pydantic import Field

from desk.contracts.markets import sample_market
from desk.contracts.scaling import prices_among
from desk.contracts.strategies import market_for
from desk.indicators.channel import highest
from desk.indicators.momentum import rsi
from desk.indicators.trend import ema, sma
from desk.indicators.volatility import atr
from desk.model.market import Market
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe
from desk.registry import strategies
from tests.builders import Constant

STRATEGIES = strategies().discover()


class Drawing(Constant):
    """Explains itself by prices and by other values."""

    def evaluate(self, market: Market) -> Scores:
        own, hourly = market.own, market.candles(Timeframe.H1)
        assert own.bid is not None
        prices = {
            "average": ema(own.close, 9),
            "channel": highest(own.high, 20),
            "envelope": 1.02 * sma(own.close, 20),
            "hourly": market.align(Timeframe.H1, hourly.low),
            "bid": own.bid.close,
        }
        others = {
            "rsi": rsi(own.close, 14),
            "fifty": np.full(len(own), 50.0),
            "atr": atr(own.high, own.low, own.close, 14),
            "volume": own.volume,
            "unknown": np.full(len(own), np.nan),
            "twenty_times": 20 * own.close,
            "near_at_last": np.linspace(0.01, 1, len(own)) * own.close,
        }
        ones = np.ones(len(own))
        return Scores(ones, ones, ones, {**prices, **others})


class Counting(Constant):
    """Remembers how often it was asked."""

    asked: list[int] = Field(default_factory=list)

    def evaluate(self, market: Market) -> Scores:
        self.asked.append(len(market.own))
        return Scores(*[np.ones(len(market.own))] * 3, features={"ratio": np.ones(len(market.own))})


def found(strategy: Constant, market: Market) -> frozenset[str]:
    return prices_among(strategy, market, strategy.evaluate(market))


@pytest.mark.parametrize("price", [50.0, 1.1, 65_000.0])
def test_averages_bands_and_levels_are_prices_whatever_the_price_is_and_nothing_else_is(price):
    market = sample_market(600, price=price, longer=(Timeframe.H1,), half_spread_bps=1.0)
    assert found(Drawing(), market) == {"average", "channel", "envelope", "hourly", "bid"}


def test_where_nothing_lies_near_the_candles_the_strategy_is_not_asked_again():
    strategy = Counting()
    assert found(strategy, sample_market(50, price=50.0)) == frozenset()
    assert strategy.asked == [50]


@pytest.mark.parametrize("name", STRATEGIES)
def test_no_ratio_of_a_strategy_is_taken_for_a_price(name):
    strategy = STRATEGIES[name]()
    market = market_for(strategy, 3 * strategy.warm_up, price=1.1)
    assert prices_among(strategy, market, strategy.evaluate(market)) == frozenset()
