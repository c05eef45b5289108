"""A real Prefect server for tests: a process of its own on a free port, with a database that is migrated once."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path

from deployments.server import LocalServer, start_server

PROJECT = Path(__file__).resolve().parents[1]

QUICK = {
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "1",
    # What is marked as late while another run has the slot, the server cancels: tests of an outage need it over with.
    "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "PT1S",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "1",
    "PREFECT_WORKER_QUERY_SECONDS": "0.5",
}
"""So that nobody has to wait for what server and worker do now and then."""


@contextmanager
def run_server(home: Path) -> Iterator[LocalServer]:
    """Run a server in `home`; starting takes about four seconds, on the first use of a machine twelve."""
    shutil.copy(migrated_database(), home / "prefect.db")
    with start_server(home, port=0, base=process_environment(), settings=QUICK) as server:
        yield server


def process_environment() -> dict[str, str]:
    """Return what our child processes need of the environment: nothing that speaks of another Prefect."""
    names = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV", "SSL_CERT_FILE")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join((str(PROJECT), str(PROJECT / "tests" / "deployments")))}


def migrated_database() -> Path:
    """Return Prefect's database without a row, kept between sessions; migrations alone take eight seconds."""
    directory = Path(tempfile.gettempdir()) / f"scandesk-tests-{os.getuid()}"
    directory.mkdir(mode=0o700, exist_ok=True)
    template = directory / f"prefect-{version('prefect')}-sqlalchemy-{version('sqlalchemy')}.db"
    if not template.exists():
        _make_template(template)
    return template


def _make_template(template: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="scandesk-template-") as home:
        with start_server(Path(home), port=0, base=process_environment()):
            pass
        finished = template.with_suffix(f".{os.getpid()}")
        with (
            closing(sqlite3.connect(Path(home) / "prefect.db")) as source,
            closing(sqlite3.connect(finished)) as target,
        ):
            source.backup(target)
        finished.replace(template)  # in one step: a session beside this one never sees half of it
