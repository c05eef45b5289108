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

from collections.abc import Callable, Iterator
from math import sqrt

import empyrical
import numpy as np
import pandas as pd
import pytest
import quantstats.stats as quantstats
from scipy import stats

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


def series() -> Iterator[pd.Series]:
    """Normal days, days with fat and skewed tails, few days, and days in which nothing happened."""
    generator = np.random.default_rng(20_260_114)
    samples = [
        generator.normal(0.0005, 0.01, 1_000),
        generator.standard_t(3, 700) * 0.008 - 0.0004,
        0.004 - generator.exponential(0.005, 400),
        generator.normal(0, 0.02, 11),
        np.where(generator.random(300) < 0.6, 0.0, generator.normal(0.001, 0.01, 300)),
    ]
    for sample in samples:
        yield pd.Series(sample, index=pd.date_range("2021-03-05", periods=len(sample), freq="D"))


ALL = pytest.mark.parametrize("returns", [pytest.param(one, id=f"{len(one)} days") for one in series()])


def account(returns: pd.Series) -> EquityCurve:
    start = returns.index[0].tz_localize("UTC").to_pydatetime()
    return curve([1_000, *(1_000 * np.cumprod(1 + returns.to_numpy()))], start=start)


def same(ours: float | None, theirs: float) -> bool:
    assert ours is not None
    return ours == pytest.approx(float(theirs), rel=1e-9, abs=1e-12)


PAIRS: dict[str, tuple[Callable[[np.ndarray], float | None], Callable[[pd.Series], float]]] = {
    "sharpe": (lambda r: ratios.sharpe(r, YEAR), empyrical.sharpe_ratio),
    "sharpe of quantstats": (lambda r: ratios.sharpe(r, YEAR), quantstats.sharpe),
    "sortino": (lambda r: ratios.sortino(r, YEAR), empyrical.sortino_ratio),
    "sortino of quantstats": (lambda r: ratios.sortino(r, YEAR), quantstats.sortino),
    "volatility": (lambda r: ratios.volatility(r, YEAR), empyrical.annual_volatility),
    "volatility of quantstats": (lambda r: ratios.volatility(r, YEAR), quantstats.volatility),
    "omega": (ratios.omega, empyrical.omega_ratio),
    "omega of quantstats": (ratios.omega, quantstats.omega),
    "omega above a return": (
        lambda r: ratios.omega(r, 0.001),
        lambda r: empyrical.omega_ratio(r, required_return=0.001, annualization=1),
    ),
    "gain to pain": (ratios.gain_to_pain, quantstats.gain_to_pain_ratio),
    "tail ratio": (ratios.tail_ratio, empyrical.tail_ratio),
    "tail ratio of quantstats": (ratios.tail_ratio, quantstats.tail_ratio),
    "stability": (ratios.stability, empyrical.stability_of_timeseries),
    "value at risk": (ratios.value_at_risk, empyrical.value_at_risk),
    "conditional value at risk": (ratios.conditional_value_at_risk, empyrical.conditional_value_at_risk),
    "skewness": (ratios.skewness, stats.skew),
    "kurtosis": (ratios.kurtosis, lambda r: stats.kurtosis(r, fisher=False)),
}


@ALL
@pytest.mark.parametrize("name", PAIRS)
def test_a_ratio_is_that_of_the_other_library(name: str, returns: pd.Series) -> None:
    ours, theirs = PAIRS[name]
    assert same(ours(returns.to_numpy()), theirs(returns))


@ALL
def test_growth_drawdown_and_calmar_are_theirs(returns: pd.Series) -> None:
    equity = account(returns)
    growth, fall = ratios.cagr(1_000, float(equity.value[-1]), len(returns) / YEAR), steepest(equity)
    assert fall is not None
    assert same(growth, empyrical.annual_return(returns))
    assert same(growth, quantstats.cagr(returns))
    assert same(-fall.fraction, empyrical.max_drawdown(returns))
    assert same(-fall.fraction, quantstats.max_drawdown(returns))
    assert same(ratios.calmar(growth, fall.fraction), empyrical.calmar_ratio(returns))
    assert same(ratios.calmar(growth, fall.fraction), quantstats.calmar(returns))


@ALL
def test_each_moment_is_as_far_below_its_peak_as_theirs(returns: pd.Series) -> None:
    ours, theirs = falls(account(returns)), quantstats.to_drawdown_series(returns).to_numpy()
    assert ours[1:] == pytest.approx(-theirs, rel=1e-9, abs=1e-12)
    index = drawdown_figures(account(returns)).ulcer_index
    assert index is not None
    assert same(index * sqrt((len(returns) + 1) / (len(returns) - 1)), quantstats.ulcer_index(returns))


@ALL
def test_the_probability_of_skill_is_theirs_with_the_moments_corrected(returns: pd.Series) -> None:
    ratio = ratios.sharpe(returns.to_numpy())
    assert ratio is not None
    record = SharpeRecord(ratio, len(returns), float(returns.skew()), float(returns.kurt()) + 3)
    assert same(record.probability_above(0), quantstats.probabilistic_sharpe_ratio(returns))


@ALL
def test_rolling_ratios_are_theirs(returns: pd.Series) -> None:
    ours = ratios.rolling_sharpe(returns.to_numpy(), 10, YEAR)
    theirs = quantstats.rolling_sharpe(returns, rolling_period=10).to_numpy()[9:]
    assert ours == pytest.approx(theirs, rel=1e-7, abs=1e-9, nan_ok=True)  # theirs adds and subtracts as it rolls
    exact = empyrical.roll_sharpe_ratio(returns, 10).to_numpy()
    assert ours == pytest.approx(exact, rel=1e-9, abs=1e-12, nan_ok=True)


@ALL
def test_months_are_theirs(returns: pd.Series) -> None:
    theirs = empyrical.aggregate_returns(returns, "monthly")
    ours = {
        (year.year, month): value
        for year in monthly_table(account(returns))
        for month, value in enumerate(year.months, start=1)
        if value is not None
    }
    assert ours == {key: pytest.approx(value, rel=1e-9, abs=1e-12) for key, value in theirs.items()}


@ALL
def test_the_figures_of_days_are_those_of_the_returns(returns: pd.Series) -> None:
    found = return_figures(account(returns), YEAR)
    assert same(found.sharpe, empyrical.sharpe_ratio(returns))
    assert same(found.sortino, quantstats.sortino(returns))
    assert same(found.conditional_value_at_risk, empyrical.conditional_value_at_risk(returns))


@ALL
def test_trades_of_one_day_each_have_the_figures_of_days(returns: pd.Series) -> None:
    found = trade_figures(RoundColumns.of(in_a_row(*returns)))
    assert same(found.profit_factor, quantstats.profit_factor(returns))
    assert same(found.payoff_ratio, quantstats.payoff_ratio(returns))
    assert found.longest_wins == quantstats.consecutive_wins(returns)
    assert found.longest_losses == quantstats.consecutive_losses(returns)
    assert (found.best, found.worst) == (quantstats.best(returns), quantstats.worst(returns))
