"""Workers as processes of their own, and deployments of the sample flows for them."""

import asyncio
import itertools
import os
import sys
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions, FlowRun

from deployments.child import Child, start_child
from deployments.local_worker import start_worker as local_worker
from deployments.server import LocalServer
from tests.prefect_server import PROJECT

_counter = itertools.count(1)


async def eventually(check: Callable[[], Awaitable[Any]], within: float = 15.0) -> Any:
    """Return the first true value that `check` gives."""
    deadline = asyncio.get_running_loop().time() + within
    while not (value := await check()):
        assert asyncio.get_running_loop().time() < deadline, f"not within {within} s; last value {value!r}"
        await asyncio.sleep(0.1)
    return value


@dataclass
class Workshop:
    """What a test of the worker needs: a pool of its own, a file for notes, and ways to make runs."""

    client: PrefectClient
    pool: str
    notes: Path

    async def deploy(self, flow: str, *, seconds: float | None = None, limit: int | None = None, **more: Any) -> UUID:
        """Make a deployment of a sample flow; `more` is passed on to the client."""
        parameters = {"notes": str(self.notes)} | ({} if seconds is None else {"seconds": seconds})
        options = ConcurrencyOptions(collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW, grace_period_seconds=60)
        return await self.client.create_deployment(
            await self.client.create_flow_from_name(flow),
            f"{self.pool}-{next(_counter)}",
            **{
                "entrypoint": f"sample_flows.{flow}",
                "work_pool_name": self.pool,
                "parameters": parameters,
                "pull_steps": [],
                "concurrency_limit": limit,
                "concurrency_options": options if limit else None,
                **more,
            },
        )

    async def start(self, deployment: UUID) -> UUID:
        """Ask for a run now."""
        return (await self.client.create_flow_run_from_deployment(deployment)).id

    async def finished(self, flow_run: UUID, within: float = 15.0) -> FlowRun:
        """Wait for the end of a run."""

        async def final() -> FlowRun | None:
            found = await self.client.read_flow_run(flow_run)
            return found if found.state is not None and found.state.is_final() else None

        return await eventually(final, within)

    async def noted(self, word: str, within: float = 15.0) -> list[str]:
        """Wait until a line begins with `word`, and return all lines."""

        async def seen() -> list[str] | None:
            lines = self.lines()
            return lines if any(line.startswith(word) for line in lines) else None

        return await eventually(seen, within)

    def lines(self) -> list[str]:
        """Return what the flows have noted so far."""
        return self.notes.read_text().splitlines() if self.notes.exists() else []

    async def pool_exists(self) -> None:
        """Wait until a worker has made the pool."""

        async def exists() -> bool:
            return self.pool in {pool.name for pool in await self.client.read_work_pools()}

        await eventually(exists)


@pytest.fixture(scope="session")
def entry_point(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that registers the worker as installing the project does, from the same line of pyproject.toml."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    directory = tmp_path_factory.mktemp("installed")
    metadata = directory / "scandesk_as_installed-0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: scandesk-as-installed\nVersion: 0\n")
    points = project["entry-points"]["prefect.collections"]
    lines = [f"{name} = {module}" for name, module in points.items()]
    (metadata / "entry_points.txt").write_text("\n".join(["[prefect.collections]", *lines, ""]))
    return directory


StartWorker = Callable[..., Child]


@pytest.fixture(scope="module")
def start_worker(
    prefect_server: LocalServer, entry_point: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartWorker]:
    """Start workers as a user does; those still running are killed at the end of the file.

    One with nothing to do asks the server twice a second whether there is something: 6 % of a core.
    """
    started: list[Child] = []
    directory = tmp_path_factory.mktemp("workers")

    def start(pool: str, name: str, *, script: bool = False) -> Child:
        environment = dict(prefect_server.environment)
        environment["PYTHONPATH"] = os.pathsep.join((environment["PYTHONPATH"], str(entry_point)))
        log = directory / f"{name}-{next(_counter)}.log"
        if script:
            command = [sys.executable, str(PROJECT / "tests" / "deployments" / "run_worker.py"), pool, name]
            started.append(start_child(command, environment=environment, directory=directory, log=log))
        else:
            started.append(local_worker(environment, directory=directory, log=log, pool=pool, name=name))
        return started[-1]

    yield start
    for child in started:
        child.kill()


@pytest.fixture(scope="module")
def shared_worker(start_worker: StartWorker) -> Child:
    """A worker of the pool `shared` for the tests that leave it as it is."""
    return start_worker("shared", "shared-1")


@pytest.fixture
async def shared(shared_worker: Child, prefect_client: PrefectClient, tmp_path: Path) -> AsyncIterator[Workshop]:
    """The pool that the shared worker serves."""
    workshop = Workshop(prefect_client, "shared", tmp_path / "notes")
    await workshop.pool_exists()
    yield workshop
    assert shared_worker.is_running(), shared_worker.log_tail()


@pytest.fixture
def own(prefect_client: PrefectClient, tmp_path: Path) -> Workshop:
    """A pool that no worker serves yet."""
    return Workshop(prefect_client, f"own-{next(_counter)}", tmp_path / "notes")
