"""A sweep simulates each combination once, computes what they share once, and goes on from its record."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from desk.backtest.simulate import Engine, simulate
from desk.backtest.sweep import Outcome, Shared, Sweep, grid, run_sweep
from desk.model.candles import Candles, PriceBars
from tests.desk.backtest import crossings
from tests.desk.backtest.crossings import COMPUTED, RULES, average
from tests.desk.backtest.random_cases import plain_case
from tests.prefect_server import PROJECT, process_environment


class Kept:
    """A record in memory."""

    def __init__(self, before: list[Outcome] = ()) -> None:
        self.before, self.batches = list(before), []

    def outcomes(self) -> list[Outcome]:
        return self.before

    def keep(self, outcomes: list[Outcome]) -> None:
        self.batches.append(outcomes)


@pytest.fixture
def candles() -> Candles:
    COMPUTED.clear()
    return plain_case(1, most_rows=900, is_aligned=True).candles[0]


def swept(candles: Candles, combinations: list, **more: object) -> Sweep:
    usual = {"signals_of": crossings.crossings, "rules": RULES, "engine": Engine.NUMPY}
    return Sweep(candles=[candles], combinations=combinations, **{**usual, **more})


def test_each_outcome_is_that_of_its_simulation(candles):
    sweep = swept(candles, grid(fast=[2, 3], slow=[5, 9]))
    outcomes = run_sweep(sweep)
    assert [one.parameters for one in outcomes] == [
        {"fast": 2, "slow": 5},
        {"fast": 2, "slow": 9},
        {"fast": 3, "slow": 5},
        {"fast": 3, "slow": 9},
    ]
    for one in outcomes:
        found = simulate([candles], crossings.crossings(Shared([candles]), one.parameters), RULES, engine=Engine.PYTHON)
        assert one.trades == len(found.trades) > 0
        assert one.final_equity == pytest.approx(found.equity[-1], rel=1e-12)
    assert len({one.final_equity for one in outcomes}) == 4


def test_what_combinations_share_is_computed_once(candles):
    run_sweep(swept(candles, grid(fast=[2, 3], slow=[5, 9])))
    assert sorted(COMPUTED) == [2, 3, 5, 9]


def test_shared_values_that_were_not_asked_for_make_room_for_others(candles):
    size = candles.close.nbytes
    shared = Shared([candles], most_bytes=2 * size)
    for period in (2, 3, 2, 4, 2, 3):
        shared(average, period)
    assert COMPUTED == [2, 3, 4, 3]


def test_a_value_that_is_larger_than_the_room_is_kept_alone(candles):
    shared = Shared([candles], most_bytes=1)
    for period in (2, 2, 3, 2):
        shared(average, period)
    assert COMPUTED == [2, 3, 2]


def test_rules_may_depend_on_the_parameters(candles):
    def rules_of(parameters):
        return replace(RULES, fee=parameters["fee"])

    cheap, dear = run_sweep(swept(candles, grid(fast=[2], slow=[5], fee=[0.0, 0.01]), rules=rules_of))
    assert cheap.trades == dear.trades
    assert cheap.final_equity > dear.final_equity


def test_it_tells_how_far_it_is_and_keeps_each_outcome_as_it_comes(candles):
    told, record = [], Kept()
    combinations = grid(fast=[2, 3, 4], slow=[5])
    outcomes = run_sweep(
        swept(candles, combinations),
        record=record,
        on_progress=lambda *so_far: told.append((*so_far, len(record.batches))),
    )
    assert told == [(1, 3, 1), (2, 3, 2), (3, 3, 3)]
    assert [one for batch in record.batches for one in batch] == outcomes


def test_a_cancelled_sweep_goes_on_with_what_is_missing(candles):
    sweep, record, told = swept(candles, grid(fast=[2, 3, 4], slow=[5, 9])), Kept(), []
    first = run_sweep(sweep, record=record, is_cancelled=lambda: len(record.batches) == 4)
    assert len(first) == 4
    rest = Kept(first)
    outcomes = run_sweep(sweep, record=rest, on_progress=lambda *so_far: told.append(so_far))
    assert told == [(5, 6), (6, 6)]
    assert outcomes == run_sweep(sweep)
    assert len(rest.batches) == 2


def test_a_combination_that_is_given_twice_is_simulated_once(candles):
    told = []
    run_sweep(
        swept(candles, [{"fast": 2, "slow": 5}, {"slow": 5, "fast": 2}]),
        on_progress=lambda *so_far: told.append(so_far),
    )
    assert told == [(1, 1)]


def test_several_processes_give_the_same_in_the_same_order(candles):
    combinations = grid(fast=[2, 3, 4], slow=list(range(5, 20)), parent=[os.getpid()])
    alone = swept(candles, combinations)
    shared_out = swept(candles, combinations, signals_of=crossings.crossings_of_another_process)
    record, told = Kept(), []
    outcomes = run_sweep(shared_out, record=record, workers=2, on_progress=lambda *so_far: told.append(so_far))
    assert outcomes == run_sweep(alone)
    assert sorted(len(batch) for batch in record.batches) == [5, 20, 20]
    assert told[-1] == (45, 45)


def test_the_processes_of_a_sweep_end_when_it_is_killed(tmp_path):
    told = tmp_path / "process"
    code = f"from tests.desk.backtest.crossings import sweep_slowly; sweep_slowly({str(told)!r})"
    sweep = subprocess.Popen(
        [sys.executable, "-c", code], cwd=PROJECT, env=process_environment(), stderr=subprocess.PIPE
    )
    try:
        wait_until(lambda: told.exists() and told.read_text())
    finally:
        sweep.kill()
        sweep.communicate()
    wait_until(lambda: not Path(f"/proc/{told.read_text()}").exists())


def wait_until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_fingerprint_tells_candles_rules_and_signals_from_others(candles):
    close = candles.close.copy()
    close[-1] = candles.high[-1] if candles.close[-1] != candles.high[-1] else candles.low[-1]
    sides = PriceBars(candles.open, candles.high, candles.low, candles.close)
    others = [
        swept(replace(candles, close=close), []),
        swept(replace(candles, bid=sides, ask=sides), []),
        swept(candles, [], rules=replace(RULES, fee=0.0)),
        swept(candles, [], signals_of=crossings.crossings_of_another_process),
    ]
    prints = {one.fingerprint for one in (swept(candles, []), *others)}
    assert len(prints) == 5
    assert swept(candles, grid(fast=[2])).fingerprint == swept(candles, []).fingerprint


def test_a_sweep_of_nothing_is_done_at_once(candles):
    assert run_sweep(swept(candles, [])) == []
    assert run_sweep(swept(candles[:0], grid(fast=[2], slow=[3])))[0].final_equity == RULES.cash
