"""Coinbase's words: each has one meaning, and none that may hide a live order asks for a second try."""

import json

import pytest

from desk.adapters.venue_http.reply import Reply
from desk.adapters.venues.coinbase.errors import cancel_error, read_error
from desk.errors import (
    AccessDenied,
    InsufficientFunds,
    InvalidOrder,
    OrderRefused,
    OutcomeUnknown,
    RateLimited,
    VenueUnavailable,
)

REFUSALS = {
    "INSUFFICIENT_FUND": InsufficientFunds,
    "INSUFFICIENT_FUNDS": InsufficientFunds,
    "PREVIEW_INSUFFICIENT_FUND": InsufficientFunds,
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
    "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL": InvalidOrder,
    "PREVIEW_INVALID_QUOTE_SIZE_PRECISION": InvalidOrder,
    "PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE": InvalidOrder,
    "PREVIEW_BREACHED_PRICE_LIMIT": InvalidOrder,
    "PREVIEW_A_WORD_OF_TOMORROW": InvalidOrder,
    "INVALID_NO_LIQUIDITY": OrderRefused,
    "ORDER_ENTRY_DISABLED": OrderRefused,
    "INELIGIBLE_PAIR": OrderRefused,
    "COMMANDER_REJECTED_NEW_ORDER": OrderRefused,
    "IN_LIQUIDATION": OrderRefused,
    "UNTRADABLE_PRODUCT": OrderRefused,
    "INVALID_FCM_TRADING_SESSION": OrderRefused,
    "GEOFENCING_RESTRICTION": OrderRefused,
    "TOO_MANY_OPEN_ORDERS": OrderRefused,
    "DUPLICATE_CLIENT_ORDER_ID": OutcomeUnknown,
    "PREVIEW_DUPLICATE_CLIENT_ORDER_ID": OutcomeUnknown,
    "UNKNOWN_FAILURE_REASON": OutcomeUnknown,
    "A_WORD_OF_TOMORROW": OutcomeUnknown,
}
CANCEL_WORDS = {
    "UNKNOWN_CANCEL_FAILURE_REASON": OutcomeUnknown,
    "UNKNOWN_CANCEL_ORDER": OrderRefused,
    "INVALID_CANCEL_REQUEST": InvalidOrder,
    "COMMANDER_REJECTED_CANCEL_ORDER": OrderRefused,
    "DUPLICATE_CANCEL_REQUEST": OutcomeUnknown,
    "INVALID_CANCEL_PRODUCT_ID": InvalidOrder,
    "INVALID_CANCEL_FCM_TRADING_SESSION": OrderRefused,
    "NOT_ALLOWED_TO_CANCEL": OrderRefused,
    "ORDER_IS_FULLY_FILLED": OrderRefused,
    "ORDER_IS_BEING_REPLACED": OutcomeUnknown,
    "A_WORD_OF_TOMORROW": OutcomeUnknown,
}


def reply(status, body):
    text = body if isinstance(body, str) else json.dumps(body)
    return Reply(status, {}, text.encode())


def refused(**told):
    return reply(200, {"success": False, "error_response": told, "failure_reason": "UNKNOWN_FAILURE_REASON"})


@pytest.mark.parametrize("field", ["error", "new_order_failure_reason", "preview_failure_reason"])
@pytest.mark.parametrize(("word", "meaning"), REFUSALS.items())
def test_each_word_of_a_refusal_has_its_meaning_in_whichever_field_it_comes(word, meaning, field):
    error = read_error(refused(**{field: word}), "order sd-1")
    assert type(error) is meaning
    assert (error.venue, error.request, error.code) == ("coinbase", "order sd-1", word)


@pytest.mark.parametrize("word", REFUSALS)
def test_no_refusal_asks_for_a_second_try(word):
    assert not isinstance(read_error(refused(error=word), "order"), VenueUnavailable)


def test_a_default_in_one_field_does_not_hide_the_word_in_another():
    told = {
        "error": "UNKNOWN_FAILURE_REASON",
        "preview_failure_reason": "PREVIEW_INSUFFICIENT_FUND",
        "message": "Insufficient balance in source account",
    }
    error = read_error(refused(**told), "order")
    assert type(error) is InsufficientFunds
    assert error.message == "Insufficient balance in source account"


def test_a_refused_edit_tells_its_reason_in_a_list():
    body = {"success": False, "errors": [{"edit_failure_reason": "CANNOT_EDIT_TO_BELOW_FILLED_SIZE"}]}
    assert type(read_error(reply(200, body), "edit")) is InvalidOrder


@pytest.mark.parametrize(("word", "meaning"), CANCEL_WORDS.items())
def test_each_word_of_a_refused_cancellation_has_its_meaning(word, meaning):
    assert type(cancel_error(word, "cancel")) is meaning


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (400, {"error": "INVALID_ARGUMENT", "error_details": "start", "message": "start"}, InvalidOrder),
        (404, {"error": "NOT_FOUND", "error_details": "", "message": "no such product"}, InvalidOrder),
        (403, {"error": "PERMISSION_DENIED", "error_details": "Missing required scopes"}, AccessDenied),
        (401, {"error": "UNAUTHENTICATED"}, AccessDenied),
        (429, {"error": "RESOURCE_EXHAUSTED"}, RateLimited),
        (429, {"errors": [{"id": "rate_limit_exceeded", "message": "Too many"}]}, RateLimited),
        (401, {"errors": [{"id": "authentication_error", "message": "request timestamp expired"}]}, AccessDenied),
        (400, {"error": "unknown", "message": "order with this orderID was not found"}, InvalidOrder),
    ],
)
def test_http_errors_are_read_in_the_words_of_both_generations(status, body, meaning):
    assert type(read_error(reply(status, body), "request")) is meaning


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, "Unauthorized"),
        (500, {"error": "INTERNAL", "message": "oops"}),
        (503, {"error": "NOT_FOUND", "message": "says a gateway in between"}),
        (400, {"error": "A_WORD_OF_TOMORROW"}),
        (404, "<html>"),
        (200, {"success": True}),
        (200, {"orders": []}),
        (200, [1, 2]),
    ],
)
def test_what_coinbase_does_not_explain_is_left_to_the_session(status, body):
    assert read_error(reply(status, body), "request") is None
