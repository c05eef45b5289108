from dataclasses import replace

import numpy as np
import pytest

from desk.backtest.engine import backtest
from desk.backtest.validation.disturbances import Disturbance
from desk.backtest.validation.trials import curve_of, moment, run_trial, trade, whole
from tests.desk.backtest.validation.subjects import subject


def test_a_trial_that_changes_nothing_is_the_backtest():
    tried = subject()
    plain = backtest(tried.policy, tried.history, tried.opening)
    outcome = run_trial(tried, whole(tried))
    assert outcome.figures["growth.end"] == plain.equity[-1]
    assert outcome.figures["trades.trades"] == len(plain.closed) > 10
    assert outcome.equity[-1] == plain.equity[-1]


def test_the_equity_of_an_outcome_is_that_of_days():
    curve = curve_of(run_trial(subject(), whole(subject())))
    assert (np.diff(curve.time)[1:] == 86_400).all()
    assert curve.value[0] == 10_000


def test_a_part_of_the_past_is_traded_alone():
    tried, everything = subject(), whole(subject())
    half = replace(everything, start=(everything.start + everything.end) // 2)
    result = trade(tried, half)
    assert result.start == moment(half.start)
    assert all(one.opened_at > moment(half.start) for one in result.trades)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"parameters": {"momentum_trading.fast_period": 30, "momentum_trading.slow_period": 20}}, "fast_period"),
        ({"start": 0, "end": 1}, "expected candles"),
    ],
)
def test_a_trial_that_cannot_be_run_says_why_and_ends_nothing(change: dict[str, object], said: str):
    outcome = run_trial(subject(), replace(whole(subject()), **change))
    assert said in outcome.refused
    assert outcome.figures == {}


def test_other_parameters_are_those_of_the_strategy():
    everything = whole(subject())
    other = run_trial(subject(), replace(everything, parameters={"momentum_trading.fast_period": 3}))
    assert other.figures != run_trial(subject(), everything).figures
    assert other.refused == ""


def test_a_disturbance_reaches_the_trade():
    everything = whole(subject())
    plain, dear = (trade(subject(), replace(everything, disturbance=Disturbance(costs=times))) for times in (1, 3))
    rates = [
        sum(fill.fee for fill in one.fills) / sum(fill.price * fill.quantity for fill in one.fills)
        for one in (plain, dear)
    ]
    assert float(rates[1] / rates[0]) == pytest.approx(3, rel=1e-4)
