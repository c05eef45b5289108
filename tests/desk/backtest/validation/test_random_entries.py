from dataclasses import replace
from math import inf

import numpy as np
import pytest

from desk.backtest.validation.random_entries import TakenTrade, compare_entries, profits_at, taken_trades
from desk.backtest.validation.trials import trade, whole
from desk.contracts.drawn import market_of
from desk.model.candles import Candles
from tests.desk.backtest.validation.subjects import subject

TRADE = TakenTrade("XAU/USD", 1, 3, stop=0.05, target=0.1, value=1000.0, costs=0.001, profit=0.0)


def candles(*closes: float, reach: float = 0.0) -> Candles:
    return market_of([100.0, *closes], reach=reach).own


def profit(trade: TakenTrade, found: Candles, row: int = 0) -> float:
    return float(profits_at(trade, found, np.array([row]))[0])


@pytest.mark.parametrize(
    ("closes", "expected"),
    [
        ((101, 102, 103), 30 - 1),  # held to the end
        ((94, 120, 120), -50 - 1),  # the stop, whatever comes after it
        ((103, 111, 50), 100 - 1),  # the target first
        ((101, 100, 99), -10 - 1),
    ],
)
def test_a_trade_at_another_time_ends_at_its_levels_or_with_its_time(closes: tuple[float, ...], expected: float):
    assert profit(TRADE, candles(*closes)) == pytest.approx(expected)


def test_what_is_sold_wins_where_prices_fall():
    sold = replace(TRADE, sign=-1)
    assert profit(sold, candles(99, 95, 89)) == pytest.approx(100 - 1)
    assert profit(sold, candles(101, 106, 80)) == pytest.approx(-50 - 1)


def test_a_candle_that_reaches_both_levels_is_a_loss():
    assert profit(TRADE, candles(100, 100, 100, reach=20.0)) == pytest.approx(-50 - 1)


def test_a_candle_that_opens_beyond_a_level_fills_there():
    plain = market_of([100.0, 100.0, 90.0, 90.0, 90.0], reach=0.0).own
    gapped = replace(plain, open=plain.close)
    assert profit(TRADE, gapped) == pytest.approx(-100 - 1)


def test_without_levels_only_time_ends_a_trade():
    free = replace(TRADE, stop=inf, target=inf)
    assert profit(free, candles(50, 200, 110)) == pytest.approx(100 - 1)


def test_trades_keep_all_but_their_time():
    tried = subject()
    result = trade(tried, whole(tried))
    taken = taken_trades(result, tried.history)
    assert len(taken) == len(result.closed)
    assert {one.sign for one in taken} <= {1, -1}
    assert all(0 < one.stop < 0.1 and 0 < one.target < 0.2 and one.candles >= 1 for one in taken)
    assert sum(one.profit for one in taken) == pytest.approx(float(sum(one.profit for one in result.closed)))


def test_entries_that_know_the_future_beat_random_ones_and_their_opposites_do_not():
    tried = subject()
    result = trade(tried, whole(tried))
    observed = compare_entries(result, tried.history, draws=300, seed=1)
    lucky = replace(result, closed=tuple(replace(one, profit=abs(one.profit)) for one in result.closed))
    unlucky = replace(result, closed=tuple(replace(one, profit=-abs(one.profit)) for one in result.closed))
    assert compare_entries(lucky, tried.history, draws=300, seed=1).p_value == pytest.approx(1 / 301)
    assert compare_entries(unlucky, tried.history, draws=300, seed=1).p_value == 1.0
    assert observed.drawn[0] < observed.observed


def test_the_same_seed_draws_the_same_times():
    tried = subject()
    result = trade(tried, whole(tried))
    first, again, other = (compare_entries(result, tried.history, draws=50, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.drawn, again.drawn)
    assert not np.array_equal(first.drawn, other.drawn)


def test_without_trades_there_is_nothing_to_compare():
    tried = subject()
    result = replace(trade(tried, whole(tried)), trades=(), closed=())
    found = compare_entries(result, tried.history, draws=10, seed=1)
    assert (found.trades, found.observed, found.p_value) == (0, 0, None)


def test_a_trade_that_fits_nowhere_else_stays_where_it_was():
    tried = subject()
    result = trade(tried, whole(tried))
    short = replace(result, start=result.start, end=result.start)
    found = compare_entries(short, tried.history, draws=5, seed=1)
    assert found.drawn.tolist() == pytest.approx([found.observed] * 5)
