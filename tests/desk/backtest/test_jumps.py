"""The numpy engine gives the figures of the kernels wherever it says that it can."""

import os
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.backtest.rules import BreakEven, Conventions, Part, Rung, SizedBy, Sizing, Trailing
from desk.backtest.signals import Signals
from desk.backtest.simulate import Engine, Simulation, simulate
from tests.desk.backtest.random_cases import Case, plain_case

EXAMPLES = int(os.environ.get("DESK_JUMPS_EXAMPLES", "75"))
SEEDS = st.integers(0, 2**32 - 1)


def simulated(case: Case, engine: Engine, **more: object) -> Simulation:
    return simulate(case.candles, case.signals, case.rules, engine=engine, **more)


def assert_same(found: Simulation, expected: Simulation) -> None:
    assert len(found.trades) == len(expected.trades)
    for name in expected.trades.dtype.names:
        np.testing.assert_allclose(found.trades[name], expected.trades[name], rtol=1e-9, atol=1e-9, err_msg=name)
    np.testing.assert_allclose(found.equity, expected.equity, rtol=1e-9, atol=1e-9)
    assert found.refused == expected.refused


@settings(max_examples=EXAMPLES, deadline=None)
@given(SEEDS)
def test_trades_equity_and_refusals_are_those_of_the_kernels(seed):
    case = plain_case(seed)
    found = simulated(case, Engine.NUMPY)
    assert found.engine is Engine.NUMPY
    assert_same(found, simulated(case, Engine.PYTHON))


@settings(max_examples=EXAMPLES // 3, deadline=None)
@given(SEEDS)
def test_a_run_goes_on_from_where_it_ended_as_one_of_the_kernels_does(seed):
    case = plain_case(seed, is_aligned=True)
    # A position that is closed at the end of the data is not the same in a run that is split.
    case = replace(case, rules=replace(case.rules, at_end="keep"))
    middle = len(case.candles[0]) // 2
    first, rest = case.part(slice(0, middle)), case.part(slice(middle, None))
    if middle == 0:
        return
    ours, theirs = (simulated(first, engine) for engine in (Engine.NUMPY, Engine.PYTHON))
    assert_same(simulated(rest, Engine.PYTHON, state=ours.state), simulated(rest, Engine.PYTHON, state=theirs.state))


def test_many_entries_on_a_long_history_are_looked_at_in_parts():
    case = plain_case(7, most_rows=9_000, is_aligned=True)
    rows = len(case.candles[0])
    assert rows > 5_000
    always = np.ones(rows, bool)
    signals = [Signals(enter_long=always, stop=3.0, target=200.0)] * len(case.candles)
    rules = replace(case.rules, sizing=Sizing(SizedBy.NOTIONAL, 10.0), distance="price", time_exit=None)
    case = Case(case.candles, signals, rules)
    assert_same(simulated(case, Engine.NUMPY), simulated(case, Engine.PYTHON))


@pytest.mark.parametrize(
    "change",
    [
        {"trailing": Trailing(1.0)},
        {"break_even": BreakEven(1.0)},
        {"ladder": (Rung(timedelta(0), 2.0),)},
        {"parts": (Part(1.0, 0.5),)},
        {"conventions": Conventions.FREQTRADE, "distance": "fraction", "time_exit": None, "maintenance": None},
    ],
)
def test_what_it_does_not_cover_is_done_in_python(change):
    case = plain_case(3)
    case = replace(case, rules=replace(case.rules, **change))
    assert simulated(case, Engine.NUMPY).engine is Engine.PYTHON


@pytest.mark.parametrize("signal", ["limit", "exit_limit"])
def test_orders_that_wait_are_done_in_python(signal):
    case = plain_case(3)
    signals = [replace(one, **{signal: 90.0}) for one in case.signals]
    assert simulated(replace(case, signals=signals), Engine.NUMPY).engine is Engine.PYTHON


def test_a_position_from_a_run_before_is_carried_on_in_python():
    case = next(
        case
        for case in (plain_case(seed, is_aligned=True) for seed in range(50))
        if case.rules.at_end == "keep" and len(case.candles[0]) > 20
        if simulated(case.part(slice(0, 10)), Engine.PYTHON).state.positions[:, 0].any()
    )
    before = simulated(case.part(slice(0, 10)), Engine.NUMPY)
    assert before.engine is Engine.NUMPY
    assert simulated(case.part(slice(10, None)), Engine.NUMPY, state=before.state).engine is Engine.PYTHON
