"""What closed trades came to."""

from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.backtest.rounds import RoundColumns
from desk.backtest.trade_figures import HoldingFigures, TradeFigures, exposure, longest_run, mean_open, trade_figures
from desk.model.instrument import Side
from desk.model.orders import FillReason
from desk.model.records import ClosedTrade
from desk.monitor.performance import performance_of
from tests.desk.backtest.rounds import START, closed, in_a_row

HOUR = 3_600.0


def figures(*profits: float) -> TradeFigures:
    return trade_figures(RoundColumns.of(in_a_row(*profits)))


def test_trades_are_counted_by_what_they_brought() -> None:
    found = figures(100, 0, -50, 30, -10)
    assert (found.trades, found.wins, found.draws, found.losses) == (5, 2, 1, 2)
    assert (found.profit, found.gross_profit, found.gross_loss) == (70, 130, 60)
    assert found.profit_factor == pytest.approx(130 / 60)
    assert (found.expectancy, found.expectancy_ratio) == (14, pytest.approx(14 / 30))
    assert found.payoff_ratio == pytest.approx(65 / 30)
    assert (found.median, found.best, found.worst) == (0, 100, -50)
    assert found.win_rate is not None
    assert found.win_rate.value == 0.4


def test_without_trades_nothing_is_known_and_nothing_raised() -> None:
    found = figures()
    counts = {"trades", "wins", "draws", "losses", "profit", "gross_profit", "gross_loss", "longest_wins"}
    counts |= {"longest_losses", "costs", "turnover"}
    groups = {"gains", "risk", "held", "winners_held", "losers_held"}
    for field in fields(found):
        if field.name not in groups:
            assert getattr(found, field.name) == (0 if field.name in counts else None), field.name
    for group in (getattr(found, name) for name in groups):
        assert {getattr(group, field.name) for field in fields(group)} <= {None, 0}


def test_without_a_loss_there_is_no_profit_factor_and_without_two_outcomes_no_quality() -> None:
    found = figures(5, 5, 5)
    assert found.profit_factor is found.expectancy_ratio is found.payoff_ratio is found.quality is None
    assert figures(5).quality is None
    assert figures(1, 3).quality == pytest.approx(2 / 2**0.5 * 2**0.5)


def test_streaks_are_of_one_outcome_in_the_order_of_closing() -> None:
    found = figures(1, 1, 0, 1, -1, -1, -1, 2)
    assert (found.longest_wins, found.longest_losses) == (2, 3)
    late = [closed(1, after=5), closed(-1, after=0, hours=0.5), closed(1, after=1, hours=9), closed(-1, after=2)]
    assert trade_figures(RoundColumns.of(late)).longest_losses == 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), max_size=12))
def test_the_longest_run_is_the_longest_text_without_a_gap(hits: list[bool]) -> None:
    text = "".join("x" if hit else " " for hit in hits)
    assert longest_run(np.array(hits, dtype=bool)) == max((len(run) for run in text.split()), default=0)


def test_gains_are_fractions_of_the_value_at_the_entry_in_account_currency() -> None:
    found = trade_figures(RoundColumns.of([closed(10), closed(-4, rate=2.0)]))
    assert (found.gains.best, found.gains.worst) == (0.1, -0.02)
    assert found.gains.mean == found.gains.median == pytest.approx(0.04)
    assert (found.turnover, found.mean_value) == (200 + 400, 150)


def test_open_results_are_in_units_of_the_risk_where_both_are_known() -> None:
    trades = [
        closed(20, risk=10, mae=-4, mfe=25),
        closed(-10, risk=10, mae=-10, mfe=6),
        closed(5, mae=-3, mfe=8),
        closed(5, risk=5),
    ]
    risk = trade_figures(RoundColumns.of(trades)).risk
    assert risk.trades == 3
    assert risk.mean is not None
    assert risk.mean.value == pytest.approx((2 - 1 + 1) / 3)
    assert (risk.mae, risk.mfe) == (pytest.approx(-0.7), pytest.approx(1.55))
    assert (risk.winners_mae, risk.losers_mfe) == (pytest.approx(-0.4), pytest.approx(0.6))


def test_holding_times_are_told_of_winners_and_losers() -> None:
    trades = [closed(1, hours=2), closed(2, hours=4), closed(-1, hours=9), closed(0, hours=5)]
    found = trade_figures(RoundColumns.of(trades))
    assert found.held == HoldingFigures(5 * HOUR, 4.5 * HOUR, 2 * HOUR, 9 * HOUR)
    assert found.winners_held == HoldingFigures(3 * HOUR, 3 * HOUR, 2 * HOUR, 4 * HOUR)
    assert found.losers_held == HoldingFigures(9 * HOUR, 9 * HOUR, 9 * HOUR, 9 * HOUR)


def test_costs_are_a_share_of_what_winners_brought_before_them() -> None:
    found = trade_figures(RoundColumns.of([closed(8, costs=2), closed(-1, costs=2), closed(-5, costs=1)]))
    assert (found.costs, found.cost_share) == (5, pytest.approx(5 / 11))
    assert trade_figures(RoundColumns.of([closed(-5, costs=1)])).cost_share is None


def test_figures_are_those_that_the_monitor_tells_of_the_same_trades_of_a_live_account() -> None:
    trades = [(12.5, 5.0), (-4.25, 5.0), (0.0, None), (7.75, 2.5), (-10.0, 4.0)]
    live = performance_of([account_trade(Decimal(str(profit)), risk) for profit, risk in trades])
    found = trade_figures(RoundColumns.of([closed(profit, risk=risk) for profit, risk in trades]))
    assert (found.trades, found.wins, found.win_rate) == (live.trades, live.wins, live.win_rate)
    assert (found.profit, found.expectancy) == (6, float(live.expectancy))
    assert found.profit_factor == pytest.approx(float(live.profit_factor or 0))
    assert (found.risk.trades, found.risk.mean) == (live.multiples, live.mean_multiple)


def account_trade(profit: Decimal, risk: float | None) -> ClosedTrade:
    staked = None if risk is None else Decimal(str(risk))
    return ClosedTrade("trend", "BTC/USD", Side.BUY, START, START, profit, Decimal(0), staked, FillReason.STOP)


def test_exposure_counts_time_once_however_many_trades_are_open() -> None:
    start = START.timestamp()
    trades = RoundColumns.of([closed(after=1, hours=3), closed(after=2, hours=1), closed(after=3, hours=3)])
    assert exposure(trades, start, start + 10 * HOUR) == pytest.approx(0.5)
    assert mean_open(trades, start, start + 10 * HOUR) == pytest.approx(0.7)
    assert exposure(trades, start + 2 * HOUR, start + 4 * HOUR) == 1
    assert exposure(trades, start, start) is mean_open(trades, start, start) is None
    assert exposure(RoundColumns.of([]), start, start + HOUR) == 0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 8)), max_size=8))
def test_exposure_is_the_share_of_the_hours_in_which_a_trade_is_open(trades: list[tuple[int, int]]) -> None:
    columns = RoundColumns.of([closed(after=after, hours=hours) for after, hours in trades])
    open_hours = {hour for after, hours in trades for hour in range(after, after + hours)}
    start = datetime(2024, 1, 1, tzinfo=UTC).timestamp()
    assert exposure(columns, start, start + 30 * HOUR) == pytest.approx(len(open_hours) / 30)
