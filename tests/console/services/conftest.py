"""An installation that services are asked about, without a server."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from console.services.opening import FleetFiles, OpenDesk, open_ledger
from desk.adapters.settings import settings
from tests.console.conftest import Fill

T = TypeVar("T")
Ask = Callable[[Callable[[OpenDesk], Awaitable[T]]], T]


@pytest.fixture
def ask(home: Path, fill: Fill) -> Ask[object]:
    """Ask services about the folder's configuration and ledger."""
    settings.cache_clear()

    async def answer(question: Callable[[OpenDesk], Awaitable[T]]) -> T:
        files = FleetFiles(settings())
        async with open_ledger(settings(), files.in_force) as ledger:
            return await question(OpenDesk(files.current(), ledger))

    return lambda question: asyncio.run(answer(question))
