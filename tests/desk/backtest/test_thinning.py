"""Fewer points show the same extremes, and longer candles the same history."""

import numpy as np

from desk.backtest.curve import DAY, EquityCurve
from desk.backtest.ratios import sharpe
from desk.backtest.rolling import rolling_sharpe
from desk.backtest.thinning import coarse, thin
from desk.model.candles import Candles
from desk.model.timeframe import Timeframe


def curve(values: np.ndarray, seconds: int = 300) -> EquityCurve:
    return EquityCurve(np.arange(len(values), dtype=np.int64) * seconds + DAY, values)


def test_a_thinned_curve_keeps_its_ends_and_its_extremes():
    values = 1000 + np.cumsum(np.random.default_rng(5).normal(size=50_000))
    whole = curve(values)
    seen = thin(whole, 400)
    assert len(seen) <= 400
    assert (seen.value[0], seen.value[-1]) == (values[0], values[-1])
    assert (seen.value.min(), seen.value.max()) == (values.min(), values.max())
    assert np.isin(seen.time, whole.time).all()


def test_a_short_curve_is_not_thinned():
    whole = curve(np.arange(1.0, 9.0))
    assert thin(whole, 8).value.tolist() == whole.value.tolist()


def test_candles_become_longer_until_they_are_few_enough():
    count = 4 * 24 * 10
    price = np.full(count, 1.5)
    time = np.arange(count, dtype=np.int64) * 900
    candles = Candles("EUR/USD", Timeframe.M15, time, price, price, price, price, np.ones(count))
    assert coarse(candles, count) is candles
    assert (coarse(candles, 240).timeframe, len(coarse(candles, 240))) == (Timeframe.H1, 240)
    assert coarse(candles, 239).timeframe is Timeframe.H2
    assert coarse(candles, 119).timeframe is Timeframe.H4
    newest = coarse(candles, 3)
    assert (newest.timeframe, len(newest)) == (Timeframe.D1, 3)
    assert newest.time[-1] == 9 * DAY


def test_a_rolling_sharpe_ratio_is_that_of_the_days_before_it():
    grown = 1000 * np.cumprod(1 + np.random.default_rng(7).normal(0.001, 0.01, 100))
    whole = curve(grown, seconds=DAY)
    found = rolling_sharpe(whole, 60)
    assert found is not None
    time, ratio = found
    returns = whole.returns()
    assert len(time) == len(ratio) == len(returns) - 59
    assert time[-1] == whole.time[-1]
    assert ratio[3] == sharpe(returns[3:63], 365) or abs(ratio[3] - sharpe(returns[3:63], 365)) < 1e-9


def test_a_short_time_has_no_rolling_sharpe_ratio():
    assert rolling_sharpe(curve(np.linspace(100, 110, 60), seconds=DAY), 60) is None
