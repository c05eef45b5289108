"""An installation of the tests: a server, a fleet and a ledger, with the processes and commands that a user has."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType, TaskRun
from prefect.client.schemas.sorting import FlowRunSort

from deployments.apply import apply
from deployments.child import Child, start_child
from deployments.local_worker import start_worker
from deployments.plan import plan
from deployments.server import LocalServer
from desk.accounts import load_fleet
from tests.end_to_end.post import Post

T = TypeVar("T")


async def eventually(check: Callable[[], Awaitable[T | None]], within: float = 30.0) -> T:
    """Return the first true value that `check` gives."""
    deadline = asyncio.get_running_loop().time() + within
    while not (value := await check()):
        assert asyncio.get_running_loop().time() < deadline, f"not within {within} s; last value {value!r}"
        await asyncio.sleep(0.2)  # each look costs the server and this process about 15 ms of CPU
    return value


@dataclass
class Site:
    """What the tests start and ask.

    Attributes:
        home: of the desk; the ledger and the results are here.
        config: the folder of accounts.yaml.
        started: every worker, for the end of the session.
    """

    server: LocalServer
    home: Path
    config: Path
    post: Post
    started: list[Child] = field(default_factory=list)

    @property
    def ledger_url(self) -> str:
        return f"sqlite:///{self.home / 'desk.db'}"

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the installation is given."""
        return {
            **self.server.environment,
            "DESK_HOME": str(self.home),
            "DESK_CONFIG": str(self.config),
            "DESK_NOTIFY_URLS": json.dumps([self.post.url]),
        }

    @contextmanager
    def without_outbox(self) -> Iterator[None]:
        """Let no message be written into the ledger, so that it is sent at once, or its task fails."""
        refuses = "CREATE TRIGGER full BEFORE INSERT ON message BEGIN SELECT RAISE(ABORT, 'no room'); END"
        with closing(sqlite3.connect(self.home / "desk.db")) as ledger:
            ledger.execute(refuses)
            yield
            ledger.execute("DROP TRIGGER full")

    def worker(self, pool: str, name: str, *, asks_every: float = 0.5) -> Child:
        """Start a worker as a user does, which asks for runs every so many seconds."""
        log = self.home / f"worker-{name}.log"
        environment = {**self.environment, "PREFECT_WORKER_QUERY_SECONDS": str(asks_every)}
        self.started.append(start_worker(environment, directory=self.home, log=log, pool=pool, name=name))
        return self.started[-1]

    def staged_worker(self, pool: str, name: str, *, journal: Path, after: str, until: Path | None = None) -> Child:
        """Start a worker that dies after a call of a port, or waits there until a file exists."""
        return self.program("staged_worker", pool, name, journal, after, *([until] if until else []))

    def program(self, module: str, pool: str, name: str, *arguments: object) -> Child:
        """Start a worker by a program of this folder."""
        command = [sys.executable, "-m", f"tests.end_to_end.{module}", pool, name, *map(str, arguments)]
        log = self.home / f"worker-{name}.log"
        self.started.append(start_child(command, environment=self.environment, directory=self.home, log=log))
        return self.started[-1]

    async def prefect(self, *arguments: str, directory: Path | None = None) -> str:
        """Run a command of Prefect's and return what it prints."""
        return await asyncio.to_thread(self._prefect, arguments, directory or self.home)

    def client(self) -> PrefectClient:
        return PrefectClient(self.server.api_url)

    async def deploy(
        self, client: PrefectClient, account: str, pool: str, *, active: bool = False, name: str = ""
    ) -> UUID:
        """Deploy one account to a pool, where it runs when it is told to, or on its schedule too.

        Args:
            name: of the deployment; the account's without.
        """
        [found] = [item for item in plan(load_fleet(self.config)) if item.name == account]
        # Without the tag that says who made it, deploying one account leaves the others alone.
        planned = replace(found, name=name or account, tags=(account,), active=active)
        await apply(client, [planned], pool=pool)
        return (await client.read_deployment_by_name(planned.full_name)).id

    async def schedule(self, client: PrefectClient, deployment: UUID, start: datetime, end: datetime) -> None:
        """Let the server's scheduler make the runs of a time that may be over, as it does ahead of time."""
        times = {"start_time": start.isoformat(), "end_time": end.isoformat()}
        (await client._client.post(f"/deployments/{deployment}/schedule", json=times)).raise_for_status()

    async def lift_limit(self, client: PrefectClient, deployment: UUID) -> None:
        """Take away what keeps two runs of an account apart at the server, so that the desk has to."""
        answer = await client._client.patch(f"/deployments/{deployment}", json={"concurrency_limit": None})
        answer.raise_for_status()

    async def start(self, client: PrefectClient, deployment: UUID, at: datetime | None = None, **more: Any) -> UUID:
        """Ask for a run of a deployment."""
        parameters = {"at": at.isoformat()} if at else {}
        return (await client.create_flow_run_from_deployment(deployment, parameters=parameters, **more)).id

    def _prefect(self, arguments: Sequence[str], directory: Path) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
            env=self.environment,
            cwd=directory,
            capture_output=True,
            text=True,
            timeout=90,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout


async def finished(client: PrefectClient, runs: Sequence[UUID], within: float = 30.0) -> list[FlowRun]:
    """Wait for the end of runs and return them in the order asked for."""

    async def all_final() -> list[FlowRun] | None:
        found = await client.read_flow_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=list(runs))))
        by_id = {run.id: run for run in found if run.state and run.state.is_final()}
        return [by_id[run] for run in runs] if len(by_id) == len(runs) else None

    return await eventually(all_final, within)


async def runs_of(client: PrefectClient, deployment: UUID, *states: StateType) -> list[FlowRun]:
    """Return the runs of a deployment, oldest first.

    Args:
        states: of which kinds; all without. A schedule has a hundred runs ahead of it: who asks again and again for
            what has ended keeps the server busy with those, unless it says so.
    """
    return await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            deployment_id=FlowRunFilterDeploymentId(any_=[deployment]),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states))) if states else None,
        ),
        sort=FlowRunSort.EXPECTED_START_TIME_ASC,
        limit=200,
    )


async def pool_exists(client: PrefectClient, pool: str) -> None:
    """Wait until a worker has made its pool."""

    async def exists() -> bool:
        return pool in {found.name for found in await client.read_work_pools()}

    await eventually(exists)


async def task_runs(client: PrefectClient, flow_run: UUID, *, attempt: int, last: str) -> dict[str, TaskRun]:
    """Return the task runs of one attempt of a flow run by task, once the server knows how the last one ended."""
    filter_ = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run]))

    async def known() -> dict[str, TaskRun] | None:
        found = await client.read_task_runs(flow_run_filter=filter_)
        mine = {run.task_key.split("-")[0]: run for run in found if run.flow_run_run_count == attempt}
        state = mine[last].state if last in mine else None
        return mine if state and state.is_final() else None

    return await eventually(known)


async def reached(journal: Path, line: str) -> None:
    """Wait until a staged process has come to a call."""

    async def seen() -> bool:
        return line in _lines(journal)

    await eventually(seen)


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []
