"""Keeps an order that opens a position from leaving when the right to send it has run out meanwhile.

The lease is checked when an order is marked as on its way. Between that and the wire a process may stand still for as
long as its machine is suspended, and another run may have taken the account over and sent the order itself: some venues
take the same id again once the first order has ended.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

import httpx

from desk.adapters.clocks import SystemClock
from desk.adapters.venue_http.endpoints import endpoint_of
from desk.errors import NotSent

_ENDS: ContextVar[datetime | None] = ContextVar("lease_ends", default=None)
_FENCED: ContextVar[bool] = ContextVar("fenced", default=False)


def note_lease_end(ends: datetime | None) -> None:
    """Tell what the running task sends from now on until when it may; None for as long as it wants."""
    _ENDS.set(ends)


@contextmanager
def fenced() -> Iterator[None]:
    """Let nothing that is sent inside leave after the lease; once an order has left, what belongs to it may follow."""
    before = _FENCED.set(True)
    try:
        yield
    finally:
        _FENCED.reset(before)


class FencedTransport(httpx.AsyncBaseTransport):
    """Looks at the clock right before a request is written; the innermost of a session's transports."""

    def __init__(self, transport: httpx.AsyncBaseTransport, venue: str) -> None:
        self._transport = transport
        self._venue = venue
        self._clock = SystemClock()  # the one that leases are counted by, whatever the venue's time is

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Raises:
            NotSent: it changes something inside `fenced`, and the lease is over.
        """
        if _FENCED.get() and request.method != "GET":
            self._check(request)
            if request.method == "POST":
                _FENCED.set(False)
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    def _check(self, request: httpx.Request) -> None:
        ends, now = _ENDS.get(), self._clock.now()
        if ends is not None and now >= ends:
            late = f"the process stood still: its right to trade ended at {ends:%H:%M:%S} UTC, it is {now:%H:%M:%S}"
            raise NotSent(self._venue, endpoint_of(request.method, request.url.path), "LEASE_OVER", late)
