"""Stops a process at a chosen call of a port: the desk's own composition, with the ports watched.

Only processes that tests start import this; what they run otherwise is what runs everywhere.
"""

import asyncio
import inspect
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import blocks.resources
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import Settings
from desk.adapters.venues.opening import open_trading
from desk.model.orders import Order, OrderIntent
from desk.ports import Trading


@dataclass
class Stage:
    """Where the process stops, and what happens there.

    Attributes:
        journal: a line for each call of a port that has returned, such as `submit#2`.
        after: the line after which `act` is called; nothing for never.
    """

    journal: Path
    after: str
    act: Callable[[], Awaitable[None]]
    _calls: Counter[str] = field(default_factory=Counter)

    async def passed(self, call: str) -> None:
        self._calls[call] += 1
        line = f"{call}#{self._calls[call]}"
        with self.journal.open("a") as file:
            file.write(f"{line}\n")
        if line == self.after:
            await self.act()


async def die() -> None:
    """End this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def wait_for(path: Path) -> Callable[[], Awaitable[None]]:
    """Return what waits until the file is there."""

    async def wait() -> None:
        while not os.path.exists(path):  # noqa: ASYNC110, ASYNC240, PTH110 - another process makes the file
            await asyncio.sleep(0.05)

    return wait


class Watched:
    """A port whose calls pass a stage."""

    def __init__(self, port: object, stage: Stage) -> None:
        self._port = port
        self._stage = stage

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return self._watch(name, found) if inspect.iscoroutinefunction(found) else found

    def _watch(self, name: str, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def watched(*args: Any, **kwargs: Any) -> Any:
            answer = await call(*args, **kwargs)
            await self._stage.passed(name)
            return answer

        return watched


class Forgetful:
    """Trades under an id that it draws for each order it sends, as a desk without an intent key does."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading

    def __getattr__(self, name: str) -> Any:
        return getattr(self._trading, name)

    async def submit(self, intent: OrderIntent) -> Order:
        sent = await self._trading.submit(replace(intent, client_order_id=f"sd-{uuid4().hex}"))
        fills = tuple(replace(fill, client_order_id=intent.client_order_id) for fill in sent.fills)
        return replace(sent, client_order_id=intent.client_order_id, fills=fills)


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
