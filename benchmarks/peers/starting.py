"""Runs one command and says on standard error what it cost: a script of its own, run by a process that is small.

Linux counts what a process had in memory before it started a program towards the peak of that program, so whoever
starts a peer must be smaller than any peer.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from math import ceil
from threading import Timer


def measured(command: list[str], timeout: float, patience: float) -> dict[str, float]:
    """Run a command to its end, and return its wall and CPU seconds, its peak memory in MB and how it ended.

    Its processes are ended where they use more than `timeout` seconds of CPU, or `patience` times that by the clock.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=partial(resource.setrlimit, resource.RLIMIT_CPU, (ceil(timeout), ceil(timeout) + 1)),
    )
    timer = Timer(patience * timeout, _end, [process.pid])
    timer.start()
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    wall = time.perf_counter() - started
    # Waited for here, for its usage; the object must not wait again.
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    return {"wall": wall, "cpu": cpu, "memory": memory, "code": process.returncode}


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[3:], float(sys.argv[1]), float(sys.argv[2]))), file=sys.stderr)
