"""The app of the control room, without a server: requests go to it directly, from a folder of the test's own."""

import asyncio
import shutil
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from console.api.app import create_app
from console.api.hub import UpdateHub
from console.api.keys import digest_of
from console.api.room import Room
from desk.adapters.clocks import FixedClock
from desk.adapters.ledger.database import Database
from desk.adapters.ledger.ledger import Ledger
from desk.adapters.settings import settings
from desk.model.access import Rights, Token, Visitor
from tests.builders import CLOSE
from tests.console.stories import traded

ADDRESS = "http://127.0.0.1"
ORIGIN = {"origin": ADDRESS}
LINK = "the key of the link"


def token(rights: Rights) -> dict[str, str]:
    """The header of a program that may do this."""
    return {"authorization": f"Bearer key-of-{rights}"}


@dataclass
class Calls:
    """A client and the room that answers it."""

    room: Room
    client: httpx.AsyncClient
    app: FastAPI

    async def log_in(self) -> dict[str, str]:
        """Log in by the link; return the headers that a write of this browser needs."""
        entered = await self.client.get("/login", params={"key": LINK})
        assert entered.status_code == 303, entered.text
        csrf = (await self.client.get("/api/session")).json()["csrf"]
        return {**ORIGIN, "x-csrf-token": csrf}


@pytest.fixture(scope="session")
def traded_template(ledger_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger in which `sample` has traded, and with a token for each kind of rights; to be copied."""
    path = Path(shutil.copy(ledger_template, tmp_path_factory.mktemp("traded") / "desk.db"))

    async def write() -> None:
        database = Database.open(f"sqlite:///{path}")
        ledger = Ledger(database, FixedClock(CLOSE))
        await traded(ledger)
        for rights in Rights:
            await ledger.add_token(Token(rights, rights, "ana", CLOSE), digest_of(f"key-of-{rights}"))
        await database.close()

    asyncio.run(write())
    return path


@pytest.fixture
async def calls(home: Path, traded_template: Path) -> AsyncIterator[Calls]:
    settings.cache_clear()
    shutil.copy(traded_template, home / "desk.db")
    owner = Visitor("ana", Rights.ADMIN)
    room = Room(settings(), owner=owner, key=LINK, hosts=frozenset({"127.0.0.1", "localhost"}))
    room.updates = UpdateHub(room.clock, every=0.02)
    app = create_app(room)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with room.opened(app), httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
        yield Calls(room, client, app)


@pytest.fixture
def served(home: Path, traded_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of the API, served over real HTTP for the test's own installation, to whoever calls often."""
    monkeypatch.setenv("DESK_API_CALLS_PER_MINUTE", "1000000")
    monkeypatch.setenv("DESK_API_STRANGERS_PER_MINUTE", "1000000")
    settings.cache_clear()
    shutil.copy(traded_template, home / "desk.db")
    room = Room(settings(), owner=Visitor("ana", Rights.ADMIN), key=LINK)
    with serving(create_app(room)) as address:
        yield address


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an app over real HTTP; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
