import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from pathlib import Path

import pytest

from desk.adapters.research.identity import identity_of
from desk.adapters.research.running import Trials
from desk.adapters.research.store import TrialStore, key_of
from desk.backtest.validation.disturbances import Disturbance
from desk.backtest.validation.parameters import with_parameters
from desk.backtest.validation.trials import Outcome, Trial, run_trial, whole
from desk.errors import DataError
from tests.desk.backtest.validation.subjects import subject

ROOT = Path(__file__).parents[4]
TRIED = subject(1)
TRIALS = [
    Trial(whole(TRIED).start, whole(TRIED).end, {"momentum_trading.fast_period": period}) for period in (4, 6, 8, 10)
]


def store(folder: Path, identity: str = "x") -> TrialStore:
    return TrialStore(folder / "research" / "trials.db", identity)


def test_outcomes_come_in_the_order_of_the_trials_and_are_those_of_the_trials(tmp_path: Path):
    with store(tmp_path) as kept:
        assert Trials(TRIED, kept).run(TRIALS) == [run_trial(TRIED, trial) for trial in TRIALS]


def test_what_was_run_is_read_and_not_run_again(tmp_path: Path):
    with store(tmp_path) as kept:
        kept.put(TRIALS[0], Outcome({"a": 1.0}))
        assert Trials(TRIED, kept).run(TRIALS[:1]) == [Outcome({"a": 1.0})]


def test_a_trial_that_is_asked_for_twice_is_run_once(tmp_path: Path):
    told: list[tuple[int, int]] = []
    with store(tmp_path) as kept:
        trials = Trials(TRIED, kept, tell=lambda *found: told.append(found))
        first, second = trials.run([TRIALS[0], TRIALS[0]])
    assert first == second
    assert told[0] == (1, 2)
    assert told[-1] == (2, 2)


class GivesUp:
    """A pool whose processes end after the first trial."""

    broken = (CancelledError,)

    def submit(self, trials: Sequence[Trial]) -> list[Future[Outcome]]:
        begun: list[Future[Outcome]] = [Future() for _ in trials]
        begun[0].set_result(Outcome({"a": 1.0}))
        for lost in begun[1:]:
            lost.cancel()
            lost.set_running_or_notify_cancel()
        return begun


def test_what_was_run_is_kept_where_the_others_were_lost_and_the_error_says_what_to_do(tmp_path: Path):
    with store(tmp_path) as kept:
        with pytest.raises(DataError, match=r"ended by itself, .* what was run is kept; begin again"):
            Trials(TRIED, kept, GivesUp()).run(TRIALS)
        assert kept.found(TRIALS) == {key_of(TRIALS[0]): Outcome({"a": 1.0})}


def test_outcomes_are_kept_to_the_last_digit(tmp_path: Path):
    outcome = run_trial(TRIED, TRIALS[0])
    refused = Outcome(refused="no candles")
    with store(tmp_path) as kept:
        kept.put(TRIALS[0], outcome)
        kept.put(TRIALS[1], refused)
    with store(tmp_path) as kept:
        assert kept.found(TRIALS) == {key_of(TRIALS[0]): outcome, key_of(TRIALS[1]): refused}


def test_outcomes_of_another_identity_are_not_found_and_not_forgotten(tmp_path: Path):
    with store(tmp_path) as kept, store(tmp_path, "other") as other:
        kept.put(TRIALS[0], Outcome({"a": 1.0}))
        assert other.found(TRIALS) == {}
        other.forget()
        assert kept.found(TRIALS) != {}
        kept.forget()
        assert kept.found(TRIALS) == {}


def test_a_file_that_is_something_else_is_refused(tmp_path: Path):
    (tmp_path / "research").mkdir()
    (tmp_path / "research" / "trials.db").write_text("notes " * 500)
    with pytest.raises(DataError, match=r"trials\.db: expected a file of stored trials"):
        store(tmp_path)


def test_everything_that_outcomes_depend_on_makes_another_identity():
    base = subject()
    others = [
        subject(seed=5),
        replace(base, policy=with_parameters(base.policy, {"policy.entry_score": 0.3})),
        replace(base, opening=replace(base.opening, cash=base.opening.cash + 1)),
        replace(base, setting=replace(base.setting, currency="EUR")),
        Disturbance(costs=2).applied_to(base),
    ]
    assert len({identity_of(one) for one in (base, *others)}) == 6
    assert identity_of(base) == identity_of(replace(base))


def test_the_identity_is_the_same_in_another_process():
    code = (
        "from desk.adapters.research.identity import identity_of\n"
        "from tests.desk.backtest.validation.subjects import subject\nprint(identity_of(subject()))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.strip() == identity_of(subject())


RUN = """
import sys
from dataclasses import replace
from pathlib import Path
from desk.adapters.research.processes import Processes
from desk.adapters.research.running import Trials
from desk.adapters.research.store import TrialStore
from desk.backtest.validation.trials import Trial, whole
from tests.desk.backtest.validation.subjects import subject

if __name__ == "__main__":
    tried = subject(1)
    trials = [
        Trial(whole(tried).start, whole(tried).end, {"momentum_trading.fast_period": period}) for period in range(3, 20)
    ]
    with TrialStore(Path(sys.argv[1]) / "research" / "trials.db", "x") as store:
        tell = lambda done, count: print(done, flush=True)
        with Processes(tried, 2) as pool:
            Trials(tried, store, pool, tell=tell).run(trials)
"""


def test_a_run_that_was_killed_leaves_what_it_had_and_no_process(tmp_path: Path):
    script = tmp_path / "run.py"
    script.write_text(RUN)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    for line in running.stdout:
        if int(line) >= 3:
            break
    workers = children_of(running.pid)
    running.send_signal(signal.SIGKILL)
    running.wait()
    running.stdout.close()
    assert workers
    assert all(has_ended(worker, within=20) for worker in workers)
    told: list[int] = []
    wanted = [replace(TRIALS[0], parameters={"momentum_trading.fast_period": period}) for period in range(3, 20)]
    with store(tmp_path) as kept:
        before = kept.found(wanted)
        again = Trials(TRIED, kept, tell=lambda done, _all: told.append(done)).run(wanted)
    assert told[0] == len(before) >= 3
    for trial, outcome in zip(wanted, again, strict=True):
        if key_of(trial) in before:  # what a process of its own came to is what this one comes to
            assert outcome == run_trial(TRIED, trial)


def children_of(process: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True, check=False)
    return [int(one) for one in found.stdout.split()]


def has_ended(process: int, *, within: float) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False
