"""Keeps an order from leaving when the right to send it has run out meanwhile.

Lease and trading state are checked when an order is marked as on its way. Between that and the wire a process may stand
still for as long as its machine is suspended, while another run takes the account over and sends the order itself: some
venues take the same id again once the first order has ended. And the call may wait for its budget or for a connection,
while an operator halts the account.

What reduces a position leaves whatever the time and whatever is halted, unless somebody objects: another run holds the
account now, and may have closed the position already.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

import httpx

from desk.adapters.clocks import SystemClock
from desk.adapters.venue_http.endpoints import endpoint_of
from desk.errors import LedgerError, NotSent
from desk.model.orders import OrderIntent

Objection = Callable[[OrderIntent], Awaitable[str]]
"""Says why an order may not leave now; empty where it may."""

_CLOCK = SystemClock()  # the one that leases are counted by, whatever a venue's time is
_AT_THE_WIRE = "send_request_headers.started"
"""How httpcore calls the moment at which the connection stands and nothing of a request is written."""

_ends: ContextVar[datetime | None] = ContextVar("lease_ends", default=None)
_objection: ContextVar[Objection | None] = ContextVar("objection", default=None)
_sending: ContextVar[OrderIntent | None] = ContextVar("sending", default=None)


def note_right(ends: datetime | None, objection: Objection | None = None) -> None:
    """Tell what the running task sends from now on until when it may, None for as long as it wants, and whom to ask."""
    _ends.set(ends)
    _objection.set(objection)


@contextmanager
def fenced(intent: OrderIntent) -> Iterator[None]:
    """Let nothing that is sent inside leave without the right to; what follows an entry that has left may."""
    before = _sending.set(intent)
    try:
        yield
    finally:
        _sending.reset(before)


async def check_fence(venue: str, request: str) -> None:
    """Look once more whether a request that changes something may leave; outside `fenced` it may.

    Raises:
        NotSent: NO_RIGHT, the ledger objects; LEASE_OVER or LEDGER_UNREADABLE, for what opens a position.
    """
    intent, objection = _sending.get(), _objection.get()
    if intent is None:
        return
    try:
        told = await objection(intent) if objection else ""
    except LedgerError as error:
        if intent.reduce_only:  # a doubt must not keep a position open
            return
        raise NotSent(venue, request, "LEDGER_UNREADABLE", str(error)) from error
    if told:
        raise NotSent(venue, request, "NO_RIGHT", told)
    if intent.reduce_only:
        return
    # Last, because the question may have taken its time.
    ends, now = _ends.get(), _CLOCK.now()
    if ends is not None and now >= ends:
        late = f"the process stood still: its right to trade ended at {ends:%H:%M:%S} UTC, it is {now:%H:%M:%S}"
        raise NotSent(venue, request, "LEASE_OVER", late)


class FencedTransport(httpx.AsyncBaseTransport):
    """Looks at the right to send right before a request is written; the innermost of a session's transports."""

    def __init__(self, transport: httpx.AsyncBaseTransport, venue: str) -> None:
        self._transport = transport
        self._venue = venue

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Raises:
            NotSent: it changes something inside `fenced`, and has no right to leave any more.
        """
        intent = _sending.get()
        if intent is None or request.method == "GET":
            return await self._transport.handle_async_request(request)
        return await self._send_checked(request, intent)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def _send_checked(self, request: httpx.Request, intent: OrderIntent) -> httpx.Response:
        name = endpoint_of(request.method, request.url.path)

        async def look_again(event: str, _facts: object) -> None:
            if event.endswith(_AT_THE_WIRE):
                await check_fence(self._venue, name)

        # Before a connection is made, for whatever transport; and after, since making one may take seconds.
        await check_fence(self._venue, name)
        request.extensions["trace"] = look_again
        try:
            return await self._transport.handle_async_request(request)
        finally:
            # The stop of an entry follows it; before a closing order stops are taken away, and it is still to come.
            if request.method == "POST" and not intent.reduce_only:
                _sending.set(None)
