"""Starts a local Prefect server as a child process, waits until it answers, and stops it."""

import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from deployments.child import Child, start_child
from deployments.settings import api_url, prefect_environment
from desk.errors import DeskError

LOCAL = "127.0.0.1"


class ServerNotReady(DeskError):
    """The Prefect server ended, or did not answer in time; the message has what it printed last."""


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A Prefect server that we started; leaving the context stops it.

    Attributes:
        home: its directory, with the database and the stored results.
        environment: what a process needs that is to talk to this server.
    """

    child: Child
    home: Path
    port: int
    environment: Mapping[str, str]

    @property
    def api_url(self) -> str:
        """Where clients and workers reach it."""
        return api_url(self.port)

    @property
    def ui_url(self) -> str:
        """Where a person looks at it."""
        return f"http://{LOCAL}:{self.port}"

    def stop(self) -> None:
        """Stop the server; the database stays."""
        # On SIGTERM it dies before its batches are written and the database's log is folded in; SIGINT ends it well.
        self.child.stop(grace=15.0, request=signal.SIGINT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_server(
    home: Path,
    *,
    port: int,
    base: Mapping[str, str],
    settings: Mapping[str, str] = MappingProxyType({}),
    ready_within: float = 90.0,
) -> LocalServer:
    """Start a server and return once it answers.

    Args:
        home: made where it is missing; an existing database is migrated.
        port: 0 takes a free one.
        base: environment to start from; Prefect settings in it are replaced by ours.
        settings: environment variables that are set over ours, such as the address of a PostgreSQL database.
        ready_within: seconds; the first start on a new database takes about ten.

    Raises:
        ServerNotReady: the port is taken, or the server did not come up.
    """
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    port = port or free_port()
    _require_free(port)
    environment = {**prefect_environment(base, home=home, url=api_url(port)), **settings}
    # By its file, so that our packages need not be importable there, and without making its folder importable.
    prefect = (sys.executable, "-P", str(Path(__file__).with_name("serve_prefect.py")))
    command = (*prefect, "server", "start", "--host", LOCAL, "--port", str(port))
    # The home is the directory too: no settings file of wherever we were started can reach the server.
    child = start_child(command, environment=environment, directory=home, log=home / "server.log")
    try:
        wait_until_healthy(child, port, ready_within)
    except BaseException:
        child.stop(grace=5.0)
        raise
    return LocalServer(child, home, port, environment)


def wait_until_healthy(child: Child, port: int, ready_within: float) -> None:
    """Return once `child` answers on `port`.

    Raises:
        ServerNotReady: it ended, or did not answer within `ready_within` seconds.
    """
    deadline = time.monotonic() + ready_within
    while not is_healthy(port):
        if not child.is_running():
            raise ServerNotReady(_report(child, f"ended with exit code {child.process.returncode}"))
        if time.monotonic() > deadline:
            raise ServerNotReady(_report(child, f"did not answer within {ready_within:g} s"))
        time.sleep(0.1)


def is_healthy(port: int) -> bool:
    """Whether a Prefect API answers on this port of this machine."""
    connection = HTTPConnection(LOCAL, port, timeout=2.0)
    try:
        connection.request("GET", "/api/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def free_port() -> int:
    """Return a port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        return int(probe.getsockname()[1])


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOCAL, port))
        except OSError as error:
            raise ServerNotReady(
                f"expected port {port} of {LOCAL} to be free for the Prefect server, found {error.strerror}; "
                "stop what listens there or choose another port with --port"
            ) from error


def _report(child: Child, what: str) -> str:
    return (
        f"the Prefect server was expected to answer on /api/health but {what}; "
        f"its log is {child.log} and ends with:\n{child.log_tail()}"
    )
