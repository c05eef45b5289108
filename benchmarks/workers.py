"""One worker for fifty accounts: CPU per scan against the stock process worker, memory, and scans a minute."""

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import StateType
from prefect.exceptions import ObjectAlreadyExists
from prefect.workers.process import ProcessWorker

from benchmarks.figures import Figure, process_cpu, process_memory
from benchmarks.installation import Bench
from deployments.apply import apply
from deployments.child import Child, start_child
from deployments.plan import FLOW, plan
from deployments.server import LocalServer, start_server
from desk.accounts import load_fleet

START = datetime(2026, 1, 14, 8, 0, tzinfo=UTC)
ROUNDS = 3
STOCK_RUNS = 6
SETTLE = 6.0
RATIO = 8
_FINAL = [StateType.COMPLETED, StateType.FAILED, StateType.CRASHED, StateType.CANCELLED]


@dataclass(frozen=True, slots=True)
class Load:
    """What a worker did with a number of runs; seconds, and MB."""

    runs: int
    wall: float
    cpu: float
    memory: float


def measure(bench: Bench) -> Iterator[Figure]:
    """Give the figures of our worker beside those of the stock one, on the same server and deployments."""
    with start_server(bench.home / "prefect", port=0, base=os.environ) as server:
        ours = _run(server, bench, pool="desk", kind="desk", accounts=bench.accounts, rounds=ROUNDS)
        stock = _run(server, bench, pool="stock", kind="process", accounts=bench.accounts[:STOCK_RUNS], rounds=1)
    ratio = (stock.cpu / stock.runs) / (ours.cpu / ours.runs)
    yield Figure(
        "worker CPU per scan",
        f"{ours.cpu / ours.runs:.3f} s, {ratio:.0f} x less",
        f"stock process worker {stock.cpu / stock.runs:.2f} s",
        f"at least {RATIO} x less",
        ratio >= RATIO,
    )
    yield Figure(
        f"memory of one worker running {len(bench.accounts)} accounts",
        f"{ours.memory:.0f} MB",
        f"stock process worker, one run at a time: {stock.memory:.0f} MB and about 95 MB for each run",
    )
    yield Figure(
        f"scans a minute, {len(bench.accounts)} accounts at once, server on the same machine",
        f"{ours.runs / ours.wall * 60:.0f}",
        f"stock process worker {stock.runs / stock.wall * 60:.0f}",
    )


def _run(server: LocalServer, bench: Bench, *, pool: str, kind: str, accounts: Sequence[str], rounds: int) -> Load:
    asyncio.run(_deploy(server, bench, pool, kind))
    # Each worker has candles of its own: an account never acts on one that is older than its last.
    start = START + timedelta(days=1) if kind == "process" else START
    with _worker(server, bench, pool, kind) as worker:
        # The first run imports the flow and fills the caches, in both workers.
        asyncio.run(_round(server, accounts[:1], start - timedelta(hours=1)))
        wall, cpu = time.perf_counter(), process_cpu(worker.pid)
        for number in range(rounds):
            asyncio.run(_round(server, accounts, start + timedelta(minutes=number)))
        wall = time.perf_counter() - wall
        # The CPU time of a run's process counts when it has ended, which is after its flow run has.
        time.sleep(SETTLE)
        return Load(
            len(accounts) * rounds,
            wall,
            process_cpu(worker.pid) - cpu,
            process_memory(worker.pid),
        )


async def _deploy(server: LocalServer, bench: Bench, pool: str, kind: str) -> None:
    planned = [replace(item, active=False) for item in plan(load_fleet(bench.home / "config"))]
    async with PrefectClient(server.api_url) as client:
        if kind == "process":
            template = ProcessWorker.get_default_base_job_template()
            with suppress(ObjectAlreadyExists):
                await client.create_work_pool(WorkPoolCreate(name=pool, type=kind, base_job_template=template))
            planned = [replace(item, job_variables={}) for item in planned[:STOCK_RUNS]]
        await apply(client, planned, pool=pool)


@contextmanager
def _worker(server: LocalServer, bench: Bench, pool: str, kind: str) -> Iterator[Child]:
    command = (
        sys.executable,
        "-m",
        "prefect",
        "worker",
        "start",
        "--pool",
        pool,
        "--type",
        kind,
        "--name",
        f"bench-{kind}",
    )
    environment = {**server.environment, **bench.environment, "PREFECT_LOGGING_LEVEL": "WARNING"}
    child = start_child(command, environment=environment, directory=bench.home, log=bench.home / f"worker-{kind}.log")
    with child:
        yield child


async def _round(server: LocalServer, accounts: Sequence[str], at: datetime) -> None:
    """Trigger one run of each account, and wait until all have ended."""
    async with PrefectClient(server.api_url) as client:
        started = []
        for account in accounts:
            deployment = await client.read_deployment_by_name(f"{FLOW}/{account}")
            parameters = {"account": account, "at": at.isoformat()}
            started.append((await client.create_flow_run_from_deployment(deployment.id, parameters=parameters)).id)
        ended = FlowRunFilter(
            id=FlowRunFilterId(any_=started), state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_FINAL))
        )
        # The server has no event to wait for.
        while len(runs := await client.read_flow_runs(flow_run_filter=ended, limit=200)) < len(started):  # noqa: ASYNC110
            await asyncio.sleep(0.5)
        wrong = [run for run in runs if run.state_type is not StateType.COMPLETED]
        assert not wrong, f"{len(wrong)} runs did not complete: {wrong[0].state}"
