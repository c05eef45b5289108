"""What Aster's error codes mean to the desk."""

import re
from collections.abc import Mapping
from datetime import timedelta

from desk.adapters.venue_http.reply import Reply, Unreadable
from desk.errors import (
    AccessDenied,
    InsufficientFunds,
    InvalidOrder,
    OrderRefused,
    OutcomeUnknown,
    RateLimited,
    VenueError,
)

VENUE = "aster"
NO_SUCH_ORDER = "-2013"
CANCEL_REJECTED = "-2011"
MARGIN_TYPE_UNCHANGED = "-4046"
CLOCK_CODES = frozenset({"-1021", "-4225"})
"""Our time, or the nonce that was made from it, was not accepted: the request was not carried out."""

_CODES: Mapping[type[VenueError], tuple[int, ...]] = {
    # The request may have been carried out. -4115 and -4116 are ids that are taken: perhaps by this very request.
    OutcomeUnknown: (-1000, -1001, -1006, -1007, -1010, -1016, -4083, -4115, -4116),
    RateLimited: (-1003, -1015),
    AccessDenied: (-1002, -1004, -1005, -1011, -1022, -1109, -2014, -2015, -4056, -4057, -4088),
    InsufficientFunds: (-2018, -2019, -2028, -4050, -4051),
    # The venue cannot, or will not, take this order now: its state, or a limit of the account.
    OrderRefused: (
        *(-1021, -4225),
        *(-1020, -1112, -2010, -2011, -2016, -2020, -2021, -2022, -2023, -2024, -2025, -2027),
        *(-4045, -4046, -4047, -4048, -4049, -4052, -4053, -4054, -4059, -4067, -4068, -4084, -4087),
        *(-4118, -4131, -4140, -4141, -4142, -4161),
    ),
    # The request breaks a rule of its form, of the instrument's grid, or names what does not exist.
    InvalidOrder: (
        *(-1013, -1014, -1023, *range(-1106, -1099), -1108, -1110, -1111, *range(-1121, -1112), -1125, -1127),
        *(-1128, -1130, -1136, -2013, -2026, *range(-4032, -3999), -4033, -4044, -4055, -4058, *range(-4063, -4059)),
        *(-4082, -4085, -4086, -4104, -4114, -4135, -4137, -4138, -4139, -4144, -4164, -4165, -4183, -4184),
    ),
}
ERROR_CLASSES: Mapping[int, type[VenueError]] = {code: kind for kind, codes in _CODES.items() for code in codes}
"""By the venue's code; one that is not here explains nothing."""

_DUPLICATE = re.compile("duplicat", re.IGNORECASE)
_LONGEST_SUCCESS_WITH_CODE = 1_000


def class_of(code: int, message: str) -> type[VenueError] | None:
    """Return what a code means, or None for one that we do not know; "duplicated" in the venue's words outweighs it."""
    return OutcomeUnknown if _DUPLICATE.search(message) else ERROR_CLASSES.get(code)


def read_error(reply: Reply, request: str) -> VenueError | None:
    """Return the error that the venue explains beyond doubt.

    None where its words leave open whether the request was carried out, and for codes that we do not know: the session
    knows whether that was a read, to be tried again, or a write, whose outcome then is unknown. The same for a server
    error, whatever its code: the venue calls the outcome of a 503 unknown.
    """
    told = _told(reply)
    if told is None or reply.status >= 500:
        return None
    code, message = told
    kind = class_of(code, message)
    if kind is None or kind is OutcomeUnknown:
        return None
    if kind is RateLimited:
        return RateLimited(VENUE, request, str(code), message, retry_after=timedelta(0))
    return kind(VENUE, request, str(code), message)


def _told(reply: Reply) -> tuple[int, str] | None:
    """The code and the words of an error; successes that are too long for one are not read twice."""
    if reply.is_success and (len(reply.body) > _LONGEST_SUCCESS_WITH_CODE or b'"code"' not in reply.body):
        return None
    try:
        body = reply.json()
    except Unreadable:
        return None
    code = body.get("code") if isinstance(body, dict) else None
    return (code, str(body.get("msg", ""))) if isinstance(code, int) and code < 0 else None
