"""The proxy passes WebSockets and endless replies, and faults happen to their messages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError

from simulator.faults import Fault, FaultScript
from simulator.proxy import Proxy
from simulator.server import _proxied, _served

LENGTHS = [5, 125, 126, 65_535, 65_536]
_QUIET = 0.5
_END = "end"
LINES = ["0", "1", "2", "3"]


class Place:
    def __init__(self, port: int, script: FaultScript) -> None:
        self.sockets = f"ws://127.0.0.1:{port}/echo"
        self.lines = f"http://127.0.0.1:{port}/lines"
        self.script = script

    def fault(self, kind: str, **more: object) -> None:
        self.script.add(Fault(**{"place": "stream", "kind": kind, **more}))

    async def heard(self) -> list[str]:
        """Say every line and return what comes back before the end or the quiet."""
        heard: list[str] = []
        async with connect(self.sockets, close_timeout=0.2) as socket:
            for line in (*LINES, _END):
                await socket.send(line)
            with suppress(TimeoutError):
                async with asyncio.timeout(_QUIET):
                    while (line := await socket.recv()) != _END:
                        heard.append(line)
        return heard

    async def read(self) -> list[str]:
        """Return the lines of a stream that ends."""
        async with httpx.AsyncClient() as http, http.stream("GET", self.lines) as reply:
            return [line async for line in reply.aiter_lines()]


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    app = Starlette(routes=[WebSocketRoute("/echo", _echo), Route("/lines", _lines)])
    script = FaultScript()
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(_served(app, "127.0.0.1", 0))
        proxy = Proxy("here", upstream, script, lambda status: b"{}")
        _, port = await stack.enter_async_context(_proxied(proxy, "127.0.0.1", 0))
        yield Place(port, script)


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


async def _lines(request: Request) -> StreamingResponse:
    async def lines() -> AsyncIterator[str]:
        for line in LINES:
            yield f"{line}\n"
            await asyncio.sleep(0)
        await asyncio.sleep(float(request.query_params.get("then", 0)))

    return StreamingResponse(lines())


async def test_a_web_socket_passes_messages_of_any_length_and_pings(place):
    async with connect(place.sockets) as socket:
        for length in LENGTHS:
            await socket.send("x" * length)
            assert len(await socket.recv()) == length
        assert await (await socket.ping()) > 0


async def test_an_endless_reply_comes_piece_by_piece(place):
    async with httpx.AsyncClient() as http, http.stream("GET", f"{place.lines}?then=60") as reply:
        lines = reply.aiter_lines()
        assert [await anext(lines) for _ in LINES] == LINES


async def test_a_stream_that_ends_is_whole_and_its_connection_is_not_used_again(place):
    async with httpx.AsyncClient() as http:
        replies = [await http.get(place.lines) for _ in range(2)]
    assert [reply.text.split() for reply in replies] == [LINES] * 2
    assert [reply.headers["Connection"] for reply in replies] == ["close"] * 2


async def test_messages_are_not_compressed_since_one_of_them_may_be_left_out(place):
    async with connect(place.sockets) as socket:
        assert "Sec-WebSocket-Extensions" in socket.request.headers
        assert "Sec-WebSocket-Extensions" not in socket.response.headers


FAULTS = [
    ("drop", {}, ["0", "2", "3"]),
    ("drop", {"times": 2}, ["0", "3"]),
    ("duplicate", {}, ["0", "1", "1", "2", "3"]),
    ("delay", {"seconds": 0.05}, LINES),
    ("silence", {}, ["0"]),
]


@pytest.mark.parametrize(("kind", "more", "expected"), FAULTS)
async def test_a_fault_hits_the_messages_of_a_web_socket(place, kind, more, expected):
    place.fault(kind, skip=1, **more)
    assert await place.heard() == expected


@pytest.mark.parametrize(("kind", "more", "expected"), FAULTS)
async def test_a_fault_hits_the_pieces_of_an_endless_reply(place, kind, more, expected):
    place.fault(kind, skip=1, **more)
    assert await place.read() == expected


async def test_a_garbled_message_is_no_json(place):
    place.fault("garble", skip=1)
    assert [line[:6] for line in await place.heard()] == ["0", "<html>", "2", "3"]


@pytest.mark.parametrize("kind", ["reset", "close"])
async def test_a_connection_can_end_in_the_middle_of_a_stream(place, kind):
    place.fault(kind, skip=1, times=2)
    with pytest.raises(ConnectionClosedError):
        await place.heard()
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await place.read()


async def test_a_silent_stream_is_silent_until_it_is_opened_again(place):
    place.fault("silence")
    assert await place.heard() == []
    assert await place.heard() == LINES


async def test_a_silent_web_socket_still_answers_pings(place):
    place.fault("silence")
    async with connect(place.sockets) as socket:
        await socket.send("unheard")
        assert await (await socket.ping()) > 0


@pytest.mark.parametrize("place_of_fault", ["before", "after"])
async def test_a_stream_can_be_refused_like_any_request(place, place_of_fault):
    place.script.add(Fault(place=place_of_fault, kind="status", status=503))
    async with httpx.AsyncClient() as http:
        assert (await http.get(place.lines)).status_code == 503
        assert (await http.get(place.lines)).text.split() == LINES


async def test_a_stream_that_is_garbled_from_the_start_is_a_reply_that_ends(place):
    place.script.add(Fault(place="after", kind="garble"))
    async with httpx.AsyncClient() as http:
        assert (await http.get(place.lines)).text.startswith("<html>")


async def test_a_stream_that_is_cut_says_nothing(place):
    place.script.add(Fault(place="after", kind="cut"))
    with pytest.raises(httpx.RemoteProtocolError):
        await place.read()
    assert await place.read() == LINES


async def test_only_the_messages_of_the_named_stream_are_hit(place):
    place.fault("drop", path="/lines$", times=0)
    assert await place.heard() == LINES
    assert await place.read() == []


def test_a_fault_of_streams_does_not_count_requests_nor_the_other_way_round():
    script = FaultScript()
    script.add(Fault(place="stream", kind="drop", times=0))
    script.add(Fault(place="before", kind="reset", times=0))
    assert [fault.kind for fault in script.strike("oanda", "GET", "/stream")] == ["reset"]
    assert [fault.kind for fault in script.strike_message("oanda", "/stream")] == ["drop"]
