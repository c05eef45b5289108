"""What ccxt's errors mean to the desk; the first of an error's classes that is listed counts."""

import re
from collections.abc import Mapping
from datetime import timedelta

from desk.errors import (
    AccessDenied,
    DataError,
    DeskError,
    InsufficientFunds,
    InvalidOrder,
    OrderRefused,
    OutcomeUnknown,
    RateLimited,
    VenueError,
    VenueUnavailable,
)

VENUE = "ccxt"
_QUERY = re.compile(r"\?\S*")
UNNAMED_PAUSE = timedelta(seconds=1)
"""How long to wait where the exchange asks for patience and does not say how much."""

_BOTH: Mapping[str, type[DeskError]] = {
    "RateLimitExceeded": RateLimited,
    "DDoSProtection": RateLimited,
    "AuthenticationError": AccessDenied,
    "RestrictedLocation": AccessDenied,
    "InsufficientFunds": InsufficientFunds,
    "OrderNotFound": InvalidOrder,
}
READS: Mapping[str, type[DeskError]] = {
    **_BOTH,
    "BadSymbol": DataError,
    "NotSupported": VenueError,
    "OperationFailed": VenueUnavailable,
    "ExchangeError": VenueError,
}
WRITES: Mapping[str, type[DeskError]] = {
    **_BOTH,
    # The id is taken, perhaps by this very order.
    "DuplicateOrderId": OutcomeUnknown,
    "InvalidOrder": InvalidOrder,
    "BadRequest": InvalidOrder,
    "ArgumentsRequired": InvalidOrder,
    "NotSupported": InvalidOrder,
    "OperationRejected": OrderRefused,
    # Our time was not accepted: the request was not looked at.
    "InvalidNonce": OrderRefused,
    # Everything else may hide an order: no answer, a server's trouble, a code that ccxt does not know.
}


def read_failure(error: Exception, request: str, *, pause: timedelta | None = None) -> DeskError:
    """Return what an error means for a question.

    Args:
        pause: how long the exchange asks to wait, where it does.
    """
    # ccxt calls a connection that broke in the middle of an answer an error of the exchange.
    is_broken = type(error.__cause__).__module__.startswith("aiohttp")
    found = None if is_broken else _class_of(error, READS)
    return _made(found or VenueUnavailable, error, request, pause)


def write_failure(error: Exception, request: str, *, pause: timedelta | None = None) -> DeskError:
    """Return what an error means for a change; see `read_failure`."""
    return _made(_class_of(error, WRITES) or OutcomeUnknown, error, request, pause)


def _class_of(error: Exception, table: Mapping[str, type[DeskError]]) -> type[DeskError] | None:
    return next((table[one.__name__] for one in type(error).__mro__ if one.__name__ in table), None)


def _made(found: type[DeskError], error: Exception, request: str, pause: timedelta | None) -> DeskError:
    # ccxt quotes the address that it asked, which may carry a key and carries a signature.
    code, message = type(error).__name__, _QUERY.sub("", str(error))
    if issubclass(found, RateLimited):
        return found(VENUE, request, code, message, retry_after=pause or UNNAMED_PAUSE)
    if issubclass(found, VenueError):
        return found(VENUE, request, code, message)
    return found(f"{VENUE}: {request} failed [{code}]: {message}")
