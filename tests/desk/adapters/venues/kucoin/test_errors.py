"""Every code and word of the venue has a meaning, and none that may hide a live order means "send again"."""

import json
import re
from datetime import timedelta

import pytest

from desk.adapters.venue_http.reply import Reply
from desk.adapters.venues.kucoin.errors import CODES, UnknownOrder, WrongTime, read_error
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
from tests.desk.adapters.venues.kucoin.venue import HF, intent, no, open_spot, spot_venue

LISTED = re.findall(
    r"\d+",
    """
    400001 400002 400003 400004 400005 400006 400007 400008 400009 404000 411100 415000 500000 429000 1015
    200001 200002 200003 200004 400100 400600 600100 600101 600203 900001 230003 230005 260100 100001 100003
    100004 300000 300001 300002 300003 300004 300005 300008 300009 300011 300012 300013 300014 300015 300016
    300018 330005 330008 330011 330012
    """,
)


def error(code, message="", status=200, **headers):
    body = json.dumps({"code": code, "msg": message}).encode()
    return read_error(Reply(status, headers, body), "thing")


@pytest.mark.parametrize("code", LISTED)
def test_every_listed_code_has_a_class_of_its_own(code):
    found = error(code, "words")
    assert type(found) is CODES[code]
    assert type(found) is not VenueError
    assert (found.venue, found.request, found.code, found.message) == ("kucoin", "thing", code, "words")


def test_no_code_is_mapped_that_is_not_listed():
    assert sorted(CODES) == sorted(LISTED)


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("400100", "validation.createOrder.clientOidDuplicated", OutcomeUnknown),
        ("300018", "clientOid repeated", OutcomeUnknown),
        ("400100", "account.available.amount", InsufficientFunds),
        ("400100", "Order size below the minimum requirement.", InvalidOrder),
        ("400100", "order_not_exist_or_not_allow_to_cancel", UnknownOrder),
        ("400100", "The order does not exist.", UnknownOrder),
        ("400100", "order not exist", UnknownOrder),
        ("100001", "error.getOrder.orderNotExist", UnknownOrder),
        ("100001", "Quantity parameter cannot be empty.", InvalidOrder),
        ("100004", "Order is in not cancelable state", UnknownOrder),
        ("200002", "Exceeded the access frequency", RateLimited),
        ("200002", "cancellation is suspended", OrderRefused),
        ("260100", "account.noBalance", InsufficientFunds),
        ("200000", "Unsuccessful! Exceeded the max. funds out-transfer limit", InsufficientFunds),
        ("400004", "Invalid KC-API-PASSPHRASE", AccessDenied),
        ("400002", "KC-API-TIMESTAMP Invalid", WrongTime),
    ],
)
def test_words_decide_where_a_code_means_several_things(code, message, expected):
    assert type(error(code, message)) is expected


@pytest.mark.parametrize("status", [200, 400, 403, 404, 500, 503])
def test_the_code_decides_and_not_the_http_status(status):
    assert type(error("200004", "Balance insufficient!", status)) is InsufficientFunds


@pytest.mark.parametrize(
    "body", [b'{"code":"200000","data":null}', b'{"code":"200000","data":[]}', b"[]", b"<html>", b"{}"]
)
def test_content_and_answers_that_are_not_the_venues_are_no_error_here(body):
    assert read_error(Reply(200, {}, body), "thing") is None


def test_the_venue_says_how_long_its_pool_of_calls_stays_empty():
    found = error("429000", "too many", 429, **{"gw-ratelimit-reset": "1500"})
    assert found.retry_after == timedelta(milliseconds=1500)


def test_cloudflare_asks_for_patience_in_its_own_words():
    found = read_error(Reply(429, {}, b"error code: 1015"), "thing")
    assert (type(found), found.code) == (RateLimited, "1015")


@pytest.mark.parametrize(
    ("code", "status"), [("500000", 200), ("230005", 200), ("999999", 400), ("999999", 200), ("300018", 400)]
)
async def test_an_order_answered_by_what_proves_nothing_has_an_unknown_outcome(code, status):
    venue = spot_venue().on("POST", HF, no(code, "words", status))
    async with open_spot(venue) as spot:
        with pytest.raises(OutcomeUnknown):
            await spot.trading.submit(intent())
    assert len(venue.bodies(HF)) == 1


@pytest.mark.parametrize("code", sorted(set(LISTED) - {"500000", "230005", "300018", "1015", "429000"}))
async def test_a_definite_no_to_an_order_is_told_as_one(code):
    venue = spot_venue().on("POST", HF, no(code, "words"))
    async with open_spot(venue) as spot:
        with pytest.raises((OrderRefused, AccessDenied)):
            await spot.trading.submit(intent())


async def test_a_read_is_tried_again_while_the_venue_is_busy():
    venue = spot_venue().on("GET", "/api/v1/accounts", no("230005", "busy"), [])
    async with open_spot(venue) as spot:
        await spot.trading.account()
    assert len(venue.sent("GET", "/api/v1/accounts")) == 2


@pytest.mark.parametrize("data", [{"orderId": None}, "half", [{"currency": "USDT"}]])
async def test_a_read_of_another_shape_than_expected_is_no_answer(data):
    venue = spot_venue().on("GET", "/api/v1/accounts", data)
    async with open_spot(venue) as spot:
        with pytest.raises(VenueUnavailable, match="UNREADABLE"):
            await spot.trading.account()


async def test_an_order_whose_answer_has_another_shape_than_expected_has_an_unknown_outcome():
    venue = spot_venue().on("POST", HF, {"nothing": 1})
    async with open_spot(venue) as spot:
        with pytest.raises(OutcomeUnknown, match="UNREADABLE"):
            await spot.trading.submit(intent())
