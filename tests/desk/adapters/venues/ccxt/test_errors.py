"""What ccxt's errors mean: nothing that may hide an order looks like a refusal or like something to repeat."""

from datetime import timedelta

import pytest

from desk.adapters.venues.ccxt.errors import read_failure, write_failure
from desk.errors import (
    AccessDenied,
    DataError,
    InsufficientFunds,
    InvalidOrder,
    OrderRefused,
    OutcomeUnknown,
    RateLimited,
    VenueError,
    VenueUnavailable,
)

ccxt = pytest.importorskip("ccxt", reason="ccxt is not installed")


@pytest.mark.parametrize(
    ("name", "on_read", "on_write"),
    [
        ("RateLimitExceeded", RateLimited, RateLimited),
        ("DDoSProtection", RateLimited, RateLimited),
        ("PermissionDenied", AccessDenied, AccessDenied),
        ("AccountSuspended", AccessDenied, AccessDenied),
        ("RestrictedLocation", AccessDenied, AccessDenied),
        ("InsufficientFunds", InsufficientFunds, InsufficientFunds),
        ("OrderNotFound", InvalidOrder, InvalidOrder),
        ("DuplicateOrderId", VenueError, OutcomeUnknown),
        ("OrderNotFillable", VenueError, InvalidOrder),
        ("BadSymbol", DataError, InvalidOrder),
        ("MarketClosed", VenueError, OrderRefused),
        ("InvalidNonce", VenueUnavailable, OrderRefused),
        ("RequestTimeout", VenueUnavailable, OutcomeUnknown),
        ("OnMaintenance", VenueUnavailable, OutcomeUnknown),
        ("ExchangeNotAvailable", VenueUnavailable, OutcomeUnknown),
        ("NullResponse", VenueUnavailable, OutcomeUnknown),
        ("CancelPending", VenueUnavailable, OutcomeUnknown),
        ("ExchangeError", VenueError, OutcomeUnknown),
    ],
)
def test_an_error_means_something_else_on_a_question_and_on_an_order(name, on_read, on_write):
    error = getattr(ccxt, name)("why")
    assert type(read_failure(error, "candles")) is on_read
    assert type(write_failure(error, "order")) is on_write


def test_every_error_of_ccxt_that_says_that_there_was_no_answer_leaves_an_order_unknown():
    known = (ccxt.RateLimitExceeded, ccxt.DDoSProtection, ccxt.InvalidNonce)
    classes = [one for name in dir(ccxt) if isinstance(one := getattr(ccxt, name), type)]
    silent = [one for one in classes if issubclass(one, ccxt.OperationFailed) and not issubclass(one, known)]
    assert len(silent) >= 8
    assert {type(write_failure(one(""), "order")) for one in silent} == {OutcomeUnknown}


@pytest.mark.parametrize("error", [KeyError("id"), TypeError("None"), AttributeError("x")])
def test_an_answer_that_ccxt_trips_over_is_no_answer(error):
    assert type(read_failure(error, "candles")) is VenueUnavailable
    assert type(write_failure(error, "order")) is OutcomeUnknown


def test_the_exchange_says_how_long_to_wait():
    error = read_failure(ccxt.RateLimitExceeded("slow"), "candles", pause=timedelta(seconds=30))
    assert error.retry_after == timedelta(seconds=30)


def test_what_was_signed_is_not_quoted():
    error = read_failure(
        ccxt.RequestTimeout("aster GET https://x.test/v3/order?apiKey=canary&signature=1 late"), "order"
    )
    assert "canary" not in str(error)
    assert "https://x.test/v3/order" in str(error)
