"""Every code of the venue has a class, and none that may hide a live order means "try again"."""

import json

import pytest

from desk.adapters.venue_http.reply import Reply
from desk.adapters.venues.aster.errors import ERROR_CLASSES, class_of, read_error
from desk.errors import (
    AccessDenied,
    InsufficientFunds,
    InvalidOrder,
    OrderRefused,
    OutcomeUnknown,
    RateLimited,
    VenueUnavailable,
)


def reply(body, status=400):
    return Reply(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode())


def told(code, message="words", status=400):
    return read_error(reply({"code": code, "msg": message}, status), "order sd-1")


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ([-2018, -2019], InsufficientFunds),
        (
            [-1111, -4014, -4023, -4164, -4003, -4004, -4005, -4013, -4015, -4016, -4024, -1102, -1121, -4061],
            InvalidOrder,
        ),
        ([-1003, -1015], RateLimited),
        ([-1022, -2014, -2015, -1002], AccessDenied),
        ([-2010, -2021, -2022, -2025, -2027, -4046, -4131, -4140, -4141, -2011, -1021, -4225], OrderRefused),
        ([-2013], InvalidOrder),
    ],
)
def test_codes_are_read_as_what_they_are(codes, kind):
    for code in codes:
        error = told(code)
        assert type(error) is kind, code
        assert (error.code, error.message, error.request) == (str(code), "words", "order sd-1")


@pytest.mark.parametrize("code", [-1000, -1001, -1006, -1007, -4115, -4116])
def test_codes_that_leave_the_outcome_open_are_left_to_the_session(code):
    assert ERROR_CLASSES[code] is OutcomeUnknown
    assert told(code) is None


def test_whatever_is_called_a_duplicate_may_be_our_own_order():
    assert class_of(-2010, "ClientOrderId is DUPLICATED.") is OutcomeUnknown
    assert told(-2010, "Duplicate order sent.") is None


def test_no_code_but_the_venues_patience_means_try_again():
    retried = {code for code, kind in ERROR_CLASSES.items() if issubclass(kind, VenueUnavailable)}
    assert retried == {-1003, -1015}


def test_a_server_error_is_unknown_whatever_its_code_says():
    assert told(-2019, status=503) is None


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"",
        b'{"code"',
        [1, 2],
        {"code": 200, "msg": "success"},
        {"code": "200"},
        {"code": -99_999, "msg": ""},
    ],
)
def test_what_explains_nothing_is_no_error_of_the_venue(body):
    assert read_error(reply(body), "thing") is None


def test_an_error_inside_a_success_is_an_error():
    assert isinstance(told(-2019, status=200), InsufficientFunds)


def test_a_long_success_is_not_taken_for_an_error():
    assert read_error(reply({"code": -2019, "msg": "x" * 2_000}, 200), "thing") is None
