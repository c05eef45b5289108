"""The gate that every single request to a venue goes through, retries and clock measurements included."""

from datetime import timedelta
from typing import Protocol

import httpx

from desk.adapters.venue_http.endpoints import endpoint_of


class Meter(Protocol):
    """Says whether a request may leave, and learns what became of it. Endpoints are named as by `endpoint_of`."""

    async def admit(self, endpoint: str) -> None:
        """Return when a request may leave, at once or after a short wait.

        Raises:
            RateLimited: it may not leave before `retry_after`; nothing was sent.
        """
        ...

    def count(self, endpoint: str, status: int | None) -> None:
        """Note that a request left; `status` is of its reply, None where none arrived."""
        ...

    async def pause(self, endpoint: str, status: int, length: timedelta, why: str) -> None:
        """Note that the venue wants to hear nothing for a while; must not raise, since a reply is being read."""
        ...


class MeteredTransport(httpx.AsyncBaseTransport):
    """Sends what the meter lets pass."""

    def __init__(self, transport: httpx.AsyncBaseTransport, meter: Meter) -> None:
        self._transport = transport
        self._meter = meter

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request once the meter admits it, and have it counted whatever becomes of it."""
        endpoint = endpoint_of(request.method, request.url.path)
        await self._meter.admit(endpoint)
        status = None
        try:
            response = await self._transport.handle_async_request(request)
            status = response.status_code
            return response
        finally:
            self._meter.count(endpoint, status)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()
