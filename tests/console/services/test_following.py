"""Deployments follow an account, or it is said in time why they do not."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prefect.settings import PREFECT_API_URL, temporary_settings

from console.services.deployments import deployments_of, follow, plan_following
from desk.adapters.configuration import read_fleet


@contextmanager
def _silent_server() -> Iterator[str]:
    """The address of something that lets callers connect, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/api"


async def test_a_server_that_hangs_is_told_as_a_problem_in_time(home: Path):
    fleet = read_fleet(home / "config")
    with _silent_server() as url, temporary_settings({PREFECT_API_URL: url}):
        for ask in (plan_following, follow):
            told = await asyncio.wait_for(ask(fleet, deployments_of("fresh"), patience=0.1), 30)
            assert told.problem == f"{url}: expected an answer of the Prefect server within 0.1 s"
            assert told.deployments == ()
