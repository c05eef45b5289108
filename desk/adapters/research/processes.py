"""Trials in processes of this machine."""

import os
import pickle
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process, resource_tracker
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

from desk.adapters.collecting import collect_seldom
from desk.backtest.validation.subjects import Subject
from desk.backtest.validation.trials import Outcome, Trial, run_trial
from desk.registry import strategies


class Processes:
    """Implements `desk.adapters.research.running.Pool`; a context manager, which lets its processes end.

    They are started when they are first needed, and afresh (spawned), which every system can and no open connection
    survives.

    Args:
        subject: what is tried.
        workers: processes at once, 1 or more.
        folders: of strategies of the operator's own.
    """

    broken: tuple[type[Exception], ...] = (BrokenProcessPool,)

    def __init__(self, subject: Subject, workers: int, folders: Sequence[Path] = ()) -> None:
        assert workers >= 1, workers
        self._subject = subject
        self._workers = workers
        self._folders = tuple(folders)
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, trials: Sequence[Trial]) -> list[Future[Outcome]]:
        """Begin trials, and return what will be their outcomes, in the same order."""
        pool = self._opened()
        with _uninterrupted():
            return [pool.submit(_run, trial) for trial in trials]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

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
    collect_seldom()
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
