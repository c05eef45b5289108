"""Trials on the workers of a Dask cluster, for searches that one machine would be at for days."""

import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from desk.adapters.backtests.identity import code_hash
from desk.backtest.validation.subjects import Subject
from desk.backtest.validation.trials import Outcome, Trial, run_trial
from desk.errors import ConfigError
from desk.registry import strategies

_PATIENCE_SECONDS = 10


class Cluster:
    """Implements `desk.adapters.research.running.Pool` over a connected client."""

    def __init__(self, client: Any, subject: Subject, folder: Path | None) -> None:
        from distributed import KilledWorker

        # Futures are cancelled where the scheduler is gone.
        self.broken: tuple[type[Exception], ...] = (KilledWorker, CancelledError)
        self._executor = client.get_executor()
        # Sent once; each worker that needs it fetches it from one that has it.
        self._subject = client.scatter(pickle.dumps(subject))
        self._folder = folder
        self._code = code_hash(folder)

    def submit(self, trials: Sequence[Trial]) -> list[Future[Outcome]]:
        """Begin trials, and return what will be their outcomes, in the same order."""
        return [self._executor.submit(_run, self._subject, self._folder, self._code, trial) for trial in trials]


@contextmanager
def open_cluster(address: str, subject: Subject, folder: Path | None = None) -> Iterator[Cluster]:
    """Connect to a cluster.

    Args:
        address: of its scheduler, such as tcp://10.0.0.5:8786.
        folder: of strategies of the operator's own, which every worker has in the same place.

    Raises:
        ConfigError: Dask is not installed, nobody answers, or there is no worker.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ConfigError(
            "expected Dask, which spreads trials over machines, found that it is not installed; install the extra "
            'with pip install "scandesk[dask]"'
        ) from error
    try:
        client = Client(address, timeout=_PATIENCE_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        told = f"expected the scheduler of a Dask cluster, such as tcp://10.0.0.5:8786, found: {error}"
        raise ConfigError(f"{address}: {told}") from error
    with client:
        yield _cluster(client, address, subject, folder)


def _cluster(client: Any, address: str, subject: Subject, folder: Path | None) -> Cluster:
    try:
        return Cluster(client, subject, folder)
    except TimeoutError:
        told = f"expected a worker within {_PATIENCE_SECONDS:g} s, found none; start one with `dask worker {address}`"
        raise ConfigError(f"{address}: {told}") from None


_subjects: dict[str, Subject] = {}
"""Of this process, where it is a worker: what it tries, by the code that it is tried with."""


def _run(subject: bytes, folder: Path | None, code: str, trial: Trial) -> Outcome:
    return run_trial(_unpacked(subject, folder, code), trial)


def _unpacked(subject: bytes, folder: Path | None, code: str) -> Subject:
    key = f"{code} {hash(subject)}"
    if (known := _subjects.get(key)) is None:
        found = code_hash(folder)
        if found != code:
            raise ConfigError(
                f"a worker of the cluster: expected the code of the machine that asks ({code}), found {found}; "
                "install the same release of scandesk, and the same strategies in the same folder"
            )
        plugins = strategies()
        plugins.look_in(*([folder] if folder else []))
        plugins.discover()  # classes of strategies have to be there before the subject is unpacked
        known = pickle.loads(subject)  # noqa: S301 - written by the machine that asks
        _subjects.clear()
        _subjects[key] = known
    return known
