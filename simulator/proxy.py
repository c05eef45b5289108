"""What stands between a client and a dialect's server: it lets the scripted faults happen to real connections."""

import asyncio
import socket
import struct
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress

from simulator.faults import Fault, FaultScript, Kind, Place
from simulator.message import Message, read_message, reply
from simulator.spoiling import spoil

LAG_HEADER = "x-simulator-lag"
"""Tells the dialect how many seconds of news to hide."""

_KEPT_REPLIES = 1_000
_GARBAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
_AT_ONCE = struct.pack("ii", 1, 0)


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
        server_reader, server_writer = await asyncio.open_connection(*self._upstream)
        try:
            # A client that goes away in the middle is its own affair.
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while (request := await read_message(reader)) is not None:
                    if not await self._answer(request, writer, server_reader, server_writer):
                        break
        finally:
            server_writer.close()
            writer.close()

    async def _answer(
        self,
        request: Message,
        writer: asyncio.StreamWriter,
        server_reader: asyncio.StreamReader,
        server_writer: asyncio.StreamWriter,
    ) -> bool:
        """Answer one request; False where the connection is to end."""
        faults = self._script.strike(self._venue, request.method, request.target)
        before = [fault for fault in faults if fault.place is Place.BEFORE]
        answer = await self._fail(before, writer, None)
        if answer is None and not writer.is_closing():
            server_writer.write(_with_lag(request, faults).raw)
            answer = await read_message(server_reader)
            assert answer is not None, f"{self._venue}: the server ended the connection on {request.start}"
            answer = self._spoilt(request, answer, faults)
            after = [fault for fault in faults if fault.place is Place.AFTER]
            answer = await self._fail(after, writer, answer)
        if answer is None or writer.is_closing():
            return False
        writer.write(answer.raw)
        await writer.drain()
        return not request.ends_connection and len(answer.body) == int(answer.header("content-length") or 0)

    async def _fail(self, faults: list[Fault], writer: asyncio.StreamWriter, answer: Message | None) -> Message | None:
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


def _hang_up(writer: asyncio.StreamWriter, *, rudely: bool) -> None:
    if rudely:
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        writer.transport.abort()
    writer.close()
