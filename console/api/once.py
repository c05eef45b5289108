"""A write is done once, however often it is sent under the same `Idempotency-Key`."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, TypeVar

from fastapi import Depends, Header, HTTPException, Request, Response
from pydantic import TypeAdapter

from console.api.asking import Admin, Trader, room_of
from console.api.room import Room
from console.failures import UNDONE
from desk.adapters.logs.events import log
from desk.errors import LedgerError
from desk.model.access import Reply, Visitor

T = TypeVar("T")
_Key = Annotated[
    str | None,
    Header(max_length=200, description="A word of your own; under the same one a write is done once in a day."),
]


@dataclass(frozen=True, slots=True)
class Write:
    """A request that changes something; `key` tells it from others, None where it came without.

    Attributes:
        turns: what it waits for: writes of its kind, so that one key never does two things.
    """

    room: Room
    visitor: Visitor
    request: Request
    key: str | None
    turns: asyncio.Lock

    async def once(
        self, act: Callable[[], Awaitable[T]], status: Callable[[T], HTTPStatus] = lambda _answer: HTTPStatus.OK
    ) -> Response:
        """Do what is asked and answer with what it returns, or answer as before where it was done under this key.

        Args:
            act: does it.
            status: of the reply.

        Raises:
            HTTPException: 422 where the key was used for something else, 409 where a write was begun under it whose
                end nobody has written down.
        """
        asked = await self._digest()

        async def done() -> Reply:
            answer = await act()
            return Reply(asked, status(answer), TypeAdapter(type(answer)).dump_json(answer).decode())

        async with self.turns:
            if self.key is None:
                reply = await done()
            else:
                reply = await self._known(self.key, asked) or await self._done_and_kept(self.key, done)
        return Response(reply.body, reply.status, media_type="application/json")

    async def _digest(self) -> str:
        request = self.request
        place = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        return hashlib.sha256(f"{request.method} {place}\n".encode() + await request.body()).hexdigest()

    async def _known(self, key: str, asked: str) -> Reply | None:
        """What was answered under the key; None for a new one, which is taken from now on."""
        known = await self.room.ledger.begin_reply(self.visitor.name, key, asked)
        if known is None:
            return None
        if known.request != asked:
            found = f"expected a new Idempotency-Key for another write, found '{key}' again"
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, found)
        if not known.is_known:
            raise HTTPException(HTTPStatus.CONFLICT, _unknown(key))
        return known

    async def _done_and_kept(self, key: str, done: Callable[[], Awaitable[Reply]]) -> Reply:
        ledger, name = self.room.ledger, self.visitor.name
        try:
            reply = await done()
        except UNDONE:
            with _told_before("a key could not be freed"):
                await ledger.free_key(name, key)
            raise
        with _told_before("a reply could not be kept"):
            await ledger.keep_reply(name, key, reply)
        return reply


def write_of_trader(request: Request, visitor: Trader, idempotency_key: _Key = None) -> Write:
    """Return the write that somebody asks for who may trade; a halt waits for no change of the configuration."""
    room = room_of(request)
    return Write(room, visitor, request, idempotency_key, room.halts)


def long_write_of_trader(request: Request, visitor: Trader, idempotency_key: _Key = None) -> Write:
    """Return the write that somebody asks for who may trade, where it waits for a server; no halt waits for it."""
    room = room_of(request)
    return Write(room, visitor, request, idempotency_key, room.turns)


def write_of_admin(request: Request, visitor: Admin, idempotency_key: _Key = None) -> Write:
    """Return the write that somebody asks for who may do everything."""
    room = room_of(request)
    return Write(room, visitor, request, idempotency_key, room.turns)


AdminsWrite = Annotated[Write, Depends(write_of_admin)]
TradersWrite = Annotated[Write, Depends(write_of_trader)]
TradersLongWrite = Annotated[Write, Depends(long_write_of_trader)]


@contextmanager
def _told_before(what: str) -> Iterator[None]:
    """Go on where the ledger cannot be written: whether the write was done is known, and that is what has to be told.

    Whoever asks again under the key hears that its end is not known, because it stays as it was begun.
    """
    try:
        yield
    except LedgerError as error:
        log.warning(what, cause=str(error))


def _unknown(key: str) -> str:
    return (
        f"expected a write whose end is known, found one that was begun under the Idempotency-Key '{key}' and never "
        "ended: it was done, or it was not. Look first, at /api/states for a halt, at /api/accounts and "
        "/api/config/backups for a change, at /api/audit for who did what; then send it under a new key if it is "
        "still missing"
    )
