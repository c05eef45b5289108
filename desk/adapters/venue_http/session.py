"""One venue session: a connection that is reused, reads that are tried again, writes that are sent exactly once.

What an error means is decided in two steps: the session knows what HTTP and the network mean for a read and for a
write, and each venue's `ErrorReader` knows its own codes.
"""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol, Self

import httpx

from desk.adapters.clocks import SystemClock
from desk.adapters.venue_http.endpoints import endpoint_of
from desk.adapters.venue_http.fence import FencedTransport
from desk.adapters.venue_http.meter import Meter, MeteredTransport
from desk.adapters.venue_http.quoting import quoted
from desk.adapters.venue_http.reply import BANNED, Reply, Unreadable, longest_pause
from desk.adapters.venue_http.retries import Retries
from desk.errors import AccessDenied, OrderRefused, OutcomeUnknown, RateLimited, VenueError, VenueUnavailable
from desk.ports import Clock

TIMEOUT = httpx.Timeout(connect=5.0, read=10.0, write=5.0, pool=5.0)
_ENDLESS = httpx.Timeout(TIMEOUT.connect, read=None)
UNNAMED_PAUSE = timedelta(seconds=1)
"""How long to wait after a 429 that does not say how long."""

ErrorReader = Callable[[Reply, str], VenueError | None]
"""Reads a venue's own error out of a reply: given the reply and the request's name, the error or None where there is
none that the venue explains. It is asked about successes too: some venues refuse with HTTP 200 or 201."""

_WRONG_TIME = "the request was signed with a wrong time; the venue's clock is measured again"

# It logs every address it asks for, and some venues take their signature in the query.
logging.getLogger("httpx").setLevel(logging.WARNING)

