"""Serves a host's paths: the envelope around what is answered, the headers of the call budget, errors."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from simulator.dialects.base import Refused, answer
from simulator.dialects.kucoin_common.call import Call, read_call
from simulator.dialects.kucoin_common.errors import wrong
from simulator.dialects.kucoin_common.pools import Pools
from simulator.exchange import Exchange

Answers: TypeAlias = Callable[[Call], Awaitable[object]]


class Priced(NamedTuple):
    """What answers at a path, and what it takes from which pool."""

    answers: Answers
    pool: str
    weight: int = 2


Paths: TypeAlias = Mapping[tuple[str, str], Priced]
"""By method and path without `/api/`, those with a name in them after those without."""


def app_of(exchange: Exchange, paths: Paths, further: Sequence[BaseRoute] = ()) -> Starlette:
    """Return the application of a host."""
    pools = Pools(exchange)
    routes = [
        Route(f"/api/{path}", _endpoint(priced, pools), methods=[method]) for (method, path), priced in paths.items()
    ]
    return Starlette(routes=[*routes, *further], exception_handlers={404: _not_found, 405: _not_found})


def _endpoint(priced: Priced, pools: Pools) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        is_enough, headers = pools.take(priced.pool, request.headers.get("kc-api-key", ""), priced.weight)
        try:
            if not is_enough:
                raise wrong("429000")
            return answer({"code": "200000", "data": await priced.answers(await read_call(request))}, headers=headers)
        except Refused as refused:
            return answer(refused.body, refused.status, headers)

    return answered


async def _not_found(_: Request, __: Exception) -> Response:
    refused = wrong("404000")
    return answer(refused.body, refused.status)
