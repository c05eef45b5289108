"""Starts the simulated venues: one port for each, and one to steer them, all in one thread."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread
from typing import Any

import uvicorn
from starlette.applications import Starlette

from desk.adapters.feeds.synthetic import SyntheticFeed
from desk.ports import Feed
from simulator.admin import Admin
from simulator.clock import SteeredClock
from simulator.dialects.base import Dialect
from simulator.dialects.finding import find_dialects
from simulator.exchange import Exchange
from simulator.faults import FaultScript
from simulator.proxy import Proxy

_PATIENCE = 20.0
_SETTINGS: dict[str, Any] = {  # uvicorn's parameters have all kinds of types
    "log_level": "warning",
    "access_log": False,
    "lifespan": "off",
    "ws": "websockets-sansio",
    # A compressed message cannot be left out: those that follow refer to it.
    "ws_per_message_deflate": False,
    # A connection that is closed in the moment in which it is used again would be a fault that nobody has scripted.
    "timeout_keep_alive": 3_600,
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a simulator listens.

    Attributes:
        venues: the base address of each venue, by name.
    """

    admin: str
    venues: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to simulate.

    Attributes:
        venues: names; all without.
        port: of the admin; the venues take the ones after it, by name; 0 takes free ones.
        start: the first simulated time; the present without.
        feed: the market; a made one of the seed without.
        clock: in place of `start` and `speed`, one that the caller moves in this process.
    """

    venues: Sequence[str] = ()
    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 7
    speed: float = 1.0
    start: datetime | None = None
    feed: Feed | None = None
    clock: SteeredClock | None = None


@contextmanager
def simulated(plan: Plan = Plan()) -> Iterator[Addresses]:
    """Run a simulator in a thread until the context is left.

    Raises:
        ConfigError: there is no such venue.
        OSError: a port is taken.
    """
    dialects = find_dialects(plan.venues)
    runner = _Runner(plan, dialects)
    thread = Thread(target=runner.run, name="simulator", daemon=True)
    thread.start()
    try:
        yield runner.wait()
    finally:
        runner.stop()
        thread.join(_PATIENCE)


class _Runner:
    """The thread's side, and how the caller reaches it."""

    def __init__(self, plan: Plan, dialects: Mapping[str, Dialect]) -> None:
        self._plan = plan
        self._dialects = dialects
        self._settled = Event()
        self._addresses: Addresses | None = None
        self._failure: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()

    def run(self) -> None:
        """Serve until somebody stops it; what goes wrong is handed to the caller."""
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as failure:  # noqa: BLE001 - raised again in the caller's thread
            self._failure = failure
        finally:
            self._settled.set()
            self._loop.close()

    def wait(self) -> Addresses:
        """Return the addresses as soon as there are some."""
        self._settled.wait(_PATIENCE)
        if self._failure is not None:
            raise self._failure
        assert self._addresses is not None, "the simulator did not come up in time"
        return self._addresses

    def stop(self) -> None:
        """Ask the thread to end."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end.set)

    async def _serve(self) -> None:
        async with serving(self._plan, self._dialects) as self._addresses:
            self._settled.set()
            await self._end.wait()


@asynccontextmanager
async def serving(plan: Plan, dialects: Mapping[str, Dialect]) -> AsyncIterator[Addresses]:
    """Serve in the running event loop until the context is left."""
    exchange = Exchange(
        plan.feed or SyntheticFeed(plan.seed),
        plan.clock or SteeredClock(plan.start, speed=plan.speed),
        [dialect.VENUE for dialect in dialects.values()],
    )
    script = FaultScript(plan.seed)
    async with AsyncExitStack() as stack:
        admin = await stack.enter_async_context(_served(Admin(exchange, script).app(), plan.host, plan.port))
        venues = {}
        for row, (name, dialect) in enumerate(dialects.items(), start=1):
            upstream = await stack.enter_async_context(_served(dialect.serve(exchange), plan.host, 0))
            proxy = Proxy(name, upstream, script, dialect.failure)
            port = plan.port + row if plan.port else 0
            venues[name] = _address(await stack.enter_async_context(_proxied(proxy, plan.host, port)))
        yield Addresses(_address(admin), venues)


class _Server(uvicorn.Server):
    """Says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


@asynccontextmanager
async def _served(app: Starlette, host: str, port: int) -> AsyncIterator[tuple[str, int]]:
    """Serve an application and give its host and port."""
    listener = _listener(host, port)
    server = _Server(uvicorn.Config(app, **_SETTINGS))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await server.is_up.wait()
    try:
        yield host, listener.getsockname()[1]
    finally:
        server.should_exit = True
        await serving


def _listener(host: str, port: int) -> socket.socket:
    # asyncio only turns Nagle's algorithm off where the protocol is named, and with it every reply waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


@asynccontextmanager
async def _proxied(proxy: Proxy, host: str, port: int) -> AsyncIterator[tuple[str, int]]:
    server = await proxy.start(host, port)
    try:
        yield host, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await proxy.stop()


def _address(place: tuple[str, int]) -> str:
    return f"http://{place[0]}:{place[1]}"
