"""Logs what is asked of the server: writes, who is turned away, what breaks; and of reads only for who wants all."""

import logging
from dataclasses import dataclass
from http import HTTPStatus
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.adapters.logs.events import log
from desk.model.access import Visitor

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_TURNED_AWAY = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.MISDIRECTED_REQUEST}
)


@dataclass(frozen=True, slots=True)
class Recorder:
    """Passes everything on, and logs it when it is over: without query and body, which may hold a key."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection as ASGI has it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, told = perf_counter(), [int(HTTPStatus.INTERNAL_SERVER_ERROR)]

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                told[0] = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, sent)
        finally:
            _record(scope, told[0], perf_counter() - begun)


def _record(scope: Scope, status: int, seconds: float) -> None:
    visitor = scope.get("state", {}).get("visitor")
    who = visitor.name if isinstance(visitor, Visitor) else ""
    level = level_of(scope["method"], status)
    log.log(level, f"{scope['method']} {scope['path']}", status=status, seconds=round(seconds, 4), who=who)


def level_of(method: str, status: int) -> int:
    """Return how grave a request was that ended so."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return logging.ERROR
    if status in _TURNED_AWAY:
        return logging.WARNING
    return logging.DEBUG if method in _READS else logging.INFO
