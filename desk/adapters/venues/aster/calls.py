"""One conversation with Aster: endpoints instead of paths, models instead of JSON, a clock that the venue accepts."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from pydantic import TypeAdapter

from desk.adapters.venue_http.reply import Reply, Unreadable
from desk.adapters.venue_http.session import Request, VenueSession
from desk.adapters.venue_http.skew import ClockSkew
from desk.adapters.venues.aster.endpoints import Generation, is_public
from desk.adapters.venues.aster.errors import CLOCK_CODES, VENUE
from desk.adapters.venues.aster.wire import SERVER_TIME, understood
from desk.errors import OrderRefused, OutcomeUnknown, VenueUnavailable

T = TypeVar("T")


class AsterCalls:
    """Asks and tells the venue through one session.

    Args:
        skew: what requests are signed with; measured here before the first signed request, again when it is old, and
            again when the venue does not accept a time.
    """

    def __init__(self, session: VenueSession, generation: Generation, skew: ClockSkew) -> None:
        self._session = session
        self._generation = generation
        self.skew = skew
        self._measuring = asyncio.Lock()

    async def ask(self, endpoint: str, name: str, adapter: TypeAdapter[T], **parameters: str | int) -> T:
        """Read something; `name` says what, in messages.

        Raises:
            VenueUnavailable: no usable answer.
            VenueError: what the venue said instead.
        """
        request = Request("GET", self._generation.path(endpoint), name, query=parameters)
        if not is_public(endpoint):
            await self._set_clock()
        try:
            raw = await self._session.read(request)
        except OrderRefused as error:
            if error.code not in CLOCK_CODES:
                raise
            raw = await self._ask_with_new_clock(request)
        try:
            return understood(adapter, raw)
        except Unreadable as error:
            raise VenueUnavailable(VENUE, name, "UNREADABLE", str(error)) from error

    async def ask_public(self, endpoint: str, name: str, reading: Callable[[Reply], T], **parameters: str | int) -> T:
        """Read something that is read in a way of its own, without a signature; see `ask`."""
        request = Request("GET", self._generation.path(endpoint), name, query=parameters, reading=reading)
        told: T = await self._session.read(request)
        return told

    async def tell(self, method: str, endpoint: str, name: str, adapter: TypeAdapter[T], **form: str | int) -> T:
        """Change something, once.

        Raises:
            OutcomeUnknown: it may have happened.
            VenueError: it has not.
        """
        await self._set_clock()
        try:
            raw = await self._session.write(Request(method, self._generation.path(endpoint), name, form=form))
            return understood(adapter, raw)
        except Unreadable as error:
            raise OutcomeUnknown(VENUE, name, "UNREADABLE", str(error)) from error
        except OrderRefused as error:
            if error.code in CLOCK_CODES:
                self.skew.forget()
            raise

    async def _ask_with_new_clock(self, request: Request) -> object:
        self.skew.forget()
        await self._set_clock()
        try:
            return await self._session.read(request)
        except OrderRefused as error:
            raise VenueUnavailable(VENUE, request.name, error.code, error.message) from error

    async def _set_clock(self) -> None:
        async with self._measuring:
            if self.skew.is_due:
                sent = self.skew.clock.now()
                told = await self.ask("time", "the time", SERVER_TIME)
                self.skew.observe(told.at, sent, self.skew.clock.now())
