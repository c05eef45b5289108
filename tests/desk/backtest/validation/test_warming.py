from typing import ClassVar

import numpy as np

from desk.backtest.validation.warming import usual_lookbacks, warm_up_table
from desk.contracts.strategies import market_for
from desk.model.market import Market
from desk.model.scores import Scores
from desk.plugin import Strategy
from desk.registry import strategies


class Remembering(Strategy):
    """Compares the close with the first one that it sees."""

    name: ClassVar[str] = "remembering"

    @property
    def warm_up(self) -> int:
        return 5

    def evaluate(self, market: Market) -> Scores:
        close = market.own.close
        known = np.arange(len(close)) >= 4
        score = np.where(known, np.sign(close - close[:1]), np.nan)
        distance = np.where(known, np.abs(close - close[:1]) + 0.01, np.nan)
        return Scores(score, distance, distance)


MARKET = market_for(Remembering(), 600, wildness=5)


def test_a_strategy_that_remembers_its_first_candle_decides_otherwise_with_fewer():
    (short, long) = warm_up_table(Remembering(), MARKET, (20, 600), threshold=0.5)
    assert (short.compared, short.score) == (60, 2.0)
    assert short.decisions > 5
    assert short.stop > 0.1
    assert (long.score, long.stop, long.decisions) == (0, 0, 0)


def test_a_lookback_within_the_warm_up_cannot_be_compared():
    (row,) = warm_up_table(Remembering(), MARKET, (5,), threshold=0.5)
    assert (row.compared, row.score, row.decisions) == (0, 0, 0)


def test_differences_of_ours_vanish_with_longer_lookbacks():
    strategy = strategies().build("momentum_trading", {})
    market = market_for(strategy, 1500)
    rows = warm_up_table(strategy, market, usual_lookbacks(strategy, 400), threshold=0.35, times=20)
    assert [row.lookback for row in rows] == sorted(row.lookback for row in rows)
    assert rows[-1].score < 1e-6
    assert rows[-1].decisions == 0
    assert rows[0].score >= rows[-1].score
