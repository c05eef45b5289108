import numpy as np

from desk.contracts.causality import as_of, differing, labelled
from desk.contracts.markets import sample_market
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe


def rows(then: list[float], now: list[float], count: int) -> list[int]:
    found = dict(differing({"score": np.array(then)}, {"score": np.array(now)}, count))
    return found["score"].tolist() if found else []


def test_every_row_before_the_cut_is_compared_and_none_after_it():
    assert rows([1, 2, 3], [9, 2, 3, 4], 3) == [0]
    assert rows([1, 2, 3], [1, 2, 3, 4], 3) == []
    assert rows([1, 2, 3, 5], [1, 2, 3, 4], 3) == []


def test_rounding_and_what_is_unknown_twice_are_no_difference():
    assert rows([1.0, np.nan], [1.0 + 1e-11, np.nan], 2) == []
    assert rows([1.0, np.nan], [1.0 + 1e-6, 0.0], 2) == [0, 1]


def test_what_was_known_ends_with_the_close_of_the_own_candle_in_every_timeframe_and_series():
    market = sample_market(100, longer=(Timeframe.H1,))
    then = as_of(market, 30)
    closed = then.own.close_times[-1]
    assert len(then.own) == 30
    assert then.candles(Timeframe.H1).close_times[-1] <= closed
    assert all((found.known_at <= closed).all() for found in then.series.values())


def test_features_stand_beside_what_every_strategy_answers():
    one = np.ones(2)
    assert list(labelled(Scores(one, one, one, {"atr": one}))) == ["score", "stop", "target", "atr"]
