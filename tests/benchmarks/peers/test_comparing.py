"""Trades and equity of ours are held to those of the floor, to 1e-9 of each value."""

import numpy as np
import pytest

from benchmarks.peers.comparing import VARIABLE, compared, compared_closely, reference_file

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


ROWS = TRADES[:, :3].astype(np.int64)


def closely(rows, final):
    return compared_closely("a", rows, final)


def test_full_decisions_may_come_to_nearly_the_same_money():
    report = closely(ROWS[::-1], 1e6 * (1 + 2e-5))
    assert report["apart"] == pytest.approx(2e-5)
    assert report["apart"] <= report["allowed"] == 1e-4


@pytest.mark.parametrize("rows", [ROWS[:2], ROWS + [[0, 1, 0]] * 3, ROWS + [[1, 0, 0]] * 3])
def test_full_decisions_must_enter_where_the_floor_does(rows):
    assert closely(rows, 1e6)["apart"] > 1e100


def test_one_exit_in_a_hundred_may_be_of_another_candle(tmp_path):
    many = np.column_stack((np.zeros(200), np.arange(200), np.arange(200) + 1, np.ones((200, 3))))
    np.savez(reference_file(tmp_path, "a"), trades=many, equity=EQUITY)
    rows = many[:, :3].astype(np.int64)
    for moved, is_near in ((2, True), (3, False)):
        changed = rows.copy()
        changed[:moved, 2] += 1
        report = closely(changed, 1e6)
        assert (report["apart"] <= report["allowed"]) is is_near
        assert report["moved_exits"] == moved
