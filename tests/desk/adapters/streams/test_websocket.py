"""A conversation over a real WebSocket: JSON, pings, refusals and closings."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from socket import create_server

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from desk.adapters.streams.websocket import SocketTerms, open_socket
from desk.errors import AccessDenied, RateLimited, VenueUnavailable

TERMS = SocketTerms("kucoin", "prices", patience=timedelta(seconds=1))
OFTEN = timedelta(milliseconds=20)

Talk = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def venue(talk: Talk, **more: object) -> AsyncIterator[str]:
    async with serve(talk, "127.0.0.1", 0, ping_interval=None, close_timeout=0.1, **more) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/?token=canary"


async def echo(connection: ServerConnection) -> None:
    async for text in connection:
        await connection.send(text)


async def silent(connection: ServerConnection) -> None:
    await connection.wait_closed()


async def test_messages_are_json_with_exact_numbers_both_ways():
    async with venue(echo) as url, open_socket(url, TERMS) as socket:
        await socket.send({"price": 1.1, "id": "a"})
        assert await anext(socket.messages()) == {"price": Decimal("1.1"), "id": "a"}


async def test_an_answered_ping_is_told_as_none():
    async with venue(silent) as url, open_socket(url, SocketTerms("kucoin", "prices", ping_every=OFTEN)) as socket:
        messages = socket.messages()
        assert [await anext(messages), await anext(messages)] == [None, None]


async def test_a_busy_stream_is_pinged_too():
    async def talk(connection):
        while True:
            await connection.send("{}")
            await asyncio.sleep(0.001)

    async with venue(talk) as url, open_socket(url, SocketTerms("kucoin", "prices", ping_every=OFTEN)) as socket:
        async with asyncio.timeout(2):
            assert [one async for one in _first(socket.messages(), 200) if one is None]


async def test_the_venues_own_ping_is_sent_on_time_and_its_answer_is_a_message():
    terms = SocketTerms("kucoin", "prices", ping_every=OFTEN, ping=lambda: {"type": "ping"})
    async with venue(echo) as url, open_socket(url, terms) as socket:
        messages = socket.messages()
        assert [await anext(messages), await anext(messages)] == [{"type": "ping"}] * 2


async def test_a_ping_that_is_not_answered_is_a_lost_venue():
    async def deaf(reader, writer):
        key = (await reader.readuntil(b"\r\n\r\n")).decode()
        writer.write(_handshake(key))
        await reader.read()
        writer.close()

    server = await asyncio.start_server(deaf, "127.0.0.1", 0)
    url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    terms = SocketTerms("kucoin", "prices", ping_every=OFTEN, patience=timedelta(milliseconds=50))
    with pytest.raises(VenueUnavailable, match=r"kucoin: prices failed \[NO_PONG\]"):
        async with server, open_socket(url, terms) as socket:
            await anext(socket.messages())


@pytest.mark.parametrize(("code", "told"), [(1000, "1000"), (1012, "1012"), (4001, "4001")])
async def test_the_code_and_reason_of_a_farewell_are_told(code, told):
    async with venue(lambda connection: connection.close(code, "lunch")) as url, open_socket(url, TERMS) as socket:
        with pytest.raises(VenueUnavailable, match=rf"\[{told}\]: lunch"):
            await anext(socket.messages())
        with pytest.raises(VenueUnavailable, match=rf"\[{told}\]: lunch"):
            await socket.send({})


async def test_a_connection_that_breaks_has_no_code():
    async def cut(connection):
        connection.transport.abort()

    async with venue(cut) as url, open_socket(url, TERMS) as socket:
        with pytest.raises(VenueUnavailable, match="the connection broke"):
            await anext(socket.messages())


@pytest.mark.parametrize(
    ("said", "problem"), [("<html>", "expected JSON, found 6 characters of"), (b"\xff", "expected JSON")]
)
async def test_what_is_not_json_cannot_be_understood(said, problem):
    async with venue(lambda connection: connection.send(said)) as url, open_socket(url, TERMS) as socket:
        with pytest.raises(VenueUnavailable, match=problem):
            await anext(socket.messages())


async def test_a_message_that_is_too_long_ends_the_connection():
    terms = SocketTerms("kucoin", "prices", longest_message=100)
    async with (
        venue(lambda connection: connection.send("[" + " " * 200 + "]")) as url,
        open_socket(url, terms) as socket,
    ):
        with pytest.raises(VenueUnavailable):
            await anext(socket.messages())


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, AccessDenied), (403, AccessDenied), (429, RateLimited), (503, VenueUnavailable), (404, VenueUnavailable)],
)
async def test_a_refusal_is_the_error_that_its_status_means(status, error):
    def refuse(connection: ServerConnection, request: Request) -> Response:
        response = connection.respond(status, "no")
        response.headers["Retry-After"] = "7"
        return response

    async with venue(echo, process_request=refuse) as url:
        with pytest.raises(error) as caught:
            async with open_socket(url, TERMS):
                pass
    assert caught.type is error
    assert caught.value.code == str(status)
    if error is RateLimited:
        assert caught.value.retry_after == timedelta(seconds=7)


async def test_a_venue_that_is_not_there_is_unavailable_and_its_address_is_not_told():
    with pytest.raises(VenueUnavailable) as caught:
        async with open_socket("ws://127.0.0.1:9/?token=canary", TERMS):
            pass
    assert "canary" not in repr(caught.value)
    assert caught.value.__cause__ is None


async def test_a_venue_that_does_not_answer_is_given_up():
    with create_server(("127.0.0.1", 0)) as listener:
        url = f"ws://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(VenueUnavailable, match="TimeoutError"):
            async with asyncio.timeout(2), open_socket(url, SocketTerms("kucoin", "prices", patience=OFTEN)):
                pass


async def test_headers_are_sent_and_no_task_is_left():
    async def talk(connection):
        await connection.send(f'"{connection.request.headers["KC-ID"]}"')

    before, terms = asyncio.all_tasks(), SocketTerms("kucoin", "prices", headers={"KC-ID": "x"})
    async with venue(talk) as url, open_socket(url, terms) as socket:
        assert await anext(socket.messages()) == "x"
    assert asyncio.all_tasks() == before


async def _first(messages: AsyncIterator[object], count: int) -> AsyncIterator[object]:
    for _ in range(count):
        yield await anext(messages)


def _handshake(request: str) -> bytes:
    from websockets.utils import accept_key

    key = next(line.split(": ")[1] for line in request.split("\r\n") if line.lower().startswith("sec-websocket-key"))
    lines = ("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade")
    return "\r\n".join((*lines, f"Sec-WebSocket-Accept: {accept_key(key)}", "", "")).encode()
