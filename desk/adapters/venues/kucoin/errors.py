"""KuCoin's error codes and words as the desk's errors; the code decides, the HTTP status does not."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import TypeAlias

from desk.adapters.venue_http.reply import Reply, whole_units
from desk.errors import (
    AccessDenied,
    InsufficientFunds,
    InvalidOrder,
    OrderRefused,
    OutcomeUnknown,
    RateLimited,
    VenueError,
    VenueUnavailable,
)

VENUE = "kucoin"
SUCCESS = "200000"
_CONTENT = (b'{"code":"200000","data":[', b'{"code":"200000","data":{')
"""How a reply begins that has what was asked for; a long one is not read twice."""
_ErrorClass: TypeAlias = type[VenueError]


class UnknownOrder(InvalidOrder):
    """The venue has no such order, or none that it would cancel."""


class WrongTime(VenueUnavailable):
    """The request's time is too far from the venue's; it was not looked at, and the clock is measured again."""


CODES: Mapping[str, _ErrorClass] = {
    # the gateway; nothing behind it has seen the request
    "400001": AccessDenied,
    "400002": WrongTime,
    "400003": AccessDenied,
    "400004": AccessDenied,
    "400005": AccessDenied,
    "400006": AccessDenied,
    "400007": AccessDenied,
    "400008": AccessDenied,
    "400009": AccessDenied,
    "404000": OrderRefused,
    "411100": AccessDenied,
    "415000": OrderRefused,
    "429000": RateLimited,
    "1015": RateLimited,
    "500000": VenueUnavailable,
    # spot and wallets
    "200001": OrderRefused,
    "200002": OrderRefused,
    "200003": OrderRefused,
    "200004": InsufficientFunds,
    "230003": InsufficientFunds,
    "230005": VenueUnavailable,
    "260100": InsufficientFunds,
    "400100": InvalidOrder,
    "400600": OrderRefused,
    "600100": InvalidOrder,
    "600101": InvalidOrder,
    "600203": OrderRefused,
    "900001": InvalidOrder,
    # futures
    "100001": InvalidOrder,
    "100003": InvalidOrder,
    "100004": UnknownOrder,
    "300000": InvalidOrder,
    "300001": OrderRefused,
    "300002": OrderRefused,
    "300003": InsufficientFunds,
    "300004": OrderRefused,
    "300005": OrderRefused,
    "300008": OrderRefused,
    "300009": OrderRefused,
    "300011": InvalidOrder,
    "300012": InvalidOrder,
    "300013": OrderRefused,
    "300014": OrderRefused,
    "300015": OrderRefused,
    "300016": InvalidOrder,
    "300018": OutcomeUnknown,
    "330005": InvalidOrder,
    "330008": InsufficientFunds,
    "330011": InvalidOrder,
    "330012": InvalidOrder,
}

# Words are asked before codes: 400100, 100001 and 200002 mean several things. A client order id that is known already
# belongs to an order that may be live, so whatever is said about one sends us to look.
WORDS: Mapping[str, _ErrorClass] = {
    "clientoid": OutcomeUnknown,
    "order_not_exist": UnknownOrder,
    "ordernotexist": UnknownOrder,
    "order not exist": UnknownOrder,
    "order does not exist": UnknownOrder,
    "account.available.amount": InsufficientFunds,
    "account.nobalance": InsufficientFunds,
    "balance insufficient": InsufficientFunds,
    "out-transfer limit": InsufficientFunds,
    "access frequency": RateLimited,
    "rate limit": RateLimited,
    "too many requests": RateLimited,
    "error code: 1015": RateLimited,
}


def read_error(reply: Reply, request_name: str) -> VenueError | None:
    """Return what the venue says is wrong, or None where it says nothing or is content.

    A code that is not known becomes a plain `VenueError`; `Api` makes an unknown outcome of it where it sent an order.
    """
    if reply.body.startswith(_CONTENT):
        return None
    said = _read(reply.body)
    if said is None:
        text = reply.body[:500].decode(errors="replace")
        found = _by_words(text)
        return _error(found, reply, request_name, "1015", "Cloudflare asks for patience") if found else None
    code, message, has_data = said
    if code == SUCCESS and (has_data or not message):
        return None
    fallback = RateLimited if code == "200002" and reply.status == 429 else CODES.get(code, VenueError)
    return _error(_by_words(message) or fallback, reply, request_name, code, message)


def _read(body: bytes) -> tuple[str, str, bool] | None:
    """Code, message and whether there are data; None where the body is not an answer of the venue's own."""
    try:
        said = json.loads(body)
    except ValueError:
        return None
    if not isinstance(said, dict) or not isinstance(said.get("code"), str | int):
        return None
    return str(said["code"]), str(said.get("msg") or ""), said.get("data") is not None


def _by_words(message: str) -> _ErrorClass | None:
    lower = message.lower()
    return next((found for words, found in WORDS.items() if words in lower), None)


def _error(found: _ErrorClass, reply: Reply, request_name: str, code: str, message: str) -> VenueError:
    if issubclass(found, RateLimited):
        return found(VENUE, request_name, code, message, retry_after=_pause(reply))
    return found(VENUE, request_name, code, message)


def _pause(reply: Reply) -> timedelta:
    """Until the venue's pool of calls is full again, as it tells in milliseconds; a second where it does not."""
    told = whole_units(reply.headers.get("gw-ratelimit-reset", ""), timedelta(milliseconds=1))
    return timedelta(seconds=1) if told is None else told
