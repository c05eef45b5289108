"""The venue's time: measured before what is signed with it, and asked for by everything that says what is recent."""

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Protocol

import httpx

from desk.adapters.venue_http.session import Request, VenueSession
from desk.adapters.venue_http.skew import ClockSkew
from desk.adapters.venues.coinbase.reading import read
from desk.adapters.venues.coinbase.wire.market import ServerTime
from desk.errors import AccessDenied, VenueError

TIME_PATH = "/api/v3/brokerage/time"
# The venue keeps its public answers for about a second.
_FRESH = {"Cache-Control": "no-cache"}
_NOTICEABLE = timedelta(seconds=5)
"""By how much a measure may differ from the one before though no clock was set: the venue lets 30 seconds pass."""


class VenueClock(Protocol):
    """Tells the venue's time."""

    def now(self) -> datetime:
        """Return it, aware UTC."""
        ...


class TimedAuth(httpx.Auth):
    """Asks for the venue's time where no fresh measure of it is there, then has the request signed.

    Signatures that are more than 30 seconds off are refused. Without an answer our own time serves, and the venue says
    whether it is wrong.
    """

    requires_request_body = True
    requires_response_body = True

    def __init__(self, signing: httpx.Auth, skew: ClockSkew) -> None:
        self._signing = signing
        self._skew = skew

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Measure where that is due, then sign and send."""
        if self._skew.is_due:
            sent = self._skew.clock.now()
            url = request.url.join(TIME_PATH)
            answer = yield httpx.Request("GET", url, headers=_FRESH, extensions=request.extensions)
            self._measure(answer, sent)
        yield from self._signing.auth_flow(request)

    def _measure(self, answer: httpx.Response, sent: datetime) -> None:
        try:
            told = ServerTime.model_validate_json(answer.content)
        except ValueError:
            return
        self._skew.observe(told.iso, sent, self._skew.clock.now())


class DeniedTime:
    """Whether a denial came of a wrong time: the venue says no more than that it denies; see `SigningTime`."""

    def __init__(self, skew: ClockSkew) -> None:
        self._skew = skew

    @property
    def offset(self) -> timedelta:
        """What is signed with."""
        return self._skew.offset

    async def was_wrong(self, offset: timedelta, session: VenueSession) -> bool:
        """Measure, unless that was done since the request was signed, and compare."""
        if not self._differs_from(offset):
            self._skew.forget()
            try:
                await measure(session, self._skew)
            except AccessDenied:
                return False  # whoever is denied even the time, which everybody is told, is not denied for its sake
            except VenueError:
                return True
        return self._differs_from(offset)

    def _differs_from(self, offset: timedelta) -> bool:
        return abs(self._skew.offset - offset) > _NOTICEABLE


async def measure(session: VenueSession, skew: ClockSkew) -> None:
    """Ask for the venue's time where no fresh measure of it is there.

    Raises:
        VenueError: it was not told.
    """
    if skew.is_due:
        sent = skew.clock.now()
        request = Request("GET", "/time", "the venue's time", headers=_FRESH, is_signed=False)
        told = await read(session, request, ServerTime)
        skew.observe(told.iso, sent, skew.clock.now())
