"""The peers' strategy as a strategy of the desk: two averages that cross, with levels in true ranges."""

import numpy as np

from desk.indicators.trend import ema
from desk.model.candles import Candles, FloatArray
from desk.model.market import Market
from desk.model.scores import Scores
from desk.plugin import Strategy


class PeersCrossing(Strategy):
    """Buy where the average of 20 candles crosses above that of 50, and leave where it crosses below.

    The stop is 2 average true ranges away, the target 3.
    """

    @property
    def warm_up(self) -> int:
        return 51

    def evaluate(self, market: Market) -> Scores:
        candles = market.own
        fast, slow = _average(candles.close, 20), _average(candles.close, 50)
        unit = _average(_true_ranges(candles), 27)
        is_up = fast > slow
        crosses = np.flatnonzero(is_up[1:] != is_up[:-1]) + 1
        score = np.zeros(len(candles))
        score[crosses] = np.where(is_up[crosses], 1.0, -1.0)
        score[: self.warm_up - 1] = np.nan
        return Scores(score, 2.0 * unit, 3.0 * unit, {"fast": fast, "slow": slow})


def _average(values: FloatArray, period: int) -> FloatArray:
    """The exponential average that begins at the first value: TA-Lib begins at a mean, here of that value alone.

    Wilder's average of 14 is the exponential one of 27.
    """
    led = np.concatenate((np.full(period - 1, values[0]), values))
    return ema(led, period)[period - 1 :]


def _true_ranges(candles: Candles) -> FloatArray:
    before = np.concatenate((candles.close[:1], candles.close[:-1]))
    return np.maximum(candles.high, before) - np.minimum(candles.low, before)
