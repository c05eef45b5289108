"""The Prefect settings that this installation depends on, as the environment of every process that we start.

`prefect.toml` at the root says the same for a plain `prefect …` in the checkout; a test keeps the two equal.
"""

from collections.abc import Mapping
from pathlib import Path

SETTINGS: Mapping[str, str] = {
    # The recorders write one row per transaction by default, and on SQLite that is most of the "database is locked".
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "2",
    "PREFECT_SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE": "100",
    # A run of five tasks leaves about 115 KB, most of it events, and flow runs are kept for ever by default.
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P1D",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "P7D",
    # In memory, a restart of the server leaks the slot of a run that dies afterwards: its account never runs again.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    # Runs that nothing has taken after this long are shown as late.
    "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "PT30S",
    # A run is taken from the queue this long before its time and then waits in the worker; two polls fit in between.
    "PREFECT_WORKER_QUERY_SECONDS": "2",
    "PREFECT_WORKER_PREFETCH_SECONDS": "5",
    # Server and client are one installation; the check would stop a worker that starts before the server answers.
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
}
"""Environment variables of the server, the workers and every client."""

INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "SSL_CERT_FILE", "VIRTUAL_ENV")
"""What a child process takes over from its parent where nothing more is asked for."""


USUAL_PORT = 4200
"""Of a server that nobody gave another; prefect.toml, by which commands elsewhere find it, has it too."""


def api_url(port: int, host: str = "127.0.0.1") -> str:
    """Return the address of the API of a local server."""
    return f"http://{host}:{port}/api"


def prefect_environment(base: Mapping[str, str], *, home: Path, url: str) -> dict[str, str]:
    """Return `base` with our settings, for a child process that talks to `url`.

    Prefect settings in `base` are dropped: those of the user's own profile must not reach the desk. `DO_NOT_TRACK`
    turns off telemetry that no setting covers.
    """
    kept = {name: value for name, value in base.items() if not name.startswith("PREFECT_")}
    own = {"PREFECT_HOME": str(home), "PREFECT_PROFILES_PATH": str(home / "profiles.toml"), "PREFECT_API_URL": url}
    return {**kept, **SETTINGS, **own, "DO_NOT_TRACK": "1"}
