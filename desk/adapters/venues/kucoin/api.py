"""Calls of KuCoin's API with typed answers: opens the envelope and reads what is in it."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from desk.adapters.venue_http.reply import Reply
from desk.adapters.venue_http.session import Parameters, Request, VenueSession
from desk.adapters.venues.kucoin.errors import VENUE, WrongTime
from desk.errors import OrderRefused, OutcomeUnknown, RateLimited, VenueError, VenueUnavailable

T = TypeVar("T")


class Api:
    """One host of the venue under one set of credentials, or under none."""

    def __init__(self, session: VenueSession) -> None:
        self._session = session

    async def get(self, path: str, name: str, answer: TypeAdapter[T], query: Parameters | None = None) -> T:
        """Read something.

        Raises:
            VenueUnavailable: no usable answer, or one of another shape than expected.
        """
        return await self._read(Request("GET", path, name, query=query or {}), answer)

    async def ask(self, path: str, name: str, answer: TypeAdapter[T]) -> T:
        """Read something that the venue tells by POST, which changes nothing; see `get`."""
        return await self._read(Request("POST", path, name), answer)

    async def get_by(self, reading: Callable[[Reply], T], path: str, name: str, query: Parameters) -> T:
        """Read something that is read in a way of its own; see `get`."""
        told: T = await self._session.read(Request("GET", path, name, query=query, reading=reading))
        return told

    async def post(self, path: str, name: str, answer: TypeAdapter[T], body: dict[str, Any]) -> T:
        """Change something, once; see `_write`."""
        return await self._write(Request("POST", path, name, json=body), answer)

    async def delete(self, path: str, name: str, answer: TypeAdapter[T], query: Parameters | None = None) -> T:
        """Cancel something, once; see `_write`."""
        return await self._write(Request("DELETE", path, name, query=query or {}), answer)

    async def _read(self, request: Request, answer: TypeAdapter[T]) -> T:
        reply = await self._session.read(request)
        try:
            return answer.validate_python(_data(reply))
        except ValidationError as error:
            raise VenueUnavailable(VENUE, request.name, "UNREADABLE", _summary(error)) from None

    async def _write(self, request: Request, answer: TypeAdapter[T]) -> T:
        """Send once and read the answer.

        Raises:
            OrderRefused, AccessDenied, RateLimited: definitely not carried out.
            OutcomeUnknown: anything else that is not a plain yes.
        """
        try:
            reply = await self._session.write(request)
        except WrongTime as error:
            raise OrderRefused(VENUE, request.name, error.code, error.message) from error
        except VenueError as error:
            if _may_have_happened(error):
                raise OutcomeUnknown(VENUE, request.name, error.code, error.message) from error
            raise
        try:
            return answer.validate_python(_data(reply))
        except ValidationError as error:
            raise OutcomeUnknown(VENUE, request.name, "UNREADABLE", _summary(error)) from None


def _may_have_happened(error: VenueError) -> bool:
    """A server's trouble and a code that nobody has explained to us prove nothing about an order."""
    return type(error) is VenueError or (isinstance(error, VenueUnavailable) and not isinstance(error, RateLimited))


def _data(reply: Any) -> Any:
    return reply.get("data") if isinstance(reply, dict) else None


def _summary(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "the answer"
    return f"{error.error_count()} values of another shape than expected, the first at {place}: {first['msg']}"
