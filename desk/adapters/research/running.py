"""Runs trials side by side in processes of their own, and none that has been run before."""

import os
import pickle
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process, resource_tracker
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

from desk.adapters.research.store import TrialStore, key_of
from desk.backtest.validation.subjects import Subject
from desk.backtest.validation.trials import Outcome, Trial, run_trial
from desk.errors import DataError
from desk.registry import strategies

Tell = Callable[[int, int], object]
"""Told how many trials of how many are done."""


class Trials:
    """Trials of one subject; a context manager, which lets its processes end.

    Processes are started afresh (spawned), which every system can and no open connection survives; with one worker
    everything happens here. Outcomes do not depend on the number of workers.

    Args:
        subject: what is tried.
        store: where outcomes are kept, and looked up.
        workers: processes at once, 1 or more.
        folders: of strategies of the operator's own.
        tell: called before the first and after each trial of a call of `run`.
    """

    def __init__(
        self,
        subject: Subject,
        store: TrialStore,
        *,
        workers: int = 1,
        folders: Sequence[Path] = (),
        tell: Tell = lambda _done, _all: None,
    ) -> None:
        assert workers >= 1, workers
        self._subject = subject
        self._store = store
        self._workers = workers
        self._folders = tuple(folders)
        self._tell = tell
        self._pool: ProcessPoolExecutor | None = None

    def run(self, trials: Sequence[Trial]) -> list[Outcome]:
        """Return the outcomes in the order of the trials; what comes in is stored at once.

        Raises:
            KeyboardInterrupt: somebody stopped it; what was run is kept.
        """
        known = dict(self._store.found(trials))
        missing = {key: trial for trial in trials if (key := key_of(trial)) not in known}
        done = len(trials) - len(missing)
        self._tell(done, len(trials))
        for key, outcome in self._outcomes(missing):
            known[key] = outcome
            done += 1
            self._tell(done, len(trials))
        self._tell(len(trials), len(trials))
        return [known[key_of(trial)] for trial in trials]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def _outcomes(self, missing: dict[str, Trial]) -> Iterator[tuple[str, Outcome]]:
        if self._workers == 1 or len(missing) < 2:
            for key, trial in missing.items():
                yield key, self._kept(trial, run_trial(self._subject, trial))
            return
        pool = self._opened()
        with _uninterrupted():
            futures = {pool.submit(_run, trial): (key, trial) for key, trial in missing.items()}
        try:
            for future in as_completed(tuple(futures)):
                key, trial = futures.pop(future)
                yield key, self._kept(trial, future.result())
        except BrokenProcessPool as error:
            raise DataError(
                "a process that ran trials has ended by itself, perhaps for want of memory; what was run is kept; "
                "begin again with fewer --workers"
            ) from error
        finally:
            self._keep_the_rest(futures)

    def _keep_the_rest(self, futures: dict[Future[Outcome], tuple[str, Trial]]) -> None:
        """Store what is on its way when somebody stops: it ends soon, and would be lost."""
        on_their_way = [future for future in futures if not future.cancel()]
        for future in as_completed(on_their_way):
            if future.exception() is None:
                self._kept(futures[future][1], future.result())

    def _kept(self, trial: Trial, outcome: Outcome) -> Outcome:
        self._store.put(trial, outcome)
        return outcome

    def _opened(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers,
                mp_context=get_context("spawn"),
                initializer=_begin,
                initargs=(self._folders, pickle.dumps(self._subject)),
            )
        return self._pool


_subjects: list[Subject] = []
"""Of this process, where it is a worker: the one that it tries."""


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait while processes are started: they inherit that, and finish what they are at when it comes."""
    resource_tracker.ensure_running()  # it would let Ctrl-C through again when it starts
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _begin(folders: tuple[Path, ...], subject: bytes) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    found = strategies()
    found.look_in(*folders)
    found.discover()  # classes of strategies have to be there before the subject is unpacked
    _subjects[:] = [pickle.loads(subject)]  # noqa: S301 - written by the process that started this one


def _run(trial: Trial) -> Outcome:
    return run_trial(_subjects[0], trial)


def _end_with_parent() -> None:
    """End when the process that started this one is killed: nobody would ask for anything any more."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
