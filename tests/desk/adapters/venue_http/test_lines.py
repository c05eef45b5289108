"""Replies without an end come line by line, and their errors are those of any read."""

import httpx
import pytest

from desk.adapters.venue_http.session import Request, VenueSession
from desk.errors import AccessDenied, RateLimited, VenueUnavailable

STREAM = Request("GET", "/stream", "stream of prices", query={"instruments": "EUR_USD"}, headers={"X-Style": "plain"})


class Body(httpx.AsyncByteStream):
    """Says its parts, and then breaks if it is to."""

    def __init__(self, *parts: bytes, breaks: bool = False) -> None:
        self.parts = parts
        self.breaks = breaks
        self.closed = False

    async def __aiter__(self):
        for part in self.parts:
            yield part
        if self.breaks:
            raise httpx.ReadError("gone")

    async def aclose(self) -> None:
        self.closed = True


def session(body: Body, status: int = 200, headers: dict | None = None, seen: list | None = None) -> VenueSession:
    def answer(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        return httpx.Response(status, headers=headers, stream=body)

    transport = httpx.MockTransport(answer)
    return VenueSession("oanda", "http://venue", errors=lambda reply, name: None, transport=transport)


async def test_lines_come_whole_without_the_empty_ones_and_the_reply_is_closed():
    body = Body(b'{"a":1}\n\n{"b"', b":2}\n", b"\r\n")
    async with session(body) as venue:
        assert [line async for line in venue.lines(STREAM)] == ['{"a":1}', '{"b":2}']
    assert body.closed


async def test_a_reader_who_has_enough_closes_the_connection():
    body = Body(b"1\n2\n")
    async with session(body) as venue:
        lines = venue.lines(STREAM)
        assert await anext(lines) == "1"
        await lines.aclose()
        assert body.closed


async def test_no_silence_is_too_long_and_the_request_is_the_one_that_was_asked_for():
    seen: list[httpx.Request] = []
    async with session(Body(), seen=seen) as venue:
        assert [line async for line in venue.lines(STREAM)] == []
    (request,) = seen
    assert (str(request.url), request.headers["X-Style"]) == ("http://venue/stream?instruments=EUR_USD", "plain")
    assert request.extensions["timeout"] == {"connect": 5.0, "read": None, "write": 5.0, "pool": 5.0}


async def test_a_connection_that_breaks_is_unavailable():
    async with session(Body(b"1\n", breaks=True)) as venue:
        lines = venue.lines(STREAM)
        assert await anext(lines) == "1"
        with pytest.raises(VenueUnavailable, match=r"stream of prices failed \[ReadError\]: gone"):
            await anext(lines)


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503, 404])
async def test_a_refusal_is_the_error_that_its_status_means(status):
    expected = {401: AccessDenied, 403: AccessDenied, 429: RateLimited}.get(status, VenueUnavailable)
    body = Body(b"no")
    async with session(body, status, {"Retry-After": "7"}) as venue:
        with pytest.raises(VenueUnavailable if status == 429 else expected) as caught:
            await anext(venue.lines(STREAM))
    assert caught.type is expected
    assert body.closed
