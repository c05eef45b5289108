"""A sign of life to somebody who notices when it stays away: a GET of an address that is nobody else's."""

import httpx
from pydantic import SecretStr

_PATIENCE = 5.0


async def give_sign(url: SecretStr, *, transport: httpx.AsyncBaseTransport | None = None) -> str:
    """Ask for the address once.

    Args:
        url: it is as good as a password, and is not repeated.
        transport: in place of the network.

    Returns:
        What went wrong; empty where the sign was taken.
    """
    try:
        async with httpx.AsyncClient(timeout=_PATIENCE, transport=transport) as client:
            reply = await client.get(url.get_secret_value())
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"expected DESK_PING_URL to answer, found {type(error).__name__}"
    return "" if reply.is_success else f"expected DESK_PING_URL to answer with 200, found {reply.status_code}"
