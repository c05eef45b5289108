"""Starts and stops a whole installation on this machine: ledger, Prefect server, deployments and worker."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from prefect.client.orchestration import PrefectClient

from console.services.in_force import find_in_force
from deployments.apply import Change, apply
from deployments.child import Child
from deployments.local_worker import start_worker
from deployments.plan import PlannedDeployment
from deployments.server import LocalServer, start_server
from desk.accounts import Fleet
from desk.adapters.configuration import check_candle_files
from desk.adapters.ledger.schema import upgrade
from desk.adapters.settings import Settings, env_file

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

    While the files cannot be used, the configuration that was in force before is started.

    Args:
        settings: where things are kept.
        planned: the deployments that the server should have.
        port: of the Prefect server; 0 takes a free one.

    Raises:
        ConfigError: the files cannot be used, and nothing was in force before.
        ServerNotReady: the port is taken, or the server does not come up.
        LedgerError: the ledger cannot be brought up to this version.
    """
    fleet = find_in_force(settings).fleet
    check_candle_files(fleet)
    asyncio.run(upgrade(settings.ledger_url))
    with start_server(settings.home / "prefect", port=port, base=os.environ) as server:
        changes = asyncio.run(_deploy(server, planned))
        environment = {**server.environment, **desk_environment(settings)}
        log = server.home / "worker.log"
        with start_worker(environment, directory=server.home, log=log, name=WORKER) as worker:
            yield Installation(fleet, server, worker, changes)


async def _deploy(server: LocalServer, planned: Sequence[PlannedDeployment]) -> list[Change]:
    async with PrefectClient(server.api_url) as client:
        return await apply(client, planned)


def desk_environment(settings: Settings) -> dict[str, str]:
    """Return the settings with absolute paths, for a child process that runs in a directory of its own."""
    values = {
        "DESK_HOME": str(settings.home.resolve()),
        "DESK_CONFIG": str(settings.config.resolve()),
        **({"DESK_STRATEGIES": str(settings.strategies.resolve())} if settings.strategies else {}),
        **({"DESK_CREDENTIAL_DEFAULTS": str(brought.resolve())} if (brought := settings.credential_defaults) else {}),
        "DESK_ENV_FILE": str(env_file().resolve()),
    }
    url = settings.ledger_url
    prefix = "sqlite:///"
    if url.startswith(prefix):
        url = f"{prefix}{Path(url.removeprefix(prefix)).resolve()}"
    return {**values, "DESK_DATABASE_URL": url}
