"""A sign of life is one GET, and what goes wrong with it never repeats the address."""

import httpx
import pytest
from pydantic import SecretStr

from desk.adapters.notify.heartbeat import give_sign

URL = SecretStr("https://signs.example/canary")


def answering(status: int, asked: list[str]) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url}")
        return httpx.Response(status)

    return httpx.MockTransport(answer)


async def test_the_address_is_asked_for_once():
    asked: list[str] = []
    assert await give_sign(URL, transport=answering(200, asked)) == ""
    assert asked == ["GET https://signs.example/canary"]


@pytest.mark.parametrize("url", ["https://signs.example/canary", "http://[canary"])
async def test_trouble_is_told_without_the_address(url: str):
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"no way to {request.url}", request=request)

    for transport in (answering(500, []), httpx.MockTransport(refuse)):
        told = await give_sign(SecretStr(url), transport=transport)
        assert told
        assert "canary" not in told
