"""Reads replies into wire models, page by page where there are several; what cannot be read is no answer."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from desk.adapters.venue_http.session import Request, VenueSession
from desk.adapters.venues.coinbase.names import VENUE
from desk.adapters.venues.coinbase.wire.base import Page
from desk.errors import OrderRefused, OutcomeUnknown, VenueUnavailable

M = TypeVar("M", bound=BaseModel)
P = TypeVar("P", bound=Page)

UNREADABLE = "UNREADABLE"


class Writer(Protocol):
    """Sends what changes something at the venue."""

    async def write(self, request: Request) -> Any:
        """Send a request once and return the body of the reply; see `VenueSession.write`."""
        ...


class NoWriting:
    """Sends nothing: for accounts that are only looked at."""

    async def write(self, request: Request) -> Any:
        """Refuse.

        Raises:
            OrderRefused: always; nothing was sent.
        """
        message = "the account is read-only here, nothing was sent; allow writing in its configuration to trade"
        raise OrderRefused(VENUE, request.name, "READ_ONLY", message)


async def read(session: VenueSession, request: Request, model: type[M]) -> M:
    """Ask the venue for something.

    Raises:
        VenueUnavailable: no answer, or one that is not what was expected.
        VenueError: what the venue said instead.
    """
    body = await session.read(request)
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise VenueUnavailable(VENUE, request.name, UNREADABLE, _problem(error)) from error


async def write(writer: Writer, request: Request, model: type[M]) -> M:
    """Change something at the venue, once.

    Raises:
        OutcomeUnknown: no definite answer, or one that is not what was expected.
        VenueError: a definite no.
    """
    body = await writer.write(request)
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise OutcomeUnknown(VENUE, request.name, UNREADABLE, _problem(error)) from error


async def pages(session: VenueSession, request: Callable[[str], Request], model: type[P]) -> AsyncIterator[P]:
    """Yield every page of a list, which ends with an empty or a repeated cursor.

    Args:
        request: gives the request for the page at a cursor, empty for the first.
    """
    cursor, seen = "", set[str]()
    while cursor not in seen:
        seen.add(cursor)
        page = await read(session, request(cursor), model)
        yield page
        cursor = page.cursor
        if not cursor:
            return


def _problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}, found {str(first['input'])[:80]!r}"
