"""Our figures against empyrical-reloaded, quantstats and scipy on random returns, to 1e-9 where they mean the same.

What differs by definition, and is not compared or is brought to the same first:

- Skewness and kurtosis: quantstats corrects them for the sample (pandas) and subtracts 3. Ours are plain moments, as
  in the papers of the probabilistic Sharpe ratio; its figure of quantstats is compared through its corrected moments.
- Ulcer index: quantstats divides by n - 1 and leaves out the start; ours is the mean, as published.
- Value at risk and the conditional one: quantstats takes them from a normal distribution unless asked for its
  historical form, whose tail is all up to the quantile; ours, like empyrical's, is the lowest 5 % of the record.
- Growth: theirs counts periods, ours time; the same where the time is that of the periods.
- Undefined figures: NaN, infinite or 0 there, None here.
- Profit factor, win rate and streaks are of days there and of trades here: the same where each day is a trade.
"""

from collections.abc import Callable
from importlib import import_module
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from desk.backtest import ratios
from desk.backtest.curve import EquityCurve
from desk.backtest.drawdowns import drawdown_figures, falls, steepest
from desk.backtest.metrics import return_figures
from desk.backtest.rounds import RoundColumns
from desk.backtest.significance import SharpeRecord
from desk.backtest.tables import monthly_table
from desk.backtest.trade_figures import trade_figures
from tests.desk.backtest.rounds import curve, in_a_row

YEAR = 252


def theirs(name: str, *arguments: object, **options: object) -> Any:
    """The answer of a function of theirs; what is slow to import is imported where a test asks for it."""
    module, _, function = name.rpartition(".")
    return getattr(import_module(module), function)(*arguments, **options)


SAMPLES: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "normal": lambda drawn: drawn.normal(0.0005, 0.01, 1_000),
    "fat tails": lambda drawn: drawn.standard_t(3, 700) * 0.008 - 0.0004,
    "skewed": lambda drawn: 0.004 - drawn.exponential(0.005, 400),
    "few": lambda drawn: drawn.normal(0, 0.02, 11),
    "mostly idle": lambda drawn: np.where(drawn.random(300) < 0.6, 0.0, drawn.normal(0.001, 0.01, 300)),
}


@pytest.fixture(params=SAMPLES)
def returns(request: pytest.FixtureRequest) -> pd.Series:
    sample = SAMPLES[request.param](np.random.default_rng(20_260_114))
    return pd.Series(sample, index=pd.date_range("2021-03-05", periods=len(sample), freq="D"))


def account(returns: pd.Series) -> EquityCurve:
    start = returns.index[0].tz_localize("UTC").to_pydatetime()
    return curve([1_000, *(1_000 * np.cumprod(1 + returns.to_numpy()))], start=start)


def same(ours: float | None, other: float) -> bool:
    assert ours is not None
    return ours == pytest.approx(float(other), rel=1e-9, abs=1e-12)


