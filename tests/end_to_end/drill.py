"""Runs flow runs in processes that die at a chosen call of a port: one order a line on stdin, one exit code on stdout.

Imports take most of the time of a short process, so they are made once and every run is a fork. A forked child is a
process of its own; what a kill takes away is the same.
"""

import asyncio
import gc
import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.states import Pending

from blocks.resources import close_resources
from deployments.engine import Interruption, run_flow
from deployments.outcome import settle
from desk.adapters.configuration import read_fleet
from desk.adapters.settings import settings
from flows.scan import scan
from tests.end_to_end.staging import Stage, compose, die

_NEEDED_LATER = (
    *("talib", "sqlalchemy.dialects.sqlite.aiosqlite", "sqlalchemy.dialects.postgresql.asyncpg"),
    *("anyio._backends._asyncio", "prefect.task_engine"),
)


def serve() -> None:
    """Carry out one order after the other until stdin ends."""
    _warm_up()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # the desk's own words are not an answer
            os._exit(_carry_out(json.loads(line)))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _warm_up() -> None:
    """Import what a run imports when it first needs it, and read the fleet, whose parsed files are kept."""
    read_fleet(settings().config)
    for name in _NEEDED_LATER:
        import_module(name)
    # A collection in a fork would look at all of it, and copy every page by doing so.
    gc.freeze()


def _carry_out(order: dict[str, Any]) -> int:
    stage = Stage(Path(order["journal"]), order["after"], die)
    compose(stage, ledger_url=order["ledger_url"], forgets_ids=order["forgets_ids"])
    asyncio.run(_settle(UUID(order["flow_run"])) if order["settles"] else _run(UUID(order["flow_run"])))
    return 0


async def _run(flow_run_id: UUID) -> None:
    """Execute a flow run as a worker does."""
    async with get_client() as client:
        await client.set_flow_run_state(flow_run_id, Pending())
        await run_flow(scan, await client.read_flow_run(flow_run_id), Interruption())
    await close_resources()


async def _settle(flow_run_id: UUID) -> None:
    """Report what a dead process left behind, as a worker does when it starts again."""

    async def flow() -> Any:
        return scan

    async with get_client() as client:
        await settle(client, flow_run_id, "killed", flow)
    await close_resources()


if __name__ == "__main__":
    serve()
