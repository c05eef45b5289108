"""What stands between a client and a dialect's server: it lets the scripted faults happen to real connections."""

import asyncio
import socket
import struct
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass

from simulator.faults import Fault, FaultScript, Kind, Place
from simulator.message import Message, read_head, read_message, read_rest, reply
from simulator.spoiling import spoil
from simulator.streaming import Piece, read_chunk, read_frame

LAG_HEADER = "x-simulator-lag"
"""Tells the dialect how many seconds of news to hide."""

_KEPT_REPLIES = 1_000
_GARBAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
_AT_ONCE = struct.pack("ii", 1, 0)
_MOST_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True)
class _Ends:
    """Both ends of a conversation: the client's, then the server's."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server_reader: asyncio.StreamReader
    server_writer: asyncio.StreamWriter


class Proxy:
    """Passes the requests of one venue on.

    Args:
        venue: its name in the script.
        upstream: host and port of its server.
        script: the faults.
        failure: makes the venue's body of an HTTP error.
    """

    def __init__(
        self, venue: str, upstream: tuple[str, int], script: FaultScript, failure: Callable[[int], bytes]
    ) -> None:
        self._venue = venue
        self._upstream = upstream
        self._script = script
        self._failure = failure
        self._earlier: OrderedDict[str, Message] = OrderedDict()
        self._conversations: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> asyncio.Server:
        """Listen; port 0 takes a free one."""
        return await asyncio.start_server(self._accept, host, port)

    async def stop(self) -> None:
        """End every conversation."""
        for conversation in self._conversations:
            conversation.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = asyncio.ensure_future(self._converse(reader, writer))
        self._conversations.add(conversation)
        conversation.add_done_callback(self._conversations.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = _Ends(reader, writer, *await asyncio.open_connection(*self._upstream))
        try:
            # A client that goes away in the middle is its own affair.
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while (request := await read_message(reader)) is not None:
                    if not await self._answer(request, ends):
                        break
        finally:
            ends.server_writer.close()
            writer.close()

    async def _answer(self, request: Message, ends: _Ends) -> bool:
        """Answer one request; False where the connection is to end."""
        faults = self._script.strike(self._venue, request.method, request.target)
        before = [fault for fault in faults if fault.place is Place.BEFORE]
        after = [fault for fault in faults if fault.place is Place.AFTER]
        answer = await self._fail(before, ends.writer, None)
        if answer is None and not ends.writer.is_closing():
            ends.server_writer.write(_with_lag(request, faults).raw)
            head = await read_head(ends.server_reader)
            assert head is not None, f"{self._venue}: the server ended the connection on {request.start}"
            if head.begins_stream:
                await self._stream(request.target, head, after, ends)
                return False
            answer = self._spoilt(request, await read_rest(ends.server_reader, head), faults)
            answer = await self._fail(after, ends.writer, answer)
        if answer is None or ends.writer.is_closing():
            return False
        ends.writer.write(answer.raw)
        await ends.writer.drain()
        return not request.ends_connection and len(answer.body) == int(answer.header("content-length") or 0)

    async def _stream(self, target: str, head: Message, after: list[Fault], ends: _Ends) -> None:
        """Pass an endless reply on, and what the client says meanwhile, until one side has had enough."""
        answer = await self._fail(after, ends.writer, head)
        if answer is None or ends.writer.is_closing():
            return
        is_upgraded = answer is head and not head.is_chunked
        ends.writer.write((answer if is_upgraded else answer.with_header("connection", "close")).raw)
        if answer is head:
            read = read_chunk if head.is_chunked else read_frame
            await _first_of(self._pass_pieces(target, read, ends), _copy(ends.reader, ends.server_writer))

    async def _pass_pieces(
        self, target: str, read: Callable[[asyncio.StreamReader], Awaitable[Piece]], ends: _Ends
    ) -> None:
        """Pass on what the server says, as the faults leave it."""
        is_silent = is_last = False
        while not is_last and not ends.writer.is_closing():
            piece = await read(ends.server_reader)
            counts = piece.is_message and not is_silent
            faults = self._script.strike_message(self._venue, target) if counts else ()
            kinds = {fault.kind for fault in faults}
            is_silent, is_last = is_silent or Kind.SILENCE in kinds, piece.is_last
            await self._fail(faults, ends.writer, None)
            if not (piece.is_message and is_silent):
                ends.writer.writelines(left.raw for left in _left(piece, kinds))
            await ends.writer.drain()

    async def _fail(
        self, faults: Sequence[Fault], writer: asyncio.StreamWriter, answer: Message | None
    ) -> Message | None:
        """Let faults happen to the connection and return the answer as they leave it."""
        for fault in faults:
            if fault.kind is Kind.DELAY:
                await asyncio.sleep(fault.seconds)
            elif fault.kind is Kind.STATUS:
                answer = reply(fault.status, self._failure(fault.status), retry_after=fault.retry_after)
            elif fault.kind in (Kind.RESET, Kind.CLOSE):
                _hang_up(writer, rudely=fault.kind is Kind.RESET)
            elif answer is not None:
                answer = _cut(answer) if fault.kind is Kind.CUT else answer.with_body(_GARBAGE)
        return answer

    def _spoilt(self, request: Message, answer: Message, faults: tuple[Fault, ...]) -> Message:
        """Return the answer as the faults in reads leave it, and keep the true one for later."""
        key = f"{request.target} {request.header('authorization')}"
        earlier = self._earlier.get(key)
        if request.method == "GET":
            self._earlier[key] = answer
            if len(self._earlier) > _KEPT_REPLIES:
                self._earlier.popitem(last=False)
        reads = [fault for fault in faults if fault.place is Place.READ]
        if earlier is not None and any(fault.kind is Kind.STALE for fault in reads):
            answer = earlier
        return answer.with_body(spoil(answer.body, reads, self._script.chance)) if reads else answer


def _with_lag(request: Message, faults: tuple[Fault, ...]) -> Message:
    hidden = [fault.seconds for fault in faults if fault.kind is Kind.LAG]
    return request.with_header(LAG_HEADER, f"{max(hidden)}") if hidden else request


def _cut(answer: Message) -> Message:
    """Half of the body under the header of the whole."""
    return Message(answer.start, answer.headers, answer.body[: len(answer.body) // 2])


def _left(piece: Piece, kinds: set[Kind]) -> list[Piece]:
    """Return what faults leave of a message."""
    if Kind.DROP in kinds:
        return []
    piece = piece.with_content(_GARBAGE) if Kind.GARBLE in kinds else piece
    return [piece] * (2 if Kind.DUPLICATE in kinds else 1)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while some := await reader.read(_MOST_AT_ONCE):
        writer.write(some)
        await writer.drain()


async def _first_of(*sides: Coroutine[object, object, None]) -> None:
    """Run all until one ends, and end the others."""
    running = [asyncio.ensure_future(side) for side in sides]
    try:
        done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    for one in done:
        one.result()


def _hang_up(writer: asyncio.StreamWriter, *, rudely: bool) -> None:
    if rudely:
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        writer.transport.abort()
    writer.close()
