"""Flows for the tests of the worker; the worker's process imports them by module path.

Each writes lines to the file that it is given, so that a test sees from outside what happened.
"""

import asyncio
import os
import sys
from datetime import datetime
from pathlib import Path

from prefect import flow, runtime, task
from prefect.client.schemas.objects import FlowRun


def _note(path: str, line: str) -> None:
    with Path(path).open("a") as file:
        file.write(line + "\n")


def _note_cancellation(flow, flow_run, state) -> None:
    _note(flow_run.parameters["notes"], f"on_cancellation {state.name}")


async def _note_crash(flow, flow_run, state) -> None:
    _note(flow_run.parameters["notes"], f"on_crashed {state.name}")


def _note_failure(flow, flow_run, state) -> None:
    _note(flow_run.parameters["notes"], f"on_failure {state.name}")


hooks = {"on_cancellation": [_note_cancellation], "on_crashed": [_note_crash], "on_failure": [_note_failure]}


@task
async def note(path: str, line: str) -> None:
    _note(path, line)


@flow
async def quick(notes: str) -> None:
    """Five tasks and nothing else."""
    await asyncio.gather(*(note(notes, f"task {number}") for number in range(4)))
    await note(notes, f"quick {runtime.flow_run.id}")


@flow(**hooks)
async def sleeper(notes: str, seconds: float) -> None:
    """Says when it begins, when it is interrupted, and when it ends."""
    _note(notes, f"begin {os.getpid()}")
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        _note(notes, "interrupted")
        raise
    _note(notes, "end")


@flow(**hooks)
async def leaver(notes: str) -> None:
    """Tries to end the whole process."""
    _note(notes, "leaving")
    sys.exit(3)


@flow
def blocking(notes: str) -> None:
    """Not an async flow: it would stop all others."""
    _note(notes, "blocking")


async def record_skipped(flow_run: FlowRun) -> None:
    """Stands in for the ledger."""
    _note(flow_run.parameters["notes"], f"skipped {flow_run.id} {flow_run.expected_start_time.isoformat()}")


@flow
async def scan(account: str, at: datetime | None = None) -> None:
    """Has the name and the parameters of the desk's own flow."""
