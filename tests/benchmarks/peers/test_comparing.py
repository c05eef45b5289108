"""Trades and equity of ours are held to those of the floor, to 1e-9 of each value."""

import numpy as np
import pytest

from benchmarks.peers.comparing import VARIABLE, compared, reference_file

TRADES = np.array([[0, 5, 9, 100.0, 101.0, 1.0], [1, 5, 7, 50.0, 49.0, -1.0], [0, 12, 15, 102.0, 100.0, -2.0]])
EQUITY = np.array([1000.0, 1001.0, 1e6])


@pytest.fixture(autouse=True)
def reference(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    reference_file(tmp_path, "a").parent.mkdir()
    np.savez(reference_file(tmp_path, "a"), trades=TRADES, equity=EQUITY)


def test_the_same_trades_in_another_order_are_no_difference():
    assert compared("a", trades=TRADES[::-1], equity=EQUITY)["apart"] == 0


def test_the_largest_difference_counts_and_is_named():
    report = compared("a", trades=TRADES, equity=EQUITY * [1, 1 + 3e-9, 1 + 2e-9])
    assert report["apart"] == pytest.approx(3e-9, rel=1e-3)
    assert "equity by 3e-09" in report["difference"]


@pytest.mark.parametrize("column", range(6))
def test_every_column_of_a_trade_is_compared(column):
    changed = TRADES.copy()
    changed[1, column] += 0.5
    assert compared("a", trades=changed, equity=EQUITY)["apart"] > 1e-9


@pytest.mark.parametrize("trades", [TRADES[:2], np.where(TRADES == 1.0, np.nan, TRADES)])
def test_a_trade_too_few_or_a_value_that_is_no_number_is_as_far_apart_as_can_be(trades):
    assert compared("a", trades=trades, equity=EQUITY)["apart"] > 1e100
