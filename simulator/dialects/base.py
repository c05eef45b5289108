"""What a dialect is, and what every dialect needs to serve HTTP."""

import json
from collections.abc import Mapping
from decimal import Decimal
from time import monotonic
from typing import Any, Protocol

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from simulator.exchange import Exchange
from simulator.proxy import LAG_HEADER
from simulator.records import Event, PlacedOrder
from simulator.venue import Venue


class Dialect(Protocol):
    """A module of this package that has these two names is a dialect; its file name is the venue's name."""

    VENUE: Venue

    @staticmethod
    def serve(exchange: Exchange) -> Starlette:
        """Return the application that answers at the venue's real paths."""
        ...

    @staticmethod
    def failure(status: int) -> bytes:
        """Return the venue's body of an HTTP error that has nothing to do with the request."""
        ...


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, body: Mapping[str, object]) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON reply; a Decimal becomes a number with all its digits."""
    return Response(orjson.dumps(body, default=exact), status, headers, media_type="application/json")


async def answer_refused(_: Request, error: Exception) -> Response:
    """Turn `Refused` into the reply that it asks for; for `exception_handlers`."""
    assert isinstance(error, Refused), f"expected a refusal, found {error!r}"
    return answer(error.body, error.status)


async def body_of(request: Request) -> Any:  # what a client sends has no type before the dialect has read it
    """Return the JSON body with exact numbers; None where it is not JSON."""
    try:
        return json.loads(await request.body() or b"{}", parse_float=Decimal)
    except ValueError:
        return None


def is_told(request: Request, happened: Event | PlacedOrder, *, lag: float = 0.0) -> bool:
    """Whether the venue tells of something already: it is older than the lag of the venue and of the fault script."""
    hidden = max(lag, float(request.headers.get(LAG_HEADER, 0)))
    return monotonic() - happened.noted >= hidden


def exact(value: object) -> orjson.Fragment:
    """Return a Decimal as a number with all its digits; for `orjson.dumps`."""
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}")
    raise TypeError(f"expected JSON, found {value!r}")
