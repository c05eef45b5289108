"""From Coinbase's words to our errors: refusals inside HTTP 200, gRPC words, and the older list of errors.

A word that is not known here is no definite answer: it stays with the session, which tries a read again and calls
the outcome of a write unknown. So does every word of a server error.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from desk.adapters.venue_http.reply import Reply, Unreadable
from desk.adapters.venues.coinbase.names import VENUE
from desk.errors import (
    AccessDenied,
    InsufficientFunds,
    InvalidOrder,
    OrderRefused,
    OutcomeUnknown,
    RateLimited,
    VenueError,
)

NOT_FOUND = "NOT_FOUND"
NOT_CANCELLED = "UNKNOWN_CANCEL_FAILURE_REASON"

_ErrorClass: TypeAlias = type[VenueError]

REFUSALS: Mapping[str, _ErrorClass] = {
    "INSUFFICIENT_FUND": InsufficientFunds,
    "INSUFFICIENT_FUNDS": InsufficientFunds,
    "INVALID_LEDGER_BALANCE": InsufficientFunds,
    "UNSUPPORTED_ORDER_CONFIGURATION": InvalidOrder,
    "INVALID_SIDE": InvalidOrder,
    "INVALID_PRODUCT_ID": InvalidOrder,
    "INVALID_SIZE_PRECISION": InvalidOrder,
    "INVALID_PRICE_PRECISION": InvalidOrder,
    "INVALID_LIMIT_PRICE_POST_ONLY": InvalidOrder,
    "INVALID_LIMIT_PRICE": InvalidOrder,
    "INVALID_REQUEST": InvalidOrder,
    "INVALID_MARGIN_TYPE": InvalidOrder,
    "INVALID_LEVERAGE": InvalidOrder,
    "INVALID_NO_LIQUIDITY": OrderRefused,
    "ORDER_ENTRY_DISABLED": OrderRefused,
    "INELIGIBLE_PAIR": OrderRefused,
    "COMMANDER_REJECTED_NEW_ORDER": OrderRefused,
    "IN_LIQUIDATION": OrderRefused,
    "UNTRADABLE_PRODUCT": OrderRefused,
    "INVALID_FCM_TRADING_SESSION": OrderRefused,
    "GEOFENCING_RESTRICTION": OrderRefused,
    "COMMANDER_REJECTED_EDIT_ORDER": OrderRefused,
    "CALLER_ID_MISMATCH": OrderRefused,
    "ORDER_NOT_FOUND": InvalidOrder,
    "CANNOT_EDIT_TO_BELOW_FILLED_SIZE": InvalidOrder,
    "ONLY_LIMIT_ORDER_EDITS_SUPPORTED": InvalidOrder,
    "INVALID_EDITED_PRICE": InvalidOrder,
    "INVALID_EDITED_SIZE": InvalidOrder,
}
"""Why an order or an edit was not accepted; the venue says so with `success: false`."""

_PREFIXES: Mapping[str, _ErrorClass] = {
    "DUPLICATE": OutcomeUnknown,  # the first order of that id exists
    "PREVIEW_DUPLICATE": OutcomeUnknown,
    "PREVIEW_INSUFFICIENT": InsufficientFunds,
    "PREVIEW_INVALID_LEDGER_BALANCE": InsufficientFunds,
    "PREVIEW_": InvalidOrder,
    "TOO_MANY": OrderRefused,
}
"""Families of words, the narrower before the wider. What fails in the preview was never made an order."""

CANCEL_REFUSALS: Mapping[str, _ErrorClass] = {
    NOT_CANCELLED: OutcomeUnknown,
    "DUPLICATE_CANCEL_REQUEST": OutcomeUnknown,
    "ORDER_IS_BEING_REPLACED": OutcomeUnknown,
    "UNKNOWN_CANCEL_ORDER": OrderRefused,
    "INVALID_CANCEL_REQUEST": InvalidOrder,
    "INVALID_CANCEL_PRODUCT_ID": InvalidOrder,
    "COMMANDER_REJECTED_CANCEL_ORDER": OrderRefused,
    "INVALID_CANCEL_FCM_TRADING_SESSION": OrderRefused,
    "NOT_ALLOWED_TO_CANCEL": OrderRefused,
    "ORDER_IS_FULLY_FILLED": OrderRefused,
}
"""Why one order of a cancellation was not cancelled; what became of it, the order itself tells."""

HTTP_WORDS: Mapping[str, _ErrorClass] = {
    "INVALID_ARGUMENT": InvalidOrder,
    "OUT_OF_RANGE": InvalidOrder,
    "UNIMPLEMENTED": InvalidOrder,
    NOT_FOUND: InvalidOrder,
    "FAILED_PRECONDITION": OrderRefused,
    "ALREADY_EXISTS": OutcomeUnknown,
    "PERMISSION_DENIED": AccessDenied,
    "UNAUTHENTICATED": AccessDenied,
    "RESOURCE_EXHAUSTED": RateLimited,
    "RATE_LIMIT_EXCEEDED": RateLimited,
    "AUTHENTICATION_ERROR": AccessDenied,
    "UNAUTHORIZED": AccessDenied,
    "INVALID_TOKEN": AccessDenied,
    "REVOKED_TOKEN": AccessDenied,
    "EXPIRED_TOKEN": AccessDenied,
    "INVALID_SCOPE": AccessDenied,
    "INVALID_AUTHENTICATION_METHOD": AccessDenied,
    "PARAM_REQUIRED": InvalidOrder,
    "VALIDATION_ERROR": InvalidOrder,
    "INVALID_REQUEST": InvalidOrder,
}
"""What an HTTP error of the class 4xx says, in the words of gRPC and of the older interface."""

_REASONS = ("error", "new_order_failure_reason", "preview_failure_reason", "edit_failure_reason", "failure_reason")


def read_error(reply: Reply, request: str) -> VenueError | None:
    """Return what Coinbase explains as an error, None where the reply is none or leaves the outcome open."""
    if reply.is_success and b'"success"' not in reply.body:
        return None  # candles and lists are long, and are read once
    body = _body(reply)
    if body is None or reply.status >= 500:
        return None
    if reply.is_success:
        return _refusal(body, request) if body.get("success") is False else None
    return _http_error(body, request)


def cancel_error(word: str, request: str) -> VenueError:
    """Return what a cancellation that was not accepted means."""
    return CANCEL_REFUSALS.get(word, OutcomeUnknown)(VENUE, request, word, "the venue did not take the cancellation")


def _body(reply: Reply) -> dict[str, Any] | None:
    try:
        body = reply.json()
    except Unreadable:
        return None  # the session says what an unreadable reply means
    return body if isinstance(body, dict) else None


def _refusal(body: dict[str, Any], request: str) -> VenueError:
    told = _told(body)
    words = [word for part in told for key in _REASONS if (word := _text(part, key)) and not _says_nothing(word)]
    classes = [(word, found) for word in words if (found := _class_of(word)) is not None]
    word, found = classes[0] if classes else (words[0] if words else "UNKNOWN_FAILURE_REASON", OutcomeUnknown)
    message = next((text for part in told for key in ("message", "error_details") if (text := _text(part, key))), word)
    return found(VENUE, request, word, message)


def _told(body: dict[str, Any]) -> list[dict[str, Any]]:
    errors = body.get("errors")
    parts = [body.get("error_response"), *(errors if isinstance(errors, list) else ()), body]
    return [part for part in parts if isinstance(part, dict)]


def _says_nothing(word: str) -> bool:
    """Whether a reason is only the default of its field."""
    return word.startswith("UNKNOWN_") or word.endswith("_UNSPECIFIED")


def _class_of(word: str) -> _ErrorClass | None:
    known = REFUSALS.get(word)
    return known or next((found for start, found in _PREFIXES.items() if word.startswith(start)), None)


def _http_error(body: dict[str, Any], request: str) -> VenueError | None:
    for word, message in _http_words(body):
        found = HTTP_WORDS.get(word)
        if found is RateLimited:
            # The session puts in how long the venue asks to wait.
            return RateLimited(VENUE, request, word, message, retry_after=timedelta(seconds=1))
        if found is not None:
            return found(VENUE, request, word, message)
        if "was not found" in message:
            return InvalidOrder(VENUE, request, NOT_FOUND, message)
    return None


def _http_words(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    errors = body.get("errors")
    for part in (body, *(errors if isinstance(errors, list) else ())):
        if isinstance(part, dict):
            word = _text(part, "error") or _text(part, "id")
            yield word.upper(), _text(part, "message") or _text(part, "error_details")


def _text(part: dict[str, Any], key: str) -> str:
    value = part.get(key)
    return value if isinstance(value, str) else ""
