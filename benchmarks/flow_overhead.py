"""A scan, with all its data work, against a bare Prefect flow of as many tasks, in turn on the same server."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.figures import Cost, Figure, alternate
from benchmarks.installation import Bench
from console.in_process import own_server

TASKS = 9
START = datetime(2026, 1, 14, 8, 0, tzinfo=UTC)
LIMIT = 1.25


def measure(bench: Bench) -> Iterator[Figure]:
    """Give the time of a scan as a multiple of the bare flow's, both inside a process that keeps its clients open."""
    os.environ.update(bench.environment)
    with own_server(bench.home / "overhead", PREFECT_LOGGING_LEVEL="WARNING"):
        scan, bare = asyncio.run(_measure(bench.account))
    ratio = scan.wall / bare.wall
    yield Figure(
        "scan of one account, 3 instruments, data work included",
        f"{scan.wall * 1000:.0f} ms (CPU {scan.cpu * 1000:.0f} ms), {ratio:.2f} x",
        f"bare Prefect flow of {TASKS} tasks: {bare.wall * 1000:.0f} ms (CPU {bare.cpu * 1000:.0f} ms)",
        f"at most {LIMIT} x",
        ratio <= LIMIT,
    )


async def _measure(account: str) -> list[Cost]:
    # Imported late: Prefect reads its settings on import.
    from prefect import flow, task
    from prefect.context import AsyncClientContext, SyncClientContext

    from blocks.resources import close_resources
    from flows.scan import scan

    @task
    async def step(number: int) -> int:
        return number

    @flow(name="bare")
    async def bare() -> None:
        for number in range(TASKS):
            await step(number)

    async def scan_once(repetition: int) -> None:
        state = await scan(account, START + timedelta(minutes=repetition), return_state=True)
        assert state.is_completed(), state

    async def bare_once(_repetition: int) -> None:
        await bare()

    try:
        async with AsyncClientContext.get_or_create():
            with SyncClientContext.get_or_create():
                return await alternate(30, scan_once, bare_once)
    finally:
        await close_resources()
