"""The venue's time: measured before what is signed with it, and asked for by everything that says what is recent."""

from collections.abc import Generator
from datetime import datetime
from typing import Protocol

import httpx

from desk.adapters.venue_http.skew import ClockSkew
from desk.adapters.venues.coinbase.wire.market import ServerTime

TIME_PATH = "/api/v3/brokerage/time"


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
            # The venue keeps its public answers for about a second.
            headers = {"Cache-Control": "no-cache"}
            url = request.url.join(TIME_PATH)
            answer = yield httpx.Request("GET", url, headers=headers, extensions=request.extensions)
            self._measure(answer, sent)
        yield from self._signing.auth_flow(request)

    def _measure(self, answer: httpx.Response, sent: datetime) -> None:
        try:
            told = ServerTime.model_validate_json(answer.content)
        except ValueError:
            return
        self._skew.observe(told.iso, sent, self._skew.clock.now())
