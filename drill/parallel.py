"""Runs jobs side by side, each in a process of its own, and passes on what each has as soon as it is there."""

import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Protocol, TypeVar, cast

_PATIENCE = 10.0
"""Seconds that a process has to clear up after it was ended."""


class Named(Protocol):
    """What is done in a process of its own."""

    @property
    def dialect(self) -> str:
        """What it is called."""
        ...


J = TypeVar("J", bound=Named)
R = TypeVar("R")


def side_by_side(todo: Sequence[J], work: Callable[[J], Iterable[R]], *, at_once: int) -> Iterator[tuple[str, R]]:
    """Yield the results of jobs as they come, with the job's name.

    Processes that are still at work when nobody wants more are ended.

    Args:
        work: gives the results of a job one after the other; a function of a module.

    Raises:
        RuntimeError: a process died.
    """
    waiting, running = list(todo), dict[Connection, tuple[str, BaseProcess]]()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                job = waiting.pop(0)
                receiver, process = _begin(job, work)
                running[receiver] = (job.dialect, process)
            for receiver in cast(list[Connection], wait(list(running))):
                name, process = running[receiver]
                try:
                    yield name, receiver.recv()
                except EOFError:
                    del running[receiver]
                    _check_end(name, process)
    finally:
        for _, process in running.values():
            process.terminate()
        for _, process in running.values():
            process.join(_PATIENCE)


@contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _begin(job: J, work: Callable[[J], Iterable[R]]) -> tuple[Connection, BaseProcess]:
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_at_work, args=(job, work, sender), daemon=True)
    process.start()
    sender.close()  # the child has its own end, and its death is the end of the pipe
    return receiver, process


def _at_work(job: J, work: Callable[[J], Iterable[R]], sender: Connection) -> None:
    # Ctrl-C reaches every process of a terminal, and the parent says what follows from it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    for result in work(job):
        sender.send(result)


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Clear up on the way out."""
    raise SystemExit


def _check_end(name: str, process: BaseProcess) -> None:
    process.join()
    if process.exitcode:
        raise RuntimeError(f"the process of {name} died with exit code {process.exitcode}; its last words are above")
