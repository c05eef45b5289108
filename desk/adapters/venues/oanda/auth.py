"""Shows OANDA the account's token; nothing else touches it."""

from collections.abc import Generator

import httpx
from pydantic import SecretStr


class BearerAuth(httpx.Auth):
    """Adds the personal token to each request."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request with its `Authorization`."""
        request.headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        yield request
