"""A WebSocket conversation in JSON with a venue: time-outs, pings, and closing codes as errors of the desk."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from desk.adapters.venue_http.quoting import masked, quoted
from desk.adapters.venue_http.reply import BANNED, Reply
from desk.adapters.venue_http.session import UNNAMED_PAUSE
from desk.errors import AccessDenied, RateLimited, VenueError, VenueUnavailable

# Below that it tells addresses and headers, which may have a token in them.
logging.getLogger("websockets").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class SocketTerms:
    """How to converse.

    Attributes:
        venue, name: for messages: `oanda`, `prices`. The address may have a token in it and is never told.
        headers: of the request that opens it.
        patience: how long opening and closing may take each.
        ping_every: the pause between pings.
        ping: makes the venue's own ping, which is sent as JSON and answered as the venue likes; without it the
            protocol's own are sent, and a venue that leaves one unanswered until the next is gone.
        longest_message: in bytes; a longer one ends the connection.
    """

    venue: str
    name: str
    headers: Mapping[str, str] = field(default_factory=dict)
    patience: timedelta = timedelta(seconds=5)
    ping_every: timedelta = timedelta(seconds=5)
    ping: Callable[[], object] | None = None
    longest_message: int = 4 * 1024 * 1024


class Socket:
    """An open connection."""

    def __init__(self, connection: ClientConnection, terms: SocketTerms) -> None:
        self._connection = connection
        self._terms = terms
        self._pong: asyncio.Future[float] | None = None

    async def send(self, message: object) -> None:
        """Send a message as JSON.

        Raises:
            VenueUnavailable: the connection has ended.
        """
        try:
            await self._connection.send(json.dumps(message))
        except ConnectionClosed as error:
            raise _closed(error, self._terms) from None

    async def messages(self) -> AsyncGenerator[Any, None]:  # wire data has no type before a source has read it
        """Give every message as JSON with exact numbers, and None for each ping of the protocol that was answered.

        Raises:
            VenueUnavailable: the connection has ended, a ping was not answered, or a message is not JSON.
        """
        loop, pause = asyncio.get_running_loop(), self._terms.ping_every.total_seconds()
        due = loop.time() + pause
        while True:
            if loop.time() >= due:
                due = loop.time() + pause
                if await self._ping():
                    yield None
            try:
                async with asyncio.timeout_at(due):
                    text = await self._connection.recv()
            except TimeoutError:
                continue  # the next ping is due
            except ConnectionClosed as error:
                raise _closed(error, self._terms) from None
            yield self._read(text)

    async def _ping(self) -> bool:
        """Send a ping; whether the protocol's last one was answered."""
        if self._terms.ping is not None:
            await self.send(self._terms.ping())
            return False
        last = self._pong
        if last is not None and not last.done():
            raise VenueUnavailable(self._terms.venue, self._terms.name, "NO_PONG", "a ping was not answered")
        try:
            self._pong = asyncio.ensure_future(await self._connection.ping())
        except ConnectionClosed as error:
            raise _closed(error, self._terms) from None
        return last is not None

    def _read(self, text: str | bytes) -> Any:
        try:
            return json.loads(text, parse_float=Decimal)
        except ValueError:
            message = f"expected JSON, found {len(text):,} characters of something else"
            raise VenueUnavailable(self._terms.venue, self._terms.name, "UNREADABLE", message) from None


@asynccontextmanager
async def open_socket(url: str, terms: SocketTerms) -> AsyncIterator[Socket]:
    """Open a connection, and close it with the context.

    Raises:
        AccessDenied: the venue does not let us in.
        RateLimited: the venue asks for patience.
        VenueUnavailable: it could not be opened.
    """
    connection = await _opened(url, terms)
    try:
        yield Socket(connection, terms)
    finally:
        await connection.close()


async def _opened(url: str, terms: SocketTerms) -> ClientConnection:
    patience = terms.patience.total_seconds()
    try:
        return await connect(
            url,
            additional_headers=terms.headers,
            open_timeout=patience,
            close_timeout=patience,
            ping_interval=None,
            proxy=None,
            max_size=terms.longest_message,
        )
    except InvalidStatus as error:
        response = error.response
        headers = {name.lower(): value for name, value in response.headers.raw_items()}
        raise _refused(Reply(response.status_code, headers, bytes(response.body or b"")), terms) from None
    except (OSError, TimeoutError, WebSocketException) as error:
        # Not the error itself: it may have the address in it.
        raise VenueUnavailable(terms.venue, terms.name, type(error).__name__, "it could not be opened") from None


def _refused(reply: Reply, terms: SocketTerms) -> VenueError:
    venue, name, code = terms.venue, terms.name, str(reply.status)
    message = quoted(reply.body)
    if reply.status in (401, 403):
        return AccessDenied(venue, name, code, message)
    if reply.status in (BANNED, 429):
        pause = reply.retry_after(datetime.now(UTC)) or UNNAMED_PAUSE
        return RateLimited(venue, name, code, "too many requests", retry_after=pause)
    return VenueUnavailable(venue, name, code, message)


def _closed(error: ConnectionClosed, terms: SocketTerms) -> VenueUnavailable:
    """Tell the venue's closing code and reason; a connection that broke has neither."""
    farewell = error.rcvd
    code, reason = (str(farewell.code), masked(farewell.reason)) if farewell else ("", "the connection broke")
    return VenueUnavailable(terms.venue, terms.name, code, reason)
