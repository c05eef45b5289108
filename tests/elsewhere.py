"""Connections that end at a simulator whatever host they are for, so that a real world of a venue can be pretended."""

from collections.abc import Mapping

import httpx


class Elsewhere(httpx.AsyncBaseTransport):
    """Sends what is for a host to an address of this machine; what is for any other host fails."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._addresses = {host: httpx.URL(address) for host, address in addresses.items()}
        self._inner = httpx.AsyncHTTPTransport(retries=0)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        there = self._addresses.get(request.url.host)
        if there is None:
            raise httpx.ConnectError(f"no pretended host {request.url.host}")
        request.url = request.url.copy_with(scheme=there.scheme, host=there.host, port=there.port)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()
