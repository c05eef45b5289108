"""A write is done once, however often it is sent under the same `Idempotency-Key`."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Header, HTTPException, Request, Response
from pydantic import TypeAdapter

from console.api.asking import Admin, Trader, room_of
from console.api.room import Room
from desk.model.access import Reply, Visitor

_Key = Annotated[
    str | None,
    Header(max_length=200, description="A word of your own; under the same one a write is done once in a day."),
]


@dataclass(frozen=True, slots=True)
class Write:
    """A request that changes something; `key` tells it from others, None where it came without."""

    room: Room
    visitor: Visitor
    request: Request
    key: str | None

    async def once(self, act: Callable[[], Awaitable[object]]) -> Response:
        """Do what is asked and answer with what it returns, or answer as before where it was done under this key.

        Raises:
            HTTPException: 422 where the key was used for something else.
        """
        asked = await self._digest()
        async with self.room.turns:
            known = await self._known(asked)
            reply = known or await _done(asked, act)
            if self.key and known is None:
                await self.room.ledger.keep_reply(self.visitor.name, self.key, reply)
        return Response(reply.body, reply.status, media_type="application/json")

    async def _digest(self) -> str:
        request = self.request
        return hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body()).hexdigest()

    async def _known(self, asked: str) -> Reply | None:
        known = await self.room.ledger.reply_to(self.visitor.name, self.key) if self.key else None
        if known is not None and known.request != asked:
            found = f"expected a new Idempotency-Key for another write, found '{self.key}' again"
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, found)
        return known


def write_of_trader(request: Request, visitor: Trader, idempotency_key: _Key = None) -> Write:
    """Return the write that somebody asks for who may trade."""
    return Write(room_of(request), visitor, request, idempotency_key)


def write_of_admin(request: Request, visitor: Admin, idempotency_key: _Key = None) -> Write:
    """Return the write that somebody asks for who may do everything."""
    return Write(room_of(request), visitor, request, idempotency_key)


AdminsWrite = Annotated[Write, Depends(write_of_admin)]
TradersWrite = Annotated[Write, Depends(write_of_trader)]


async def _done(asked: str, act: Callable[[], Awaitable[object]]) -> Reply:
    answer = await act()
    return Reply(asked, HTTPStatus.OK, TypeAdapter(type(answer)).dump_json(answer).decode())
