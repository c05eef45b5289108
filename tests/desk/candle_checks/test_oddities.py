"""A price that nobody traded at stands out from those around it; a market that moves does not."""

import numpy as np
import pytest

from desk.candle_checks.columns import Columns
from desk.candle_checks.findings import Rule
from desk.candle_checks.oddities import LONG, WINDOW, outliers, zero_volume
from tests.desk.candle_checks.recordings import changed, recorded


def rows_of(columns):
    broken = outliers(columns)
    return [] if broken is None else [finding.row - 1 for finding in broken.first]


@pytest.mark.parametrize(("name", "factor"), [("high", 1.05), ("low", 0.95)])
@pytest.mark.parametrize("row", [0, 1, 250, 499])
def test_a_price_far_from_all_around_it_is_an_outlier(name, factor, row):
    columns = recorded(500)
    assert rows_of(columns) == []
    assert rows_of(changed(columns, name, row, columns.values[name][row] * factor)) == [row]


def test_a_whole_candle_in_another_currency_is_an_outlier():
    columns = recorded(500)
    for name in ("open", "high", "low", "close"):
        columns = changed(columns, name, 100, columns.values[name][100] * 150)
    assert rows_of(columns) == [100]


def test_a_market_that_moves_and_stays_is_none():
    columns = recorded(500)
    moved = {name: np.where(np.arange(500) < 250, values, values * 1.05) for name, values in columns.values.items()}
    assert rows_of(Columns(columns.time, moved)) == []


def test_a_quiet_hour_makes_no_outliers_of_its_steps():
    columns = recorded(500)
    still = {name: values.copy() for name, values in columns.values.items()}
    for name in ("open", "high", "low", "close"):
        still[name][200:300] = still["close"][200]
        still[name][250] = still["close"][200] + 2e-5
    assert rows_of(Columns(columns.time, still)) == []


def test_the_distance_is_that_of_the_formula():
    columns = recorded(101)
    columns = changed(columns, "high", 50, 1.3)
    closes = np.log(columns.values["close"])
    around = closes[38:63]
    middle = np.median(around)
    spreads = [np.median(np.abs(part - np.median(part))) for part in (closes[i - 12 : i + 13] for i in range(12, 89))]
    scale = 1.4826 * max(np.median(np.abs(around - middle)), np.median(spreads))
    told = float(outliers(columns).first[0].detail.split()[0])
    assert told == pytest.approx((np.log(1.3) - middle) / scale, rel=0.05)


def test_few_candles_have_no_surroundings():
    columns = recorded(WINDOW - 1)
    assert outliers(changed(columns, "high", 3, 9.0)) is None


def test_a_long_run_without_volume_is_told_and_a_short_one_is_not():
    columns = changed(recorded(60), "volume", slice(5, 5 + LONG), 0.0)
    columns = changed(columns, "volume", slice(30, 30 + LONG - 1), 0.0)
    broken = zero_volume(columns)
    assert (broken.rule, broken.places, broken.candles, broken.first[0].row) == (Rule.ZERO_VOLUME, 1, LONG, 6)
    assert zero_volume(recorded(60, volume=False)) is None
