"""Trials on a real Dask cluster: a scheduler and a worker of this machine."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from desk.adapters.research.cluster import open_cluster
from desk.adapters.research.running import Trials
from desk.adapters.research.store import TrialStore
from desk.backtest.validation.trials import Trial, run_trial, whole
from desk.errors import ConfigError
from tests.desk.backtest.validation.subjects import subject

ROOT = Path(__file__).parents[4]
TRIED = subject(1)
TRIALS = [Trial(whole(TRIED).start, whole(TRIED).end, {"momentum_trading.fast_period": period}) for period in (4, 6, 8)]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A scheduler, with a worker that is a process of its own."""
    here = {**os.environ, "PYTHONPATH": str(ROOT)}
    with LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0", silence_logs=50) as cluster:
        command = [sys.executable, "-m", "distributed.cli.dask_worker", cluster.scheduler_address, "--no-dashboard"]
        worker = subprocess.Popen(
            [*command, "--nthreads", "1", "--no-nanny"], env=here, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        with Client(cluster, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=120)  # on a busy machine it takes longer to start than a search waits
        yield cluster.scheduler_address
        worker.terminate()
        worker.wait()


def test_a_cluster_comes_to_the_same_outcomes_and_they_are_kept(address: str, tmp_path: Path) -> None:
    with TrialStore(tmp_path / "trials.db", "x") as kept:
        with open_cluster(address, TRIED) as cluster:
            assert Trials(TRIED, kept, cluster).run(TRIALS) == [run_trial(TRIED, trial) for trial in TRIALS]
        assert len(kept.found(TRIALS)) == len(TRIALS)


def test_a_worker_with_other_code_runs_nothing(address: str, tmp_path: Path) -> None:
    strategies = tmp_path / "strategies"
    strategies.mkdir()
    with TrialStore(tmp_path / "trials.db", "x") as kept, open_cluster(address, TRIED, strategies) as cluster:
        (strategies / "mine.py").write_text("")
        with pytest.raises(ConfigError, match=r"expected the code of the machine that asks .* the same release"):
            Trials(TRIED, kept, cluster).run(TRIALS)
        assert not kept.found(TRIALS)


@pytest.mark.parametrize("wrong", ["tcp://127.0.0.1:1", "nowhere"])
def test_a_scheduler_that_does_not_answer_is_an_error_that_names_it(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.adapters.research.cluster._PATIENCE_SECONDS", 0.2)
    with pytest.raises(ConfigError, match=f"{wrong}: expected the scheduler of a Dask cluster"):
        open_cluster(wrong, TRIED).__enter__()


def test_a_cluster_without_workers_is_an_error_that_says_how_to_start_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.adapters.research.cluster._PATIENCE_SECONDS", 0.5)
    with LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0", silence_logs=50) as cluster:
        found = f"expected a worker within 0.5 s, found none; start one with `dask worker {cluster.scheduler_address}`"
        with pytest.raises(ConfigError, match=re.escape(found)):
            open_cluster(cluster.scheduler_address, TRIED).__enter__()
