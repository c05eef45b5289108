"""The floor under a decision is made of the very calls that the decision made."""

import numpy as np
import pytest
import talib

from benchmarks.floor import distinct, indicator_calls
from desk.indicators.trend import ema, sma


def test_every_call_is_noted_and_gives_the_same_when_it_is_made_again():
    values = np.arange(50.0)
    calls = indicator_calls(lambda: (ema(values, 5), sma(values, 5), sma(values, 5), sma(values, 6)))
    assert len(calls) == 4
    np.testing.assert_array_equal(calls[3](), sma(values, 6))


def test_the_same_function_of_the_same_arrays_counts_once():
    values, others = np.arange(50.0), np.arange(50.0)
    calls = indicator_calls(lambda: (sma(values, 5), sma(values, 5), sma(others, 5), sma(values, 6), ema(values, 5)))
    assert len(distinct(calls)) == 4


def test_afterwards_nothing_is_noted_any_more_even_where_the_work_failed():
    before = talib.SMA
    with pytest.raises(ZeroDivisionError):
        indicator_calls(lambda: 1 / 0)
    assert talib.SMA is before
