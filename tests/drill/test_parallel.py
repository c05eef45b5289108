"""Jobs in processes of their own: results come as they are there, and nothing is left behind by an early end."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drill.parallel import side_by_side, terminated_like_interrupted


@dataclass(frozen=True)
class Job:
    dialect: str
    ends: str = ""
    mark: Path | None = None


def work(job: Job) -> Iterator[str]:
    try:
        yield f"{job.dialect} 1"
        if job.ends == "badly":
            os._exit(7)
        time.sleep(60 if job.ends == "never" else 0)
        yield f"{job.dialect} 2"
    finally:
        if job.mark is not None:
            job.mark.write_text("cleared up")


def test_every_result_comes_with_the_name_of_its_job() -> None:
    found = sorted(side_by_side([Job("a"), Job("b"), Job("c")], work, at_once=2))
    assert found == [(name, f"{name} {number}") for name in "abc" for number in (1, 2)]


def test_a_process_that_dies_is_told_after_what_it_had_done() -> None:
    results = side_by_side([Job("a", "badly")], work, at_once=1)
    assert next(results) == ("a", "a 1")
    with pytest.raises(RuntimeError, match="the process of a died with exit code 7"):
        next(results)


def test_processes_that_nobody_waits_for_are_ended_and_clear_up(tmp_path: Path) -> None:
    begun = time.monotonic()
    results = side_by_side([Job("a", "never", tmp_path / "mark")], work, at_once=1)
    assert next(results) == ("a", "a 1")
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert (tmp_path / "mark").read_text() == "cleared up"
    assert time.monotonic() - begun < 30


def test_sigterm_ends_a_block_as_ctrl_c_does() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), terminated_like_interrupted():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
