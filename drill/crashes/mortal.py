"""Lives the story of an account in processes that may die: one order a line on stdin, one exit code on stdout.

Imports take most of the time of a short process, so they are made once and every process is a fork. A forked child is
a process of its own; what a kill takes away is the same.
"""

import asyncio
import gc
import json
import os
import signal
import sys
import time
import traceback
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx

import blocks.resources
from blocks.resources import close_resources
from desk.adapters.budget.urgency import PrioritisedTrading
from desk.adapters.clocks import SystemClock
from desk.adapters.configuration import read_fleet
from desk.adapters.settings import Settings, settings
from desk.adapters.venues.opening import open_trading
from desk.adapters.venues.paper.store import PaperStore
from desk.adapters.venues.reached import Tools, one_pool
from drill.crashes.forking import steering
from drill.crashes.playing import leave_out_prefect, play
from drill.crashes.staging import Bare, Forgetful, Stage, Watched, die, stand_in, watched
from drill.crashes.story import STORY

_GLANCE = 0.0005
"""Seconds between two looks at a child that is to be ended from outside."""

_SOON = timedelta(milliseconds=500)
"""By how much a time is ahead of the simulator's clock, which runs on while it is told to move."""

_NEEDED_LATER = (
    *("talib", "eth_account.messages", "cryptography.hazmat.primitives.asymmetric.ed25519"),
    *("sqlalchemy.dialects.sqlite.aiosqlite", "sqlalchemy.dialects.postgresql.asyncpg"),
    *(f"desk.adapters.venues.{venue}.reached" for venue in ("oanda", "coinbase", "kucoin", "aster")),
)


def serve() -> None:
    """Carry out one order after the other until stdin ends."""
    _warm_up()
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # the desk's own words are not an answer
            os._exit(_live(order))
        sys.stdout.write(f"{_await_end(child, order)}\n")
        sys.stdout.flush()


def _warm_up() -> None:
    """Import what a run imports when it first needs it, and read the fleet, whose parsed files are kept."""
    read_fleet(settings().config)
    for name in _NEEDED_LATER:
        import_module(name)
    # A collection in a fork would look at all of it, and copy every page by doing so.
    gc.freeze()


def _await_end(child: int, order: dict[str, Any]) -> int:
    """Wait for a child, and end it when the order says so; return its exit code."""
    deadline, signs = order["dies_after_seconds"], Path(order["dies_when"])
    began = time.monotonic()
    is_killed = deadline is None and not order["dies_when"]
    while True:
        ended, status = os.waitpid(child, 0 if is_killed else os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if signs.is_file() or (deadline is not None and time.monotonic() - began >= deadline):
            os.kill(child, signal.SIGKILL)
            is_killed = True
        else:
            time.sleep(_GLANCE)


def _live(order: dict[str, Any]) -> int:
    """Live the story from a part on; return 0 at its end, 1 where an error ended it."""
    os.environ.update(order["environment"])
    settings.cache_clear()
    stage = Stage(Path(order["journal"]), order["after"], die, before=order["before"])
    compose(stage, **order["desk"])
    try:
        asyncio.run(_play_all(stage, order))
    except BaseException:  # noqa: BLE001 - the process ends here, and its log says why
        traceback.print_exc()
        return 1
    return 0


async def _play_all(stage: Stage, order: dict[str, Any]) -> None:
    born, clock = time.monotonic(), _StoryClock(order["admin"])
    for number, part in list(enumerate(STORY))[order["first"] : order["end"]]:
        is_again = number == order["first"] and order["attempt"] > 1
        await clock.move(part.restarts_at if is_again else part.at)
        stage.begin(part.name)
        await play(part, order["account"], order["attempt"])
        stage.end(time.monotonic() - born)
    await close_resources()


class _StoryClock:
    """Shows the machine's processes the time of the story, and the simulator with them; it runs as clocks do.

    Args:
        admin: the address of the simulator's admin port.
    """

    def __init__(self, admin: str) -> None:
        self._admin = steering(admin)
        self._at = self._told()
        self._anchor = time.monotonic()
        stand_in(SystemClock, now=lambda _: self.now())

    def now(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._anchor)

    async def move(self, at: datetime) -> None:
        """Go to a time, unless it is over already."""
        at = max(at, self._told() + _SOON)
        self._admin.post("/clock", json={"at": at.isoformat()}).raise_for_status()
        self._at, self._anchor = at, time.monotonic()

    def _told(self) -> datetime:
        return datetime.fromisoformat(self._admin.get("/clock").raise_for_status().json()["now"])


class _WatchedWire(httpx.AsyncBaseTransport):
    """The connections to a venue, with a stage that every request and every reply passes."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._inner = one_pool()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        call = f"{request.method} {request.url.path}"
        await self._stage.coming(call)
        response = await self._inner.handle_async_request(request)
        await self._stage.passed(call)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def compose(stage: Stage, *, forgets_ids: bool, enters_bare: bool) -> None:
    """Let this process open its ledger, its venues and their connections watched.

    Args:
        stage: what every call passes.
        forgets_ids, enters_bare: see `drill.crashes.forking.Desk`.
    """
    opening = blocks.resources.open_resources

    def open_watched(chosen: Settings) -> blocks.resources.Resources:
        opened = opening(chosen)
        stand_in(opened, ledger=Watched(opened.ledger, stage))
        return opened

    def watch(trading: Any) -> Any:  # a port, and what stands for one
        trading = Forgetful(trading) if forgets_ids else trading
        return Watched(Bare(trading) if enters_bare else trading, stage)

    stand_in(
        blocks.resources,
        open_resources=open_watched,
        PrioritisedTrading=lambda trading: PrioritisedTrading(watch(trading)),
        open_trading=lambda *args, **kwargs: watch(open_trading(*args, **kwargs)),
        Tools=partial(Tools, transport=_WatchedWire(stage)),
    )
    stand_in(PaperStore, save=watched("save", PaperStore.save, stage))
    leave_out_prefect(stage)


if __name__ == "__main__":
    serve()
