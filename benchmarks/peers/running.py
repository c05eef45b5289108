"""Runs one job as a process of its own: wall and CPU seconds, peak memory, and the line it reports."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers import starting
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
    cost, output = _measured([str(python), str(job.script), *told], _environment(job, cache, folder), job.timeout)
    wall, cpu, memory, code = cost["wall"], cost["cpu"], cost["memory"], int(cost["code"])
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


def _measured(command: list[str], environment: Mapping[str, str], timeout: float) -> tuple[dict[str, float], str]:
    with tempfile.TemporaryFile() as output:
        starter = [sys.executable, "-I", "-S", starting.__file__, str(timeout), str(_PATIENCE)]
        said = subprocess.run(
            [*starter, *command], stdout=output, stderr=subprocess.PIPE, env=environment, text=True, check=True
        ).stderr
        output.seek(0)
        return json.loads(said), output.read().decode(errors="replace")
