"""`/ws`: who may listen, and what is told to everybody who does; without a socket, as ASGI has it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from console.api.hub import UpdateHub
from console.services.updates import Sight
from desk.errors import LedgerError
from desk.model.access import Rights
from desk.model.books import TradingState
from tests.console.api.conftest import ADDRESS, Calls, token

Headers = dict[str, str]


class Socket:
    """One WebSocket: what the app has said, and a way to leave."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.heard.put_nowait({"type": "websocket.connect"})

    async def next(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.said.get(), 5)

    async def update(self) -> Any:
        message = await self.next()
        assert message["type"] == "websocket.send", message
        return json.loads(message["text"])


@asynccontextmanager
async def socket(calls: Calls, headers: Headers) -> AsyncIterator[Socket]:
    made = Socket()
    sent = {"host": "127.0.0.1", **headers}
    scope = {
        "type": "websocket",
        "path": "/ws",
        "raw_path": b"/ws",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "subprotocols": [],
        "state": {},
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "scheme": "ws",
    }
    talking = asyncio.create_task(calls.app(scope, made.heard.get, made.said.put))
    try:
        yield made
    finally:
        made.heard.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(talking, 5)


async def begun(calls: Calls, headers: Headers) -> list[str]:
    """What is said first to who comes with these headers."""
    async with socket(calls, headers) as one:
        first = await one.next()
        return [first["type"], str(first.get("code", ""))]


async def test_strangers_and_pages_of_other_sites_hear_nothing(calls: Calls):
    await calls.log_in()
    cookie = {"cookie": f"desk_session={calls.client.cookies['desk_session']}"}
    refused = ["websocket.close", "1008"]
    assert await begun(calls, {}) == refused
    assert await begun(calls, cookie) == refused
    assert await begun(calls, {**cookie, "origin": "http://elsewhere.example"}) == refused
    assert await begun(calls, {**token(Rights.READ), "origin": "http://elsewhere.example"}) == refused
    assert await begun(calls, {**cookie, "origin": ADDRESS}) == ["websocket.accept", ""]
    assert await begun(calls, token(Rights.READ)) == ["websocket.accept", ""]


async def test_everybody_who_listens_hears_what_happens_from_one_look(calls: Calls):
    async with socket(calls, token(Rights.READ)) as first, socket(calls, token(Rights.TRADE)) as second:
        for one in (first, second):
            assert (await one.next())["type"] == "websocket.accept"
            assert (await one.update())["type"] == "hello"
        await calls.room.ledger.set_trading_state("account:fresh", TradingState.HALTED, who="ana", why="news")
        for one in (first, second):
            # The halt may come between the two reads of a look: then its state is told one look before the account's.
            account, state = sorted([await one.update(), await one.update()], key=lambda told: told["type"])
            assert (account["type"], account["account"], account["data"]["trading_state"]) == (
                "account_update",
                "fresh",
                "halted",
            )
            assert (state["type"], state["account"], state["data"][0]["scope"]) == ("state_update", "", "account:fresh")


async def test_who_may_not_come_in_any_more_is_told_nothing_more(calls: Calls):
    async with socket(calls, token(Rights.READ)) as one:
        assert [(await one.next())["type"], (await one.update())["type"]] == ["websocket.accept", "hello"]
        assert await calls.room.ledger.revoke_token(Rights.READ, who="ana")
        await calls.room.ledger.set_trading_state("fleet", TradingState.HALTED, who="ana", why="news")
        last = await one.next()
        while last["type"] == "websocket.send":
            last = await one.next()
        assert (last["type"], last["code"]) == ("websocket.close", 1008)


async def test_a_ledger_that_does_not_answer_ends_nothing_and_nobody_asks_it_for_nobody(calls: Calls):
    looks: list[Sight | None] = []
    enough = asyncio.Event()

    async def look(before: Sight | None) -> Sight:
        looks.append(before)
        if len(looks) == 4:
            enough.set()
        if len(looks) == 2:
            raise LedgerError("locked")
        return Sight()

    hub = UpdateHub(calls.room.clock, every=0)
    running = asyncio.create_task(hub.run(look))
    for _ in range(5):
        await asyncio.sleep(0)
    assert looks == []
    with hub.listen():
        await asyncio.wait_for(enough.wait(), 5)
    running.cancel()
    assert looks[:4] == [None, Sight(), Sight(), Sight()]