Parameters = Mapping[str, str | int | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a venue.

    Attributes:
        name: for messages, without anything secret: `candles of EUR_USD`.
        form: the body as `application/x-www-form-urlencoded`; at most one of `json` and `form`.
        reading: reads the body of the answer; may raise `Unreadable`, which counts as none, or what is no `VenueError`.
        is_signed: whether it carries the account's credentials, where the session has any.
    """

    method: str
    path: str
    name: str
    query: Parameters = field(default_factory=dict)
    json: Any = None
    form: Parameters | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    reading: Callable[[Reply], Any] = Reply.json
    is_signed: bool = True


class SigningTime(Protocol):
    """The time that requests are signed with, at a venue that denies access without saying that the time is wrong."""

    @property
    def offset(self) -> timedelta:
        """What is added to our time now."""
        ...

    async def was_wrong(self, offset: timedelta, session: "VenueSession") -> bool:
        """Ask a venue for its time, and return whether what was signed with an offset had a wrong one.

        Where the venue does not tell its time nobody knows, and the answer is yes.
        """
        ...


class VenueSession:
    """The HTTP conversation with one venue under one set of credentials.

    Args:
        meter: is asked before every single request, and told of every pause that the venue orders. What it refuses
            was never sent and is `RateLimited`, for reads and writes alike.
        signing_time: is asked before a denial is believed. A read whose time was wrong is sent again, a write never.
    """

    def __init__(
        self,
        venue: str,
        base_url: str,
        *,
        errors: ErrorReader,
        auth: httpx.Auth | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        retries: Retries | None = None,
        clock: Clock | None = None,
        meter: Meter | None = None,
        signing_time: SigningTime | None = None,
        http2: bool = False,
    ) -> None:
        self.venue = venue
        self._errors = errors
        self._retries = retries or Retries()
        self._clock = clock or SystemClock()
        self._meter = meter
        self._signing_time = signing_time
        wire = FencedTransport(transport or httpx.AsyncHTTPTransport(http2=http2, retries=0), venue)
        # A transport of httpx does not repeat requests, and redirects are off: nothing below us sends a write twice.
        self._client = httpx.AsyncClient(
            base_url=base_url,
            auth=auth,
            timeout=TIMEOUT,
            transport=wire if meter is None else MeteredTransport(wire, meter),
            follow_redirects=False,
        )

    async def read(self, request: Request) -> Any:
        """Ask for something, again where the venue did not answer, and return the JSON body.

        Raises:
            VenueUnavailable: no usable answer after the last attempt.
            VenueError: what the venue said instead.
        """
        return await self._retries.run(lambda: self._read_once(request))

    async def write(self, request: Request) -> Any:
        """Change something at the venue, once, and return the JSON body.

        Raises:
            OutcomeUnknown: the request may have been carried out: no answer, half of one, or a server error.
            VenueError: a definite answer of the venue that it was not.
        """
        signed_with = self._offset
        try:
            reply = await self._send(request)
        except httpx.HTTPError as error:
            raise OutcomeUnknown(self.venue, request.name, type(error).__name__, str(error)) from error
        definite = await self._definite(reply, request)
        if definite is not None:
            if await self._was_time_wrong(definite, request, signed_with):
                raise OrderRefused(self.venue, request.name, definite.code, _WRONG_TIME) from definite
            raise definite
        try:
            if reply.is_success:
                return reply.json()
            message = quoted(reply.body)
        except Unreadable as error:
            message = str(error)
        raise OutcomeUnknown(self.venue, request.name, str(reply.status), message)

    async def lines(self, request: Request) -> AsyncGenerator[str, None]:
        """Ask for something without an end, and give its lines as they come until the connection ends.

        How long a silence may be is the caller's to decide; none is too long here.

        Raises:
            VenueUnavailable: the connection could not be made, or broke.
            VenueError: what the venue said instead.
        """
        sent = self._client.build_request(
            request.method,
            request.path,
            params=dict(request.query) or None,
            headers=dict(request.headers),
            timeout=_ENDLESS,
        )
        try:
            async with aclosing(await _unquoted(self._client.send(sent, stream=True))) as response:
                if not response.is_success:
                    reply = _reply(response, await response.aread())
                    message = quoted(reply.body)
                    unexplained = VenueUnavailable(self.venue, request.name, str(reply.status), message)
                    raise await self._definite(reply, request) or unexplained
                async for line in response.aiter_lines():
                    if line.strip():
                        yield line
        except httpx.HTTPError as error:
            raise VenueUnavailable(self.venue, request.name, type(error).__name__, str(error)) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.close()

    async def _read_once(self, request: Request) -> Any:
        signed_with = self._offset
        try:
            reply = await self._send(request)
        except httpx.HTTPError as error:
            raise VenueUnavailable(self.venue, request.name, type(error).__name__, str(error)) from error
        definite = await self._definite(reply, request)
        if definite is not None:
            if await self._was_time_wrong(definite, request, signed_with):
                raise VenueUnavailable(self.venue, request.name, definite.code, _WRONG_TIME) from definite
            raise definite
        if not reply.is_success:
            message = quoted(reply.body)
            raise VenueUnavailable(self.venue, request.name, str(reply.status), message)
        try:
            return request.reading(reply)
        except Unreadable as unreadable:
            raise VenueUnavailable(self.venue, request.name, str(reply.status), str(unreadable)) from unreadable

    async def _send(self, request: Request) -> Reply:
        response = await _unquoted(
            self._client.request(
                request.method,
                request.path,
                params=dict(request.query) or None,
                json=request.json,
                data=None if request.form is None else dict(request.form),
                headers=dict(request.headers),
                auth=httpx.USE_CLIENT_DEFAULT if request.is_signed else None,
            )
        )
        return _reply(response, response.content)

    @property
    def _offset(self) -> timedelta:
        return self._signing_time.offset if self._signing_time else timedelta(0)

    async def _was_time_wrong(self, denial: VenueError, request: Request, signed_with: timedelta) -> bool:
        if self._signing_time is None or not request.is_signed or not isinstance(denial, AccessDenied):
            return False
        return await self._signing_time.was_wrong(signed_with, self)

    async def _definite(self, reply: Reply, request: Request) -> VenueError | None:
        error = self._read_error(reply, request)
        if self._meter is not None and isinstance(error, RateLimited) and error.retry_after:
            endpoint = endpoint_of(request.method, request.path)
            await self._meter.pause(endpoint, reply.status, error.retry_after, error.code)
        return error

    def _read_error(self, reply: Reply, request: Request) -> VenueError | None:
        """What the reply says beyond doubt: the venue's own word first, then what the HTTP status means everywhere."""
        explained = self._errors(reply, request.name)
        if isinstance(explained, RateLimited) or (explained is None and reply.status in (BANNED, 429)):
            told = explained.retry_after if isinstance(explained, RateLimited) else UNNAMED_PAUSE
            pause = min(reply.retry_after(self._clock.now()) or told, longest_pause(reply.status))
            code, message = (
                (explained.code, explained.message) if explained else (str(reply.status), "too many requests")
            )
            return RateLimited(self.venue, request.name, code, message, retry_after=pause)
        if explained is not None:
            return explained
        # A page is the word of what stands before the venue, which knows nothing of keys.
        if reply.status in (401, 403) and not reply.is_page:
            return AccessDenied(self.venue, request.name, str(reply.status), quoted(reply.body))
        return None


async def _unquoted(sending: Awaitable[httpx.Response]) -> httpx.Response:
    """Send, and take the words out of an error that quotes the header it cannot send, perhaps the one with the key."""
    try:
        return await sending
    except httpx.LocalProtocolError:
        raise httpx.LocalProtocolError("it cannot be sent as it is; look at the keys") from None


def _reply(response: httpx.Response, body: bytes) -> Reply:
    return Reply(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)
