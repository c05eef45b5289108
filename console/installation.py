"""Starts and stops a whole installation on this machine: ledger, Prefect server, deployments and worker."""

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from prefect.client.orchestration import PrefectClient

from deployments.apply import Change, apply
from deployments.child import Child, start_child
from deployments.plan import POOL, PlannedDeployment
from deployments.server import LocalServer, start_server
from desk.accounts import Fleet
from desk.adapters.configuration import check_candle_files, read_fleet
from desk.adapters.ledger.schema import upgrade
from desk.adapters.settings import Settings

WORKER = "desk"


@dataclass(frozen=True, slots=True)
class Installation:
    """What was started.

    Attributes:
        changes: what was done to the deployments.
    """

    fleet: Fleet
    server: LocalServer
    worker: Child
    changes: Sequence[Change]


@contextmanager
def installed(settings: Settings, planned: Sequence[PlannedDeployment], *, port: int) -> Iterator[Installation]:
    """Run everything until the context is left; then stop the worker, which finishes its runs, and the server.

    Args:
        settings: where things are kept.
        planned: the deployments that the server should have.
        port: of the Prefect server; 0 takes a free one.

    Raises:
        ServerNotReady: the port is taken, or the server does not come up.
        LedgerError: the ledger cannot be brought up to this version.
    """
    fleet = read_fleet(settings.config)
    check_candle_files(fleet)
    asyncio.run(upgrade(settings.ledger_url))
    with start_server(settings.home / "prefect", port=port, base=os.environ) as server:
        changes = asyncio.run(_deploy(server, planned))
        with start_worker(server, settings) as worker:
            yield Installation(fleet, server, worker, changes)


def start_worker(server: LocalServer, settings: Settings, *, name: str = WORKER) -> Child:
    """Start a worker of our type for the server; its log is beside the server's."""
    command = (sys.executable, "-m", "prefect", "worker", "start", "--type", "desk", "--pool", POOL, "--name", name)
    return start_child(
        command,
        environment={**server.environment, **_desk_environment(settings)},
        directory=server.home,
        log=server.home / f"worker-{name}.log",
    )


async def _deploy(server: LocalServer, planned: Sequence[PlannedDeployment]) -> list[Change]:
    async with PrefectClient(server.api_url) as client:
        return await apply(client, planned)


def _desk_environment(settings: Settings) -> dict[str, str]:
    """The settings with absolute paths: the worker runs in a directory of its own."""
    values = {"DESK_HOME": str(settings.home.resolve()), "DESK_CONFIG": str(settings.config.resolve())}
    url = settings.ledger_url
    prefix = "sqlite:///"
    if url.startswith(prefix):
        url = f"{prefix}{Path(url.removeprefix(prefix)).resolve()}"
    return {**values, "DESK_DATABASE_URL": url}
