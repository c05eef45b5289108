"""What a command costs before it does anything."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.installation import Bench

DESK = str(Path(sys.executable).with_name("desk"))
RUNS = 7


def measure(bench: Bench) -> Iterator[Figure]:
    """Give the seconds of a command, against those of Python itself in the same run."""
    bare = _seconds([sys.executable, "-c", "pass"], bench)
    help_ = _seconds([DESK, "--help"], bench)
    yield Figure(
        "desk --help",
        f"{help_:.2f} s",
        f"bare Python {bare:.2f} s",
        "at most 0.2 s over bare Python",
        help_ - bare <= 0.2,
    )
    for words in (["status"], ["accounts"], ["strategies"], ["config", "check"], ["why", bench.account]):
        seconds = _seconds([DESK, *words], bench)
        yield Figure(
            f"desk {' '.join(words)}", f"{seconds:.2f} s", f"bare Python {bare:.2f} s", "at most 0.6 s", seconds <= 0.6
        )


def _seconds(command: Sequence[str], bench: Bench) -> float:
    # Without .pyc files every start compiles what it imports, and the compiler would be measured.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    times = []
    for _ in range(RUNS + 1):
        started = time.perf_counter()
        subprocess.run(command, env={**environment, **bench.environment}, check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:])
