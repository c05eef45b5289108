"""Aster's WebSocket: streams that are named in the address, or subscribed to by message."""

import asyncio
import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import orjson
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from simulator.clock import SteeredClock
from simulator.dialects.aster.channels import Channels, News
from simulator.dialects.aster.telling import Told

_LOOK_EVERY = 0.03
_LIFE = timedelta(hours=24)


class Streams:
    """Serves the streams: bare at `/ws`, each message with the name of its stream at `/stream`."""

    def __init__(self, channels: Channels, clock: SteeredClock) -> None:
        self._channels = channels
        self._clock = clock

    def routes(self) -> list[WebSocketRoute]:
        """Return where they are served."""
        return [
            WebSocketRoute("/ws", self._bare),
            WebSocketRoute("/ws/{names:path}", self._bare),
            WebSocketRoute("/stream", self._combined),
        ]

    async def _bare(self, socket: WebSocket) -> None:
        conversation = _Conversation(socket, self._channels, is_combined=False)
        await conversation.hold(socket.path_params.get("names", ""), self._clock)

    async def _combined(self, socket: WebSocket) -> None:
        conversation = _Conversation(socket, self._channels, is_combined=True)
        await conversation.hold(socket.query_params.get("streams", ""), self._clock)


class _Conversation:
    """One connection and what it listens to."""

    def __init__(self, socket: WebSocket, channels: Channels, *, is_combined: bool) -> None:
        self._socket = socket
        self._channels = channels
        self._is_combined = is_combined
        self._listened: dict[str, News] = {}

    async def hold(self, names: str, clock: SteeredClock) -> None:
        """Tell what is new until the client leaves, or a day has passed.

        Args:
            names: of streams, with strokes between them.
        """
        self._listen_to(names.split("/"))
        await self._socket.accept()
        both = {asyncio.ensure_future(self._heed()), asyncio.ensure_future(self._tell(clock))}
        try:
            ended, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
        await asyncio.wait(both)
        for task in ended:
            task.result()

    async def _heed(self) -> None:
        with suppress(WebSocketDisconnect):  # the client left
            while True:
                await self._change(await self._socket.receive_text())

    async def _change(self, words: str) -> None:
        try:
            wish: Any = json.loads(words)  # what a client sends has no type before the dialect has read it
        except ValueError:
            wish = None
        method = wish.get("method") if isinstance(wish, dict) else None
        if method not in ("SUBSCRIBE", "UNSUBSCRIBE"):
            await self._send({"error": {"code": 2, "msg": "Invalid request"}})
            return
        names = [str(name) for name in wish.get("params", ())]
        if method == "SUBSCRIBE":
            self._listen_to(names)
        else:
            self._listened = {name: news for name, news in self._listened.items() if name not in names}
        await self._send({"result": None, "id": wish.get("id")})

    def _listen_to(self, names: list[str]) -> None:
        self._listened |= {name: self._channels.news_of(name) for name in names if name and name not in self._listened}

    async def _tell(self, clock: SteeredClock) -> None:
        opened = clock.now()
        with suppress(WebSocketDisconnect):  # the client left while it was told something
            while clock.now() - opened < _LIFE:
                for name, news in list(self._listened.items()):
                    for told in await news():
                        await self._send({"stream": name, "data": told} if self._is_combined else told)
                await asyncio.sleep(_LOOK_EVERY)
            await self._socket.close()

    async def _send(self, message: Told) -> None:
        await self._socket.send_text(orjson.dumps(message).decode())
