"""Stops a process at a chosen call: ports are watched, every call is written down, and one of them is the last.

Only processes that a drill starts use this; what they run otherwise is what runs everywhere.
"""

import inspect
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from desk.model.orders import Barriers, Order, OrderIntent
from desk.ports import Trading

BEGUN, ENDED = "begun", "ended after"
"""What a journal says of a scene, besides its calls."""


@dataclass
class Stage:
    """Where the process stops, and what happens there.

    Attributes:
        journal: a line for each call of a port that has returned, such as `submit#2`.
        after: the line after which `act` is called; nothing for never.
        before: the line before whose call `act` is called; nothing for never.
        scene: stands before every line that follows, and counts anew.
    """

    journal: Path
    after: str
    act: Callable[[], Awaitable[None]]
    before: str = ""
    scene: str = ""
    _begun: Counter[str] = field(default_factory=Counter)
    _passed: Counter[str] = field(default_factory=Counter)

    def begin(self, scene: str) -> None:
        """Begin a part of what the process does, and write so."""
        self.scene = f"{scene}: "
        self._begun.clear()
        self._passed.clear()
        self._write(f"{self.scene}{BEGUN}")

    def end(self, seconds: float) -> None:
        """Write that the scene is over, and how long the process has lived."""
        self._write(f"{self.scene}{ENDED} {seconds:.3f}")

    async def coming(self, call: str) -> None:
        """Note that a call is about to be made."""
        self._begun[call] += 1
        if f"{self.scene}{call}#{self._begun[call]}" == self.before:
            await self.act()

    async def passed(self, call: str) -> None:
        """Note that a call has returned."""
        self._passed[call] += 1
        line = f"{self.scene}{call}#{self._passed[call]}"
        self._write(line)
        if line == self.after:
            await self.act()

    def _write(self, line: str) -> None:
        with self.journal.open("a") as file:
            file.write(f"{line}\n")


async def die() -> None:
    """End this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


class Watched:
    """A port whose calls pass a stage."""

    def __init__(self, port: object, stage: Stage) -> None:
        self._port = port
        self._stage = stage

    def __getattr__(self, name: str) -> Any:  # whatever the port has
        found = getattr(self._port, name)
        return watched(name, found, self._stage) if inspect.iscoroutinefunction(found) else found


def watched(name: str, call: Callable[..., Awaitable[Any]], stage: Stage) -> Callable[..., Awaitable[Any]]:
    """Return the call, which passes the stage on its way in and out."""

    async def made(*args: Any, **kwargs: Any) -> Any:  # whatever the call takes and gives
        await stage.coming(name)
        answer = await call(*args, **kwargs)
        await stage.passed(name)
        return answer

    return made


def stand_in(place: object, **others: object) -> None:
    """Put others in the place of what a module or a class has under these names."""
    for name, other in others.items():
        assert hasattr(place, name), f"{place}: expected something named {name} to stand in for, found nothing"
        setattr(place, name, other)


class Forgetful:
    """Trades under an id that it draws for each order it sends, as a desk without an intent key does."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading

    def __getattr__(self, name: str) -> Any:  # whatever the venue has besides
        return getattr(self._trading, name)

    async def submit(self, intent: OrderIntent) -> Order:
        """Send under a drawn id, and answer as if it had been the right one."""
        sent = await self._trading.submit(replace(intent, client_order_id=f"sd-{uuid4().hex}"))
        fills = tuple(replace(fill, client_order_id=intent.client_order_id) for fill in sent.fills)
        return replace(sent, client_order_id=intent.client_order_id, fills=fills)


class Bare:
    """Sends entries without what protects them, as if the orders beside them had never left."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading

    def __getattr__(self, name: str) -> Any:  # whatever the venue has besides
        return getattr(self._trading, name)

    async def submit(self, intent: OrderIntent) -> Order:
        """Send without barriers."""
        return await self._trading.submit(replace(intent, barriers=Barriers()))
