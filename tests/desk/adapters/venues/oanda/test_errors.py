"""What OANDA says went wrong, and what it means for an order that may be alive."""

import json

import pytest

from desk.adapters.venue_http.reply import Reply
from desk.adapters.venues.oanda.errors import read_error, refusal
from desk.adapters.venues.oanda.reasons import ENDINGS, MEANINGS
from desk.errors import (
    AccessDenied,
    InsufficientFunds,
    InvalidOrder,
    OrderRefused,
    OutcomeUnknown,
    VenueUnavailable,
)
from desk.model.orders import OrderState
from tests.desk.adapters.venues.oanda.fake import shared

HTTP_200 = "transactions.OrderCancelReason"
HTTP_400 = "transactions.TransactionRejectReason"


def reply(status, **body):
    return Reply(status, {}, json.dumps(body).encode())


def test_every_reason_word_has_a_meaning():
    texts = shared("reason_texts.json")
    words = set(texts[HTTP_200]) | set(texts[HTTP_400])
    assert len(words) > 150
    assert words - MEANINGS.keys() == set()
    assert ENDINGS.keys() <= texts[HTTP_200].keys()


def test_no_word_says_that_an_order_may_be_sent_again():
    assert not [word for word, meaning in MEANINGS.items() if issubclass(meaning, VenueUnavailable)]


@pytest.mark.parametrize(
    "word", ["CLIENT_ORDER_ID_ALREADY_EXISTS", "CLIENT_TRADE_ID_ALREADY_EXISTS", "INTERNAL_SERVER_ERROR"]
)
def test_a_word_behind_which_an_order_may_live_makes_us_ask(word):
    told = read_error(reply(400, errorCode=word, orderRejectTransaction={"rejectReason": word}), "order")
    assert type(told) is OutcomeUnknown


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("INSUFFICIENT_MARGIN", InsufficientFunds),
        ("UNITS_MIMIMUM_NOT_MET", InvalidOrder),
        ("PRICE_PRECISION_EXCEEDED", InvalidOrder),
        ("MARKET_HALTED", OrderRefused),
        ("INSTRUMENT_NOT_TRADEABLE", OrderRefused),
        ("ACCOUNT_LOCKED", AccessDenied),
        ("ACCOUNT_NEW_POSITIONS_LOCKED", OrderRefused),
        ("FIFO_VIOLATION_SAFEGUARD_VIOLATION", OrderRefused),
        ("A_WORD_OF_NEXT_YEAR", OrderRefused),
    ],
)
def test_a_rejected_order_is_told_by_its_word_known_or_not(word, meaning):
    body = {"orderRejectTransaction": {"rejectReason": word, "id": "7"}, "errorCode": word, "errorMessage": "words"}
    told = read_error(reply(400, **body), "order sd-1")
    assert type(told) is meaning
    assert (told.venue, told.request, told.code, told.message) == ("oanda", "order sd-1", word, "words")
    assert type(read_error(reply(400, longOrderRejectTransaction={"rejectReason": word}), "x")) is meaning


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (reply(400, errorMessage="Invalid value specified for 'order.instrument'"), InvalidOrder),
        (reply(401, errorMessage="Insufficient authorization to perform request."), AccessDenied),
        (reply(403, errorMessage="The provided request was forbidden."), AccessDenied),
        (reply(403, errorCode="NEW_CODE", errorMessage="The provided request was forbidden."), AccessDenied),
        (reply(404, errorCode="NO_SUCH_ORDER", errorMessage="The order ID specified does not exist"), InvalidOrder),
        (reply(416, errorMessage="Invalid range"), InvalidOrder),
    ],
)
def test_a_request_that_was_never_looked_at_is_a_definite_no(answer, meaning):
    assert type(read_error(answer, "x")) is meaning


@pytest.mark.parametrize(
    "answer",
    [
        Reply(400, {}, b"<html>Bad Request</html>"),
        Reply(400, {}, b"[1]"),
        reply(400, errorCode="A_WORD_OF_NEXT_YEAR", errorMessage="without a rejected transaction"),
        reply(404, errorMessage="no code"),
        reply(405, errorMessage="Method not allowed"),
        reply(429, errorMessage="slow down"),
        reply(500, errorCode="INSUFFICIENT_MARGIN", errorMessage="a server error is none of our words"),
        reply(503, errorMessage="maintenance"),
        reply(201, orderCancelTransaction={"reason": "INSUFFICIENT_MARGIN"}),
    ],
    ids=lambda answer: f"{answer.status} {answer.body[:30].decode()}",
)
def test_what_is_not_beyond_doubt_is_left_to_the_session(answer):
    assert read_error(answer, "x") is None


def test_an_order_that_the_venue_did_not_refuse_ends_in_a_state():
    assert ENDINGS["TIME_IN_FORCE_EXPIRED"] is OrderState.EXPIRED
    assert type(refusal("INSUFFICIENT_MARGIN", "x")) is InsufficientFunds
