"""Runs one job as a process of its own: wall and CPU seconds, peak memory, and the line it reports."""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from threading import Timer

from benchmarks.peers.comparing import VARIABLE as REFERENCE
from benchmarks.peers.environments import clean_environment, python_of
from benchmarks.peers.shared import Job

PROJECT = Path(__file__).parents[2]
_MARK = "BENCH "
_KEPT_OF_A_FAILURE = 600
_PATIENCE = 15
"""So many times the CPU time that a process may use it may take by the clock: the machine may have other work."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one process cost and said.

    Attributes:
        peer, case, variant: of the job; the variant as the script itself names it.
        wall, cpu: seconds of the whole process, its children's included.
        memory: most resident memory in MB.
        told: what the script measured inside, with the names of the peers' own `emit`; empty where it failed.
        error: the end of what a failed process wrote; empty otherwise.
    """

    peer: str
    case: str
    variant: str
    wall: float
    cpu: float
    memory: float
    told: Mapping[str, object]
    error: str = ""

    def number(self, name: str) -> float | None:
        """Return a figure that the script told, or None."""
        value = self.told.get(name)
        return float(value) if isinstance(value, int | float) else None


def run(job: Job, cache: Path, folder: Path) -> Run:
    """Run a job to its end; a process that fails or takes too long is a run with an error."""
    python = Path(sys.executable) if job.environment is None else python_of(cache, job.environment)
    told = ("--case", job.case, "--variant", job.variant, "--reps", str(job.repetitions))
    wall, cpu, memory, code, output = _measured(
        [str(python), str(job.script), *told], _environment(job, cache, folder), job.timeout
    )
    lines = [line for line in output.splitlines() if line.startswith(_MARK)]
    if code or not lines:
        error = f"ended with {code}: {output[-_KEPT_OF_A_FAILURE:].strip()}"
        return Run(job.peer, job.case, job.variant, wall, cpu, memory, {}, error)
    said = json.loads(lines[-1].removeprefix(_MARK))
    return Run(job.peer, job.case, said.get("variant") or "default", wall, cpu, memory, said)


def data_of(cache: Path) -> dict[str, str]:
    """Return the variables that lead scripts to the made data, and to where they may work."""
    works = {"FT_WORK": "freqtrade", "JESSE_WORK": "jesse", "ZIPLINE_ROOT": "zipline"}
    return {"BENCH_DATA": str(cache / "data")} | {name: str(cache / "work" / one) for name, one in works.items()}


def path_of(folder: Path) -> dict[str, str]:
    """Return the variable that leads our scripts to the project and to the helpers of the peers' folder."""
    return {"PYTHONPATH": os.pathsep.join((str(PROJECT), str(folder)))}


def _environment(job: Job, cache: Path, folder: Path) -> dict[str, str]:
    ours = {REFERENCE: str(cache)} | path_of(folder) if job.environment is None else {}
    return clean_environment() | data_of(cache) | ours


def _measured(
    command: list[str], environment: Mapping[str, str], timeout: float
) -> tuple[float, float, float, int, str]:
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
            preexec_fn=partial(resource.setrlimit, resource.RLIMIT_CPU, (ceil(timeout), ceil(timeout) + 1)),
        )
        timer = Timer(_PATIENCE * timeout, _end, [process.pid])
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        wall = time.perf_counter() - started
        # Waited for here, for its usage; the object must not wait again.
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        written = output.read().decode(errors="replace")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode, written


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
