"""Asks OANDA for models instead of JSON, and remembers the newest transaction that any reply has told of."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from desk.adapters.venue_http.reply import Unreadable
from desk.adapters.venue_http.session import Request, VenueSession
from desk.adapters.venues.oanda.errors import VENUE
from desk.adapters.venues.oanda.wire.base import AccountReply
from desk.errors import OutcomeUnknown, VenueError, VenueUnavailable

Model = TypeVar("Model", bound=BaseModel)
Value = TypeVar("Value")

_HEADERS = {"Accept-Datetime-Format": "RFC3339"}


class OandaApi:
    """The conversation about one account.

    Attributes:
        last_seen: the newest transaction of the account that any reply has told of; 0 before the first.
    """

    def __init__(self, session: VenueSession, account_id: str) -> None:
        self._session = session
        self._account = f"/v3/accounts/{account_id}"
        self.last_seen = 0

    async def read(self, model: type[Model], path: str, name: str, **query: str | int) -> Model:
        """Return what the account's `path` answers; see `VenueSession.read`."""
        request = Request("GET", self._account + path, name, query=query, headers=_HEADERS)
        body = await self._session.read(request)
        return self._noted(_understood(lambda: model.model_validate(body), name, VenueUnavailable))

    async def read_arrays(self, read: Callable[[Any], Value], path: str, name: str, **query: str | int) -> Value:
        """Return what the account's `path` answers, as `read` understands it."""
        return await self.read_market(read, self._account.removeprefix("/v3") + path, name, **query)

    async def read_market(self, read: Callable[[Any], Value], path: str, name: str, **query: str | int) -> Value:
        """Return what a path outside of the account answers, as `read` understands it."""
        body = await self._session.read(Request("GET", f"/v3{path}", name, query=query, headers=_HEADERS))
        return _understood(lambda: read(body), name, VenueUnavailable)

    async def write(self, model: type[Model], method: str, path: str, name: str, body: object = None) -> Model:
        """Change something, once; see `VenueSession.write`.

        Raises:
            OutcomeUnknown: also where the answer arrived and cannot be understood.
        """
        request = Request(method, self._account + path, name, json=body, headers=_HEADERS)
        answer = await self._session.write(request)
        return self._noted(_understood(lambda: model.model_validate(answer), name, OutcomeUnknown))

    def _noted(self, reply: Model) -> Model:
        if isinstance(reply, AccountReply):
            self.last_seen = max(self.last_seen, reply.last_transaction_id)
        return reply


def _understood(understand: Callable[[], Value], name: str, otherwise: type[VenueError]) -> Value:
    try:
        return understand()
    except ValidationError as error:
        told = error.errors(include_url=False, include_context=False, include_input=False)
        message = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in told[:3])
        raise otherwise(VENUE, name, "UNREADABLE", message) from None
    except Unreadable as error:
        raise otherwise(VENUE, name, "UNREADABLE", str(error)) from None
