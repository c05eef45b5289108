"""Falls of a curve of equity: how deep, how long, how often."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.backtest.drawdowns import DrawdownFigures, drawdown_figures, episodes, largest, steepest
from desk.monitor.drawdown import largest_drawdown, steepest_drawdown
from tests.desk.backtest.rounds import START, curve

DAYS = timedelta(days=1)
PROFITS = st.lists(st.integers(-60, 60), max_size=15)


def test_the_largest_fall_in_money_is_not_always_the_steepest() -> None:
    account = curve([1000, 1000, 500, 1000, 11_000, 10_000])
    money, share = largest(account), steepest(account)
    assert money is not None
    assert share is not None
    assert (money.amount, money.fraction) == (1000, pytest.approx(1 / 11))
    assert (share.amount, share.fraction) == (500, 0.5)


def test_a_fall_begins_at_the_last_moment_of_its_peak_and_ends_where_that_is_reached_again() -> None:
    fall = largest(curve([100, 120, 120, 90, 90, 110, 120, 130]))
    assert fall is not None
    assert (fall.high, fall.low) == (120, 90)
    assert (fall.high_at, fall.low_at) == (START + 2 * DAYS, START + 3 * DAYS)
    assert (fall.recovered_at, fall.length) == (START + 6 * DAYS, 4 * DAYS)


def test_a_fall_that_did_not_recover_lasts_to_the_end() -> None:
    fall = largest(curve([100, 90, 95]))
    assert fall is not None
    assert (fall.recovered_at, fall.length) == (None, 2 * DAYS)


def test_a_curve_that_only_rises_has_no_fall() -> None:
    figures = drawdown_figures(curve([100, 100, 101]))
    assert (figures.largest, figures.steepest, figures.underwater) == (None, None, 0)
    assert (figures.longest_underwater, figures.ulcer_index) == (timedelta(0), 0)


def test_an_empty_curve_has_no_figures_and_a_single_moment_no_time() -> None:
    assert drawdown_figures(curve([])) == DrawdownFigures(None, None, None, None, None)
    assert drawdown_figures(curve([100])).underwater is None


def test_the_time_under_water_is_from_peaks_to_recoveries() -> None:
    figures = drawdown_figures(curve([100, 90, 100, 110, 100, 105, 104]))
    assert figures.underwater == pytest.approx(3 / 6)  # the days that begin below a peak: 1, 4 and 5
    assert figures.longest_underwater == 3 * DAYS


def test_the_ulcer_index_is_the_root_of_the_mean_square_of_all_falls() -> None:
    assert drawdown_figures(curve([100, 90, 100, 80])).ulcer_index == pytest.approx(((0.01 + 0.04) / 4) ** 0.5)


def test_episodes_have_their_own_peaks_the_steepest_first() -> None:
    found = episodes(curve([100, 90, 100, 200, 100, 150, 200, 190]))
    assert [round(one.fraction, 3) for one in found] == [0.5, 0.1, 0.05]
    assert [one.high for one in found] == [200, 100, 200]
    assert len(episodes(curve([100, 90, 100, 200, 100, 150, 200, 190]), 2)) == 2
    assert episodes(curve([])) == episodes(curve([1, 2])) == ()


@settings(max_examples=60, deadline=None)
@given(PROFITS)
def test_falls_are_those_that_the_monitor_finds_in_exact_profits(profits: list[int]) -> None:
    values = [1000 + sum(profits[:count]) for count in range(len(profits) + 1)]
    exact = [Decimal(profit) for profit in profits]
    money, share = largest(curve(values)), steepest(curve(values))
    by_money, by_share = largest_drawdown(exact, Decimal(1000)), steepest_drawdown(exact, Decimal(1000))
    assert (money.amount if money else 0) == by_money.amount
    assert (share.fraction if share else 0) == pytest.approx(float(by_share.fraction or 0))
    if money:
        assert (money.low_at - START).days == by_money.low_after


@settings(max_examples=60, deadline=None)
@given(PROFITS)
def test_the_steepest_episode_is_the_steepest_fall(profits: list[int]) -> None:
    account = curve([1000 + sum(profits[:count]) for count in range(len(profits) + 1)])
    found, worst = episodes(account), steepest(account)
    assert (found[0] if found else None) == worst
    longest = drawdown_figures(account).longest_underwater
    assert longest == max((one.length for one in episodes(account, 99)), default=timedelta(0))