PAIRS: dict[str, Callable[[np.ndarray], float | None]] = {
    "empyrical.sharpe_ratio": lambda r: ratios.sharpe(r, YEAR),
    "quantstats.stats.sharpe": lambda r: ratios.sharpe(r, YEAR),
    "empyrical.sortino_ratio": lambda r: ratios.sortino(r, YEAR),
    "quantstats.stats.sortino": lambda r: ratios.sortino(r, YEAR),
    "empyrical.annual_volatility": lambda r: ratios.volatility(r, YEAR),
    "quantstats.stats.volatility": lambda r: ratios.volatility(r, YEAR),
    "empyrical.omega_ratio": ratios.omega,
    "quantstats.stats.omega": ratios.omega,
    "quantstats.stats.gain_to_pain_ratio": ratios.gain_to_pain,
    "empyrical.tail_ratio": ratios.tail_ratio,
    "quantstats.stats.tail_ratio": ratios.tail_ratio,
    "empyrical.stability_of_timeseries": ratios.stability,
    "empyrical.value_at_risk": ratios.value_at_risk,
    "empyrical.conditional_value_at_risk": ratios.conditional_value_at_risk,
    "scipy.stats.skew": ratios.skewness,
    "scipy.stats.kurtosis": lambda r: None if (found := ratios.kurtosis(r)) is None else found - 3,
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_ratio_is_that_of_the_other_library(name: str, returns: pd.Series) -> None:
    assert same(PAIRS[name](returns.to_numpy()), theirs(name, returns))


def test_omega_above_a_return_is_theirs(returns: pd.Series) -> None:
    found = theirs("empyrical.omega_ratio", returns, required_return=0.001, annualization=1)
    assert same(ratios.omega(returns.to_numpy(), 0.001), found)


def test_growth_drawdown_and_calmar_are_theirs(returns: pd.Series) -> None:
    equity = account(returns)
    growth, fall = ratios.cagr(1_000, float(equity.value[-1]), len(returns) / YEAR), steepest(equity)
    assert fall is not None
    assert same(growth, theirs("empyrical.annual_return", returns))
    assert same(growth, theirs("quantstats.stats.cagr", returns))
    assert same(-fall.fraction, theirs("empyrical.max_drawdown", returns))
    assert same(-fall.fraction, theirs("quantstats.stats.max_drawdown", returns))
    assert same(ratios.calmar(growth, fall.fraction), theirs("empyrical.calmar_ratio", returns))
    assert same(ratios.calmar(growth, fall.fraction), theirs("quantstats.stats.calmar", returns))


def test_each_moment_is_as_far_below_its_peak_as_theirs(returns: pd.Series) -> None:
    ours, others = falls(account(returns)), theirs("quantstats.stats.to_drawdown_series", returns).to_numpy()
    assert ours[1:] == pytest.approx(-others, rel=1e-9, abs=1e-12)
    index = drawdown_figures(account(returns)).ulcer_index
    assert index is not None
    assert same(index * sqrt((len(returns) + 1) / (len(returns) - 1)), theirs("quantstats.stats.ulcer_index", returns))


def test_the_probability_of_skill_is_theirs_with_the_moments_corrected(returns: pd.Series) -> None:
    ratio = ratios.sharpe(returns.to_numpy())
    assert ratio is not None
    record = SharpeRecord(ratio, len(returns), float(returns.skew()), float(returns.kurt()) + 3)
    assert same(record.probability_above(0), theirs("quantstats.stats.probabilistic_sharpe_ratio", returns))


def test_rolling_ratios_are_theirs(returns: pd.Series) -> None:
    ours = ratios.rolling_sharpe(returns.to_numpy(), 10, YEAR)
    rolled = theirs("quantstats.stats.rolling_sharpe", returns, rolling_period=10).to_numpy()[9:]
    assert ours == pytest.approx(rolled, rel=1e-7, abs=1e-9, nan_ok=True)  # theirs adds and subtracts as it rolls
    exact = theirs("empyrical.roll_sharpe_ratio", returns, 10).to_numpy()
    assert ours == pytest.approx(exact, rel=1e-9, abs=1e-12, nan_ok=True)


def test_months_are_theirs(returns: pd.Series) -> None:
    others = theirs("empyrical.aggregate_returns", returns, "monthly")
    ours = {
        (year.year, month): value
        for year in monthly_table(account(returns))
        for month, value in enumerate(year.months, start=1)
        if value is not None
    }
    assert ours == {key: pytest.approx(value, rel=1e-9, abs=1e-12) for key, value in others.items()}


def test_the_figures_of_days_are_those_of_the_returns(returns: pd.Series) -> None:
    found = return_figures(account(returns), YEAR)
    assert same(found.sharpe, theirs("empyrical.sharpe_ratio", returns))
    assert same(found.sortino, theirs("quantstats.stats.sortino", returns))
    assert same(found.conditional_value_at_risk, theirs("empyrical.conditional_value_at_risk", returns))


def test_trades_of_one_day_each_have_the_figures_of_days(returns: pd.Series) -> None:
    found = trade_figures(RoundColumns.of(in_a_row(*returns)))
    assert same(found.profit_factor, theirs("quantstats.stats.profit_factor", returns))
    assert same(found.payoff_ratio, theirs("quantstats.stats.payoff_ratio", returns))
    assert found.longest_wins == theirs("quantstats.stats.consecutive_wins", returns)
    assert found.longest_losses == theirs("quantstats.stats.consecutive_losses", returns)
    assert (found.best, found.worst) == (
        theirs("quantstats.stats.best", returns),
        theirs("quantstats.stats.worst", returns),
    )
