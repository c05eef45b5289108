"""Measures a list of jobs: first what they need is written, then every job runs once a round, one after the other."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import orjson

from benchmarks.peers.comparing import reference_file
from benchmarks.peers.environments import clean_environment, python_of
from benchmarks.peers.results import FLOOR, OURS, Results
from benchmarks.peers.running import Run, data_of, path_of, run
from benchmarks.peers.shared import Job, Peers
from console.showing import print_line

_HERE = Path(__file__).parent
_FLOOR = "peers/floor.py"
_OF_OURS = (
    *(("compiled", case, 9) for case in ("a", "b", "c")),
    *(("numpy", case, 5) for case in ("a", "b")),
    *(("callback", case, 3) for case in ("a", "b")),
    *(("parquet", case, 1) for case in ("b", "c")),
    ("sweep", "sweep", 3),
    ("decisions", "a", 3),
    *(("command", case, 1) for case in ("a", "c")),
)
_SCRIPTS = {"decisions": "deciding.py", "command": "commanding.py"}
_ONCE = {("command", "c")}
"""Minutes of one processor: measured in the first round only."""
_CONFIGURED = {"decisions": ("a", "c"), "command": ("a", "c")}
"""Whose configuration names recordings, which all have to be there."""


def our_jobs() -> list[Job]:
    """Return the jobs of our own scripts: one for each way and case."""
    return [_our_job(variant, case, repetitions) for variant, case, repetitions in _OF_OURS]


def _our_job(variant: str, case: str, repetitions: int) -> Job:
    rounds = 1 if (variant, case) in _ONCE else 9
    return Job(OURS, None, _HERE / _SCRIPTS.get(variant, "ours.py"), case, variant, repetitions, rounds)


def prepare(peers: Peers, cache: Path, jobs: Sequence[Job]) -> None:
    """Have the floor write what it trades on each case of ours, unless it has since its script was changed; and files.

    The floor's script measures itself when it is loaded, and says so: that is no figure of this measurement.
    """
    script, ours = peers.folder / _FLOOR, [job for job in jobs if job.peer == OURS]
    for case in sorted({job.case for job in ours}):
        target = reference_file(cache, case)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.stat().st_mtime < script.stat().st_mtime:
            print_line(f"What the floor does on case {case}: {target}")
            words = [python_of(cache, FLOOR), _HERE / "reference.py", script, case, target]
            # What is compiled for a loaded script is of no use later, whether it runs alone or is loaded again.
            with tempfile.TemporaryDirectory(prefix="desk-floor-") as compiled:
                _run(words, {**data_of(cache), "NUMBA_CACHE_DIR": compiled})
    for case in _recorded(ours):
        _run([Path(sys.executable), _HERE / "files.py", case], data_of(cache) | path_of(peers.folder))


def _recorded(ours: Sequence[Job]) -> list[str]:
    """The cases of which recordings are read."""
    read = {job.case for job in ours if job.variant == "parquet"}
    return sorted(read.union(*(_CONFIGURED.get(job.variant, ()) for job in ours)))


def _run(command: Sequence[object], more: dict[str, str]) -> None:
    words = [str(part) for part in command]
    subprocess.run(words, env=clean_environment() | more, check=True, stdout=subprocess.DEVNULL)


def measure(jobs: Sequence[Job], peers: Peers, cache: Path, *, rounds: int) -> Results:
    """Run every job once a round, in turn, so that whatever else the machine does hits all of them alike.

    Each run is also added to `results.jsonl` in the cache as soon as it has ended.
    """
    results = Results()
    for number in range(rounds):
        for job in jobs:
            if number < job.rounds:
                made = run(job, cache, peers.folder)
                results.add(made)
                _keep(cache / "results.jsonl", made, number)
    return results


def _keep(file: Path, made: Run, number: int) -> None:
    engine = made.number("engine_cpu_s") or made.number("engine_warm_s") or 0.0
    print_line(
        f"round {number + 1}: {made.case:>5} {made.peer:>12} {made.variant:24} engine {engine:9.4f} s, "
        f"process {made.cpu:7.2f} s of CPU, {made.memory:5.0f} MB {made.error[-120:]}"
    )
    line = asdict(made) | {"round": number, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    with file.open("ab") as log:
        log.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
