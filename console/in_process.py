"""Runs flows in this process, against the Prefect server that is up or one of its own."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from inspect import isawaitable
from pathlib import Path

from deployments.server import is_healthy, start_server
from deployments.settings import api_url, prefect_environment

PORT = 4200
"""Where `desk up` puts the server unless told otherwise; `prefect.toml` says the same."""


@contextmanager
def any_server(home: Path) -> Iterator[str]:
    """Use the server that is up, or start one for as long as the context lasts; give the address of its UI."""
    if is_healthy(PORT):
        _use(prefect_environment(os.environ, home=(home / "prefect").resolve(), url=api_url(PORT)))
        yield f"http://127.0.0.1:{PORT}"
        return
    with own_server(home) as address:
        yield address


@contextmanager
def own_server(home: Path, **settings: str) -> Iterator[str]:
    """Start a server with further Prefect settings for as long as the context lasts; give the address of its UI."""
    with start_server(home / "prefect", port=0, base=os.environ) as server:
        _use({**server.environment, **settings})
        yield server.ui_url


async def deliver_logs() -> None:
    """Wait until Prefect's threads have sent what they hold; after that the server may stop."""
    # Imported late: Prefect reads its settings on import.
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (APILogWorker, EventsWorker):
        draining = worker.drain_all(timeout=10)
        assert isawaitable(draining), "drain_all is awaitable inside a running event loop"
        await draining


def _use(environment: Mapping[str, str]) -> None:
    """Point Prefect at a server: it reads the environment once, when it is first imported."""
    assert "prefect" not in sys.modules, "Prefect was imported before it was told which server to use"
    os.environ.update(environment)
