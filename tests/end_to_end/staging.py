"""Stops a process at a chosen call of a port: the desk's own composition, with the ports watched.

Only processes that tests start import this; what they run otherwise is what runs everywhere.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import blocks.resources
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import Settings
from desk.adapters.venues.opening import open_trading
from drill.crashes.staging import Forgetful, Stage, Watched, die

__all__ = ["Stage", "compose", "die", "wait_for"]


def wait_for(path: Path) -> Callable[[], Awaitable[None]]:
    """Return what waits until the file is there."""

    async def wait() -> None:
        while not os.path.exists(path):  # noqa: ASYNC110, ASYNC240, PTH110 - another process makes the file
            await asyncio.sleep(0.05)

    return wait


def compose(stage: Stage, *, ledger_url: str = "", forgets_ids: bool = False) -> None:
    """Let this process open its ledger and its venues watched.

    Args:
        stage: what every call passes.
        ledger_url: instead of the one of the settings.
        forgets_ids: whether orders are sent under ids that are drawn.
    """
    open_resources = blocks.resources.open_resources

    def open_watched_resources(chosen: Settings) -> blocks.resources.Resources:
        opened = open_resources(chosen)
        ledger = Ledger(Database.open(ledger_url)) if ledger_url else opened.ledger
        opened.ledger = Watched(ledger, stage)  # type: ignore[assignment]
        return opened

    def open_watched_trading(*args: Any, **kwargs: Any) -> Watched:
        trading = open_trading(*args, **kwargs)
        return Watched(Forgetful(trading) if forgets_ids else trading, stage)

    blocks.resources.open_resources = open_watched_resources
    blocks.resources.open_trading = open_watched_trading  # type: ignore[attr-defined]
