"""Starts a worker of the desk as a child process, beside a local server."""

import sys
from collections.abc import Mapping
from pathlib import Path

from deployments.child import Child, start_child
from deployments.plan import POOL


def start_worker(environment: Mapping[str, str], *, directory: Path, log: Path, pool: str = POOL, name: str) -> Child:
    """Start a worker; it takes runs after about three seconds, and its `stop` lets the runs finish.

    Args:
        environment: of the server that it serves, see `LocalServer.environment`.
        directory: where flows find relative paths.
        log: its output is appended.
        pool: made where it is missing.
        name: one that no other running worker has, and the same every time.
    """
    command = ("-m", "prefect", "worker", "start", "--type", "desk", "--pool", pool, "--name", name)
    return start_child((sys.executable, *command), environment=environment, directory=directory, log=log)
