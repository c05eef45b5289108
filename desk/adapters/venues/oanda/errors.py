"""Where OANDA's errors become ours."""

from collections.abc import Mapping
from typing import Any

from desk.adapters.venue_http.reply import Reply, Unreadable
from desk.adapters.venues.oanda.reasons import MEANINGS
from desk.errors import AccessDenied, InvalidOrder, OrderRefused, VenueError

VENUE = "oanda"

_STATUSES: Mapping[int, type[VenueError]] = {400: InvalidOrder, 401: AccessDenied, 403: AccessDenied, 416: InvalidOrder}
"""What a status means where OANDA explains itself in words alone: the request was never looked at."""


def read_error(reply: Reply, request_name: str) -> VenueError | None:
    """Return what OANDA says went wrong, or None where it does not say so beyond doubt.

    A refusal inside 201 is a cancellation, which is told apart from other endings where the order is read.
    """
    if not 400 <= reply.status < 500 or reply.status == 429:
        return None
    body = _body(reply)
    word = body.get("errorCode") or _reject_reason(body)
    if not isinstance(word, str):
        return _unnamed(reply.status, body, request_name)
    message = str(body.get("errorMessage", ""))
    if word in MEANINGS or _is_rejected(body):
        return refusal(word, request_name, message)
    return _unnamed(reply.status, body, request_name) if reply.status in (401, 403) else None


def refusal(word: str, request_name: str, message: str = "") -> VenueError:
    """Return the error that a word stands for; one that we do not know is a refusal all the same."""
    return MEANINGS.get(word, OrderRefused)(VENUE, request_name, word, message)


def _unnamed(status: int, body: Mapping[str, Any], request_name: str) -> VenueError | None:
    message = body.get("errorMessage")
    if status not in _STATUSES or not isinstance(message, str):
        return None
    return _STATUSES[status](VENUE, request_name, str(status), message)


def _body(reply: Reply) -> Mapping[str, Any]:
    try:
        body = reply.json()
    except Unreadable:
        return {}  # a gateway's page: the session knows what its status means
    return body if isinstance(body, dict) else {}


def _is_rejected(body: Mapping[str, Any]) -> bool:
    return any(name.endswith("RejectTransaction") for name in body)


def _reject_reason(body: Mapping[str, Any]) -> object:
    rejects = (value for name, value in body.items() if name.endswith("RejectTransaction"))
    return next((reject["rejectReason"] for reject in rejects if "rejectReason" in reject), None)
