"""Trades and equity against the reference of the shared benchmark, to 1e-9."""

from dataclasses import replace

import numpy as np
import pytest

from desk.backtest.rules import Rules, SizedBy, Sizing, Trailing
from desk.backtest.simulate import Engine, Simulation, simulate
from tests.desk.backtest.engines import ENGINES
from tests.desk.backtest.floor import PEERS, RULES, Series, reference, series

ALL_ENGINES = [*ENGINES, Engine.NUMPY]
pytestmark = pytest.mark.skipif(not PEERS.exists(), reason="needs ../shared/peers")


def simulated(all_series: list[Series], rules: Rules, engine: Engine) -> Simulation:
    candles = [one.candles(f"I{k}") for k, one in enumerate(all_series)]
    return simulate(candles, [one.signals() for one in all_series], rules, engine=engine)


def assert_equal(found: Simulation, trades: np.ndarray, equity: np.ndarray) -> None:
    names = ("instrument", "entry_row", "exit_row", "entry_price", "exit_price", "profit")
    assert len(found.trades) == len(trades) > 0
    for column, name in enumerate(names):
        np.testing.assert_allclose(found.trades[name], trades[:, column], rtol=1e-9, atol=1e-9, err_msg=name)
    np.testing.assert_allclose(found.equity, equity, rtol=1e-9)


@pytest.mark.parametrize("engine", ALL_ENGINES)
def test_one_instrument_equals_the_reference(engine: Engine):
    one = series(5_000, 1_000)
    assert_equal(simulated([one], RULES, engine), *reference([one]))


@pytest.mark.parametrize("engine", ALL_ENGINES)
def test_twenty_instruments_on_one_account_equal_the_reference(engine: Engine):
    twenty = [series(1_500, 1_000 + k) for k in range(20)]
    assert_equal(simulated(twenty, RULES, engine), *reference(twenty))


@pytest.mark.parametrize("engine", ALL_ENGINES)
def test_entries_that_the_cash_does_not_carry_are_refused_as_in_the_reference(engine: Engine):
    six = [series(1_500, 1_000 + k) for k in range(6)]
    rules = replace(RULES, sizing=Sizing(SizedBy.EQUITY, 0.6))
    found = simulated(six, rules, engine)
    assert_equal(found, *reference(six, fraction=0.6))
    assert found.refused > 0


@pytest.mark.parametrize("engine", ALL_ENGINES)
def test_slippage_and_a_trailing_stop_equal_the_reference(engine: Engine):
    one = series(5_000, 1_000)
    rules = replace(RULES, slippage=0.0002, trailing=Trailing(2.0))
    assert_equal(simulated([one], rules, engine), *reference([one], slippage=0.0002, trail=2.0))
