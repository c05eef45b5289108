"""A scan, with all its data work, against a bare Prefect flow of as many tasks, in turn on the same server."""

import asyncio
import contextvars
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
    """Give the time of a scan as our worker runs it, as a multiple of a bare flow's."""
    os.environ.update(bench.environment)
    with own_server(bench.home / "overhead", PREFECT_LOGGING_LEVEL="WARNING"):
        scan, bare, favoured = asyncio.run(_measure(bench.account))
    ratio = scan.wall / bare.wall
    yield Figure(
        "scan of one account, 3 instruments, data work included",
        f"{_told(scan)}, {ratio:.2f} x",
        f"bare Prefect flow of {TASKS} tasks, awaited: {_told(bare)}",
        f"at most {LIMIT} x",
        ratio <= LIMIT,
    )
    yield Figure(
        "the same scan",
        f"{scan.wall / favoured.wall:.2f} x",
        f"the bare flow inside our worker, which keeps Prefect's clients open for it: {_told(favoured)}",
    )


def _told(cost: Cost) -> str:
    return f"{cost.wall * 1000:.0f} ms (CPU {cost.cpu * 1000:.0f} ms)"


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

    async def favoured_once(_repetition: int) -> None:
        await bare()

    outside = contextvars.copy_context()

    async def bare_once(_repetition: int) -> None:
        # As any script awaits it: without the clients that are held open here.
        await asyncio.get_running_loop().create_task(bare(), context=outside.copy())

    try:
        async with AsyncClientContext.get_or_create():
            with SyncClientContext.get_or_create():
                return await alternate(30, scan_once, bare_once, favoured_once)
    finally:
        await close_resources()
