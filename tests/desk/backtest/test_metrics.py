"""The headline figures together."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from math import isfinite
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.backtest.curve import EquityCurve
from desk.backtest.metrics import figures_of, market_change
from desk.backtest.rounds import ClosedRound
from tests.desk.backtest.rounds import START, closed, curve, in_a_row

AMOUNTS = st.sampled_from([-1e9, -100.0, -1e-9, 0.0, 1e-300, 0.1, 100.0, 1e12])


def numbers(value: object) -> Iterator[float]:
    """Every number in a figure and the figures in it."""
    if is_dataclass(value):
        for field in fields(value):
            yield from numbers(getattr(value, field.name))
    elif isinstance(value, float):
        yield value


def test_a_year_of_a_known_account_has_known_figures() -> None:
    values = np.linspace(1000, 1200, 366)
    values[100:110] *= 0.9
    found = figures_of(curve(list(values)), in_a_row(150, -50, 100), market={"A": (10, 11), "B": (10, 13)})
    assert (found.growth.start, found.growth.end, found.growth.years) == (1000, pytest.approx(1200), 1)
    assert (found.growth.lowest, found.growth.highest) == (values.min(), pytest.approx(1200))
    assert found.days.mean == pytest.approx(float(np.mean(np.diff(values) / values[:-1])))
    assert found.growth.total == found.growth.annual == found.growth.cagr == pytest.approx(0.2)
    assert found.drawdown.steepest is not None
    assert found.drawdown.steepest.fraction == pytest.approx(0.1, abs=0.01)
    assert found.growth.calmar == pytest.approx(0.2 / found.drawdown.steepest.fraction)
    assert found.drawdown.largest is not None
    assert found.growth.recovery_factor == pytest.approx(200 / found.drawdown.largest.amount)
    assert (found.days.days, found.returns.per_year) == (365, 365)
    assert (found.days.won, found.days.lost, found.days.worst_on) == (364, 1, date(2024, 4, 9))
    assert found.days.best_on == date(2024, 4, 19)
    assert found.activity.trades_per_day == pytest.approx(3 / 365)
    assert found.activity.exposure == pytest.approx(3 / 24 / 365)
    assert found.activity.turnover == pytest.approx(600 / values.mean())
    assert found.market_change == pytest.approx(0.2)
    assert found.returns.probabilistic_sharpe is not None
    assert found.returns.minimum_track_record is not None


def test_the_largest_fall_in_money_and_the_steepest_one_have_their_own_figures() -> None:
    found = figures_of(curve([1000, 500, 1000, 11_000, 10_000, 10_000]), [])
    assert found.drawdown.largest is not None
    assert found.drawdown.steepest is not None
    assert (found.drawdown.largest.amount, found.drawdown.steepest.amount) == (1000, 500)
    assert found.growth.cagr is not None
    assert found.growth.calmar == pytest.approx(found.growth.cagr / 0.5)
    assert found.growth.recovery_factor == 9
    assert (found.days.won, found.days.drawn, found.days.lost) == (2, 1, 2)


def test_turnover_is_that_of_a_year() -> None:
    found = figures_of(curve([1000, 1000], step=73 * 86_400), [closed(0)])
    assert found.activity.turnover == pytest.approx(200 / 1000 * 5)


def test_a_backtest_without_candles_has_figures_that_say_nothing() -> None:
    found = figures_of(curve([]), [])
    assert set(numbers(found)) == {0.0}
    assert (found.growth.total, found.drawdown.largest, found.days.best, found.returns.sharpe) == (None,) * 4
    assert (found.market_change, found.activity.exposure) == (None, None)


def test_less_than_a_day_says_nothing_of_a_year() -> None:
    found = figures_of(curve([100, 101, 99, 102], step=3_600), in_a_row(1, -2, 3))
    assert found.growth.total == pytest.approx(0.02)
    assert (found.growth.annual, found.growth.cagr, found.returns.sharpe, found.activity.turnover) == (None,) * 4


def test_the_days_of_a_year_are_counted_or_given() -> None:
    working = np.concatenate([np.arange(5) + 7 * week for week in range(52)]) * 86_400 + int(START.timestamp())
    account = EquityCurve(working.astype(np.int64), 1000 + np.sin(working))
    counted, given_ = figures_of(account, []).returns, figures_of(account, [], per_year=252).returns
    assert counted.per_year == pytest.approx(261, abs=1)
    assert given_.per_year == 252
    assert counted.sharpe is not None
    assert given_.sharpe == pytest.approx(counted.sharpe * (252 / counted.per_year) ** 0.5)


def test_a_market_without_prices_did_not_change() -> None:
    assert market_change({}) is market_change({"A": (0, 5)}) is None


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([1e-9, 1.0, 1e12]),
    st.lists(AMOUNTS, max_size=8),
    st.lists(st.tuples(AMOUNTS, AMOUNTS, st.none() | AMOUNTS), max_size=6),
    st.sampled_from([60, 86_400, 40 * 86_400]),
)
def test_every_figure_is_a_number_or_none(
    start: float, values: list[float], trades: list[tuple[float, float, float | None]], step: int
) -> None:
    rounds = [
        closed(profit, after=place, costs=abs(cost), risk=risk and abs(risk), mae=-abs(cost), mfe=abs(profit))
        for place, (profit, cost, risk) in enumerate(trades)
    ]
    found = figures_of(curve([start, *values], step=step), rounds)
    assert all(isfinite(number) for number in numbers(found)), found


def test_twenty_thousand_trades_and_a_million_moments_take_less_than_a_third_of_a_second() -> None:
    generator = np.random.default_rng(5)
    values = 10_000 * np.exp(np.cumsum(generator.normal(0, 1e-4, 1_000_000)))
    time = int(START.timestamp()) + 300 * np.arange(1_000_000, dtype=np.int64)
    at = [START + timedelta(minutes=200 * place) for place in range(20_001)]
    profits = generator.normal(0, 5, 20_000).tolist()
    rounds = [ran(profit, opened, until) for profit, opened, until in zip(profits, at, at[1:], strict=False)]
    account = EquityCurve(time, values)

    def seconds() -> float:
        before = process_time()
        assert figures_of(account, rounds).trades.trades == 20_000
        return process_time() - before

    assert min(seconds() for _ in range(3)) < 0.3


def ran(profit: float, opened: object, until: object) -> ClosedRound:
    return closed(profit, opened_at=opened, closed_at=until, risk=10.0, mae=-3.0, mfe=4.0)
