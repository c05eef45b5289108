"""`/ws`: what changes in the fleet, told as it happens to who has a token or a session."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, WebSocket
from pydantic import TypeAdapter
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocketDisconnect

from console.api.gate import visitor_in
from console.api.room import Room
from console.services.updates import Update
from desk.errors import LedgerError

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Hello:
    """Said first: from here on everything is told."""

    at: datetime
    type: str = "hello"


_UPDATE, _HELLO = TypeAdapter(Update), TypeAdapter(Hello)
_LOOK = 30.0
"""Seconds after which it is looked again whether the visitor may still come in."""
_NO_LONGER, _TOO_SLOW, _TRY_LATER = 1008, 1013, 1011


@router.websocket("/ws")
async def follow(websocket: WebSocket) -> None:
    """Tell a visitor what changes, a JSON document each, until one of both leaves."""
    room: Room = websocket.app.state.room
    await websocket.accept()
    with room.updates.listen() as queue:
        telling = asyncio.create_task(_tell(websocket, room, queue))
        try:
            async for _ in websocket.iter_text():
                pass  # nothing that a client says is listened to
        finally:
            telling.cancel()


async def _tell(websocket: WebSocket, room: Room, queue: asyncio.Queue[Update | None]) -> None:
    try:
        await room.updates.looked()
        await websocket.send_text(_HELLO.dump_json(Hello(room.clock.now())).decode())
        while (code := await _still(websocket, room)) is None:
            waiting = asyncio.ensure_future(queue.get())
            if not (await asyncio.wait([waiting], timeout=_LOOK))[0]:
                waiting.cancel()
            elif (update := waiting.result()) is None:
                code = _TOO_SLOW
                break
            else:
                await websocket.send_text(_UPDATE.dump_json(update).decode())
        await websocket.close(code)
    except WebSocketDisconnect:
        return


async def _still(websocket: WebSocket, room: Room) -> int | None:
    """Why nothing more may be told, as WebSockets number it; None where it may."""
    try:
        return None if await visitor_in(room, HTTPConnection(websocket.scope)) else _NO_LONGER
    except LedgerError:
        return _TRY_LATER
