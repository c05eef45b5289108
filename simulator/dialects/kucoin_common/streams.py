"""KuCoin's WebSocket: welcome, pings, subscriptions, and the news of each topic as soon as there are some."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from time import time_ns
from typing import Any, Protocol, TypeAlias

import orjson
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from simulator.account import Account
from simulator.dialects.base import exact
from simulator.dialects.kucoin_common.customers import Customers
from simulator.dialects.kucoin_common.service import PING_INTERVAL, PING_TIMEOUT, STREAM_PATH, Service
from simulator.records import Event

Message: TypeAlias = Mapping[str, object]
News: TypeAlias = Callable[[], Awaitable[Sequence[Message]]]
"""Returns what is new since the last time it was asked."""

_LOOK_EVERY = 0.03
_PATIENCE = (PING_INTERVAL + PING_TIMEOUT) / 1_000


class Topics(Protocol):
    """What a host tells of."""

    def news_of(self, topic: str, account: Account | None) -> Sequence[News]:
        """Return what a topic tells; nothing where there is no such topic, or it needs an account."""
        ...


class Streams:
    """Serves a host's topics to those who have a token."""

    def __init__(self, service: Service, topics: Topics) -> None:
        self._service = service
        self._topics = topics

    def route(self) -> WebSocketRoute:
        """Return where it is served."""
        return WebSocketRoute(STREAM_PATH, self._converse)

    async def _converse(self, socket: WebSocket) -> None:
        await socket.accept()
        token = socket.query_params.get("token", "")
        if not self._service.knows(token):
            await socket.send_json({"type": "error", "code": 401, "data": "token is invalid"})
            await socket.close()
            return
        conversation = _Conversation(socket, self._topics, self._service.owner(token))
        await socket.send_json({"id": socket.query_params.get("connectId", ""), "type": "welcome"})
        await conversation.hold()


class _Conversation:
    """One connection and what it has subscribed to."""

    def __init__(self, socket: WebSocket, topics: Topics, account: Account | None) -> None:
        self._socket = socket
        self._topics = topics
        self._account = account
        self._subscribed: dict[str, Sequence[News]] = {}

    async def hold(self) -> None:
        """Answer and tell until the client leaves, or is silent for too long."""
        both = {asyncio.ensure_future(self._listen()), asyncio.ensure_future(self._tell())}
        try:
            ended, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
        await asyncio.wait(both)
        for task in ended:
            task.result()

    async def _listen(self) -> None:
        try:
            while True:
                await self._hear(await asyncio.wait_for(self._socket.receive_text(), _PATIENCE))
        except TimeoutError:
            await self._socket.close()
        except WebSocketDisconnect:
            return

    async def _hear(self, words: str) -> None:
        try:
            message: Any = json.loads(words)  # what a client sends has no type before the dialect has read it
        except ValueError:
            message = None
        if not isinstance(message, dict):
            await self._refuse("", 400, "message is invalid")
            return
        name, kind, topic = str(message.get("id", "")), message.get("type"), str(message.get("topic", ""))
        if kind == "ping":
            await self._send({"id": name, "type": "pong", "timestamp": time_ns() // 1_000})
        elif kind == "subscribe":
            await self._subscribe(name, topic, wants_answer=bool(message.get("response")))
        elif kind == "unsubscribe":
            self._subscribed.pop(topic, None)
            await self._acknowledge(name, wanted=bool(message.get("response")))
        else:
            await self._refuse(name, 400, "type is invalid")

    async def _subscribe(self, name: str, topic: str, *, wants_answer: bool) -> None:
        found = self._topics.news_of(topic, self._account)
        if not found:
            await self._refuse(name, 404, f"topic {topic} is not found")
            return
        await self._acknowledge(name, wanted=wants_answer)
        self._subscribed[topic] = found

    async def _tell(self) -> None:
        with suppress(WebSocketDisconnect):  # the client left while it was told something
            while True:
                async for message in self._news():
                    await self._send({"type": "message", **message})
                await asyncio.sleep(_LOOK_EVERY)

    async def _news(self) -> AsyncIterator[Message]:
        for topic in list(self._subscribed.values()):
            for news in topic:
                for message in await news():
                    yield message

    async def _acknowledge(self, name: str, *, wanted: bool) -> None:
        if wanted:
            await self._send({"id": name, "type": "ack"})

    async def _refuse(self, name: str, code: int, words: str) -> None:
        await self._send({"id": name, "type": "error", "code": code, "data": words})

    async def _send(self, message: Message) -> None:
        await self._socket.send_text(orjson.dumps(message, default=exact).decode())


def events_of(customers: Customers, account: Account, told: Callable[[Event], Awaitable[Sequence[Message]]]) -> News:
    """Return the news of an account's history from now on."""
    seen = len(account.events)

    async def news() -> Sequence[Message]:
        nonlocal seen
        await customers.refresh(account)
        fresh, seen = account.events[seen:], len(account.events)
        return [message for event in fresh for message in await told(event)]

    return news


def changes_of(read: Callable[[], Awaitable[Message | None]], *, but_for: str = "") -> News:
    """Return the news of something that is told when it has changed, the first time at once.

    Args:
        but_for: a field of the data that may change alone, like the time.
    """
    last: object = None

    async def news() -> Sequence[Message]:
        nonlocal last
        message = await read()
        if message is None:
            return []
        data = message["data"]
        known = {name: value for name, value in data.items() if name != but_for} if isinstance(data, dict) else data
        if known == last:
            return []
        last = known
        return [message]

    return news
