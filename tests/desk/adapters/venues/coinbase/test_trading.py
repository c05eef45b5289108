"""Orders at Coinbase: sent once, followed, found again by an id that the venue has no question for, cancelled."""

import json
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from desk.adapters.budget.urgency import is_urgent
from desk.errors import (
    AccessDenied,
    InsufficientFunds,
    InvalidOrder,
    NotSent,
    OrderRefused,
    OutcomeUnknown,
    RateLimited,
    VenueUnavailable,
)
from desk.model.instrument import Side
from desk.model.orders import Barriers, FillReason, OrderState, OrderType, TimeInForce
from tests.desk.adapters.venues.coinbase.venue import NOW, Sleeper, Venue, fill, intent, opened, order, refusal, stamp

FILLED = {"status": "FILLED", "filled_size": "0.5"}
MARKET = {"order_configuration": {"market_market_ioc": {"base_size": "0.5"}}}
RESTING = {"type": OrderType.LIMIT, "price": Decimal(49000), "time_in_force": TimeInForce.GTC}
BRACKET = {
    "side": "SELL",
    "order_configuration": {
        "trigger_bracket_gtc": {"base_size": "0.5", "limit_price": "52000", "stop_trigger_price": "49000"}
    },
}
LOST = [
    httpx.ReadTimeout("slow"),
    httpx.RemoteProtocolError("half a reply"),
    httpx.Response(500, text="oops"),
    httpx.Response(503, json={"error": "UNAVAILABLE"}),
    httpx.Response(200, text='{"success": tr'),
    httpx.Response(200, json={"success": True}),
    httpx.Response(200, json={"order_id": "1234"}),
    refusal("UNKNOWN_FAILURE_REASON"),
    refusal("DUPLICATE_CLIENT_ORDER_ID"),
]


@pytest.fixture
def venue():
    return Venue()


@pytest.fixture
def sleeper():
    return Sleeper()


@pytest.fixture
def trading(venue, sleeper):
    return opened(venue, sleeper).trading


async def test_an_order_that_fills_at_once_is_returned_with_its_fills(venue, trading):
    venue.on_create = lambda body: order("sd-1", **FILLED, **MARKET)
    venue.fills = [fill("E1", "sd-1", "0.2"), fill("E2", "sd-1", "0.3", "50001"), fill("E1", "sd-1", "0.2")]
    placed = await trading.submit(intent())
    assert (placed.state, placed.filled_quantity, placed.type) == (OrderState.FILLED, Decimal("0.5"), OrderType.MARKET)
    assert placed.venue_order_id == "V-sd-1"
    assert [(one.venue_trade_id, one.quantity) for one in placed.fills] == [
        ("E1", Decimal("0.2")),
        ("E2", Decimal("0.3")),
    ]
    first = placed.fills[0]
    assert (first.client_order_id, first.instrument, first.side) == ("sd-1", "BTC/USD", Side.BUY)
    assert (first.price, first.fee, first.fee_currency) == (Decimal(50000), Decimal("0.12"), "USD")
    assert (first.at, first.reason, first.realised_profit) == (NOW - timedelta(minutes=4), FillReason.ORDER, None)


async def test_an_order_that_takes_a_moment_is_followed_until_it_is_done(venue, trading, sleeper):
    venue.on_create = lambda body: order("sd-1", status="PENDING", **MARKET)
    sleeper.then = lambda: venue.orders[0].update(FILLED)
    assert (await trading.submit(intent())).state is OrderState.FILLED
    assert sleeper.pauses == [0.5]


async def test_a_resting_order_is_not_waited_for(venue, trading, sleeper):
    venue.on_create = lambda body: order("sd-1")
    placed = await trading.submit(intent(**RESTING))
    assert (placed.state, placed.price, placed.reduce_only) == (OrderState.ACKED, Decimal(49000), False)
    assert sleeper.pauses == []


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(500), httpx.ReadTimeout("slow"), httpx.Response(401, text="no"), httpx.Response(200, text="{}")],
    ids=str,
)
async def test_an_accepted_order_stays_accepted_whatever_happens_afterwards(venue, trading, answer):
    venue.answers["/orders/historical/V-sd-1"] = [answer]
    placed = await trading.submit(intent())
    assert (placed.state, placed.venue_order_id) == (OrderState.ACKED, "V-sd-1")


async def test_an_accepted_order_that_the_venue_does_not_show_yet_is_waited_for(venue, trading, sleeper):
    lost = httpx.Response(404, json={"error": "NOT_FOUND", "message": "order not found"})
    shown = httpx.Response(200, json={"order": order("sd-1", **FILLED, **MARKET)})
    venue.answers["/orders/historical/V-sd-1"] = [lost, lost, shown]
    assert (await trading.submit(intent())).state is OrderState.FILLED
    assert sleeper.pauses == [0.5, 1.0]


@pytest.mark.parametrize("answer", LOST, ids=str)
async def test_an_order_without_a_definite_answer_is_unknown_and_was_sent_once(venue, trading, answer):
    venue.answers["/orders"] = [answer]
    with pytest.raises(OutcomeUnknown):
        await trading.submit(intent())
    assert venue.seen["POST /orders"] == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal("INSUFFICIENT_FUND", message="Insufficient balance in source account"), InsufficientFunds),
        (refusal("UNKNOWN_FAILURE_REASON", preview_failure_reason="PREVIEW_INVALID_BASE_SIZE_TOO_SMALL"), InvalidOrder),
        (refusal("ORDER_ENTRY_DISABLED"), OrderRefused),
        (httpx.Response(400, json={"error": "INVALID_ARGUMENT"}), InvalidOrder),
        (httpx.Response(401, text="Unauthorized"), AccessDenied),
        (httpx.Response(403, json={"error": "PERMISSION_DENIED"}), AccessDenied),
        (httpx.Response(429, text="", headers={"Retry-After": "7"}), RateLimited),
    ],
)
async def test_a_definite_no_is_told_as_what_it_is(venue, trading, answer, error):
    venue.answers["/orders"] = [answer]
    with pytest.raises(error) as told:
        await trading.submit(intent())
    assert told.type is error
    assert venue.seen["POST /orders"] == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_order_id": "a b"}, "INVALID_CLIENT_ORDER_ID"),
        ({"client_order_id": "a" * 37}, "INVALID_CLIENT_ORDER_ID"),
        ({"reduce_only": True}, "NOTHING_TO_REDUCE"),
        ({"type": OrderType.LIMIT}, "NO_PRICE"),
        ({"instrument": "XRP/USD"}, "INVALID_PRODUCT_ID"),
        ({"instrument": "BTC/USDT:USDT"}, "INVALID_PRODUCT_ID"),
    ],
)
async def test_what_cannot_be_an_order_is_refused_before_it_is_sent(venue, trading, changes, code):
    with pytest.raises(InvalidOrder) as told:
        await trading.submit(intent(**changes))
    assert told.value.code == code
    assert venue.seen["POST /orders"] == 0


async def test_an_order_whose_reply_was_lost_is_found_by_its_id(venue, trading):
    def lost(body):
        venue.orders.insert(0, order(str(body["client_order_id"]), **FILLED, **MARKET))
        raise httpx.ReadTimeout("slow")

    venue.orders = [order(f"other-{number}", status="CANCELLED") for number in range(5)]
    venue.on_create = lost
    venue.fills = [fill("E1", "sd-1")]
    with pytest.raises(OutcomeUnknown):
        await trading.submit(intent())
    found = await trading.find_order("sd-1")
    assert (found.venue_order_id, found.state, len(found.fills)) == ("V-sd-1", OrderState.FILLED, 1)
    assert venue.seen["POST /orders"] == 1


async def test_an_old_order_is_found_on_the_last_page(venue, trading):
    long_ago = stamp(NOW - timedelta(days=900))
    venue.orders = [order(f"sd-{number}", status="CANCELLED", created_time=long_ago) for number in range(7)]
    assert (await trading.find_order("sd-6")).state is OrderState.CANCELLED


async def test_an_order_that_is_listed_late_is_waited_for(venue, trading, sleeper):
    def listed():
        if len(sleeper.pauses) == 3:
            venue.orders = [order("sd-1")]

    sleeper.then = listed
    assert (await trading.find_order("sd-1")).state is OrderState.ACKED


async def test_an_order_that_no_list_shows_is_found_behind_its_fill(venue, trading):
    venue.fills = [fill("E1", "sd-1")]
    shown = order("sd-1", **FILLED, **MARKET)
    venue.answers["/orders/historical/V-sd-1"] = [httpx.Response(200, json={"order": shown})]
    assert (await trading.find_order("sd-1")).filled_quantity == Decimal("0.5")


async def test_an_order_is_absent_only_after_every_look_over_all_that_the_venue_has(venue, trading, sleeper):
    venue.orders = [order("sd-2")]
    assert await trading.find_order("sd-1") is None
    assert sleeper.pauses == [0.5, 1.0, 2.0]
    listed = [one.url.params for one in venue.requests if one.url.path.endswith("/batch")]
    whole = [params for params in listed if "order_status" not in params]
    assert ["start_date" in params for params in whole] == [False, True, True, True]
    assert sum(params.get("order_status") == "OPEN" for params in listed) == 4
    assert venue.seen["GET /orders/historical/fills"] == 4


@pytest.mark.parametrize("path", ["/orders/historical/batch", "/orders/historical/fills"])
async def test_a_list_that_cannot_be_read_is_not_taken_for_absence(venue, trading, path):
    venue.answers[path] = [httpx.Response(502, text="bad gateway")]
    with pytest.raises(VenueUnavailable):
        await trading.find_order("sd-1")


async def test_a_cursor_that_comes_again_ends_the_list(venue, trading):
    endless = httpx.Response(200, json={"orders": [order("sd-2")], "has_next": True, "cursor": "again"})
    venue.answers["/orders/historical/batch"] = [endless]
    assert await trading.find_order("sd-1") is None


@pytest.mark.parametrize(
    ("status", "filled", "state"),
    [
        ("PENDING", "0", OrderState.ACKED),
        ("QUEUED", "0", OrderState.ACKED),
        ("OPEN", "0", OrderState.ACKED),
        ("OPEN", "0.1", OrderState.PARTIAL),
        ("CANCEL_QUEUED", "0.1", OrderState.PARTIAL),
        ("EDIT_QUEUED", "0", OrderState.ACKED),
        ("FILLED", "0.5", OrderState.FILLED),
        ("CANCELLED", "0.1", OrderState.CANCELLED),
        ("EXPIRED", "0", OrderState.EXPIRED),
        ("FAILED", "0", OrderState.REJECTED),
        ("FAILED", "0.1", OrderState.CANCELLED),
        ("UNKNOWN_ORDER_STATUS", "0", OrderState.ACKED),
        ("A_WORD_OF_TOMORROW", "0.1", OrderState.PARTIAL),
    ],
)
async def test_each_state_of_an_order_has_its_meaning(venue, trading, status, filled, state):
    venue.orders = [order("sd-1", status=status, filled_size=filled)]
    assert (await trading.find_order("sd-1")).state is state


async def test_open_orders_are_those_in_the_accounts_instruments_and_those_not_in_the_book_yet(venue, trading):
    venue.orders = [
        order("sd-3", status="QUEUED"),
        order("sd-2", status="OPEN", product_id="DOGE-USD"),
        order("sd-1", status="OPEN"),
        order("sd-0", status="FILLED"),
        order("old", status="OPEN", created_time=stamp(NOW - timedelta(days=9))),
    ]
    assert [one.client_order_id for one in await trading.open_orders()] == ["old", "sd-1", "sd-3"]
    asked = [one.url.params for one in venue.requests if one.url.path.endswith("/batch")]
    assert all("order_status" in params or "start_date" in params for params in asked)


async def test_a_cancelled_order_is_followed_until_it_is_cancelled(venue, trading, sleeper):
    venue.orders = [order("sd-1", status="OPEN", filled_size="0.1")]
    venue.fills = [fill("E1", "sd-1", "0.1")]
    venue.on_cancel = lambda name: {
        "success": True,
        "failure_reason": "UNKNOWN_CANCEL_FAILURE_REASON",
        "order_id": name,
    }
    sleeper.then = lambda: venue.orders[0].update(status="CANCELLED", cancel_message="User requested cancel")
    done = await trading.cancel("sd-1")
    assert (done.state, done.filled_quantity, done.reason) == (
        OrderState.CANCELLED,
        Decimal("0.1"),
        "User requested cancel",
    )


async def test_a_final_order_is_returned_unchanged(venue, trading):
    venue.orders = [order("sd-1", **FILLED)]
    assert (await trading.cancel("sd-1")).state is OrderState.FILLED
    assert venue.sent("/orders/batch_cancel") == []


async def test_an_order_that_filled_while_it_was_cancelled_is_returned_as_filled(venue, trading):
    def too_late(name):
        venue.orders[0].update(FILLED)
        return {"success": False, "failure_reason": "ORDER_IS_FULLY_FILLED", "order_id": name}

    venue.orders = [order("sd-1")]
    venue.on_cancel = too_late
    assert (await trading.cancel("sd-1")).state is OrderState.FILLED


@pytest.mark.parametrize(
    ("word", "error"), [("NOT_ALLOWED_TO_CANCEL", OrderRefused), ("UNKNOWN_CANCEL_FAILURE_REASON", OutcomeUnknown)]
)
async def test_a_cancellation_that_was_not_taken_is_told_while_the_order_works(venue, trading, word, error):
    venue.orders = [order("sd-1")]
    venue.on_cancel = lambda name: {"success": False, "failure_reason": word, "order_id": name}
    with pytest.raises(error, match=word):
        await trading.cancel("sd-1")


async def test_a_cancellation_whose_reply_was_lost_is_settled_by_the_order(venue, trading):
    def lost(name):
        venue.cancelled(name)
        raise httpx.ReadTimeout("slow")

    venue.orders = [order("sd-1")]
    venue.on_cancel = lost
    assert (await trading.cancel("sd-1")).state is OrderState.CANCELLED
    assert len(venue.sent("/orders/batch_cancel")) == 1


async def test_an_unknown_order_cannot_be_cancelled(trading):
    with pytest.raises(InvalidOrder, match="UNKNOWN_ORDER"):
        await trading.cancel("sd-1")


def with_bracket(venue, parent="sd-0", **changes):
    child = order("child", **BRACKET, originating_order_id=f"V-{parent}", **changes)
    venue.orders = [child, order(parent, **FILLED, attached_order_id="V-child")]


CLOSING = {"side": Side.SELL, "reduce_only": True}


async def test_the_bracket_of_a_position_makes_way_before_the_position_is_closed(venue, trading):
    with_bracket(venue)
    await trading.submit(intent(**CLOSING))
    posted = [one.url.path.rpartition("/")[2] for one in venue.requests if one.method == "POST"]
    assert posted == ["batch_cancel", "orders"]
    assert venue.sent("/orders/batch_cancel") == [{"order_ids": ["V-child"]}]


async def test_a_bracket_that_somebody_else_set_is_left_alone(venue, trading):
    with_bracket(venue, parent="by-hand")
    await trading.submit(intent(**CLOSING))
    assert venue.sent("/orders/batch_cancel") == []


@pytest.mark.parametrize("changes", [{"side": Side.SELL}, {}, {**CLOSING, "instrument": "ETH/USD"}], ids=str)
async def test_a_bracket_stays_when_its_position_is_not_closed(venue, trading, changes):
    with_bracket(venue)
    await trading.submit(intent(**changes))
    assert venue.sent("/orders/batch_cancel") == []


async def test_a_position_whose_bracket_does_not_go_away_is_not_sold(venue, trading):
    with_bracket(venue)
    venue.on_cancel = lambda name: {"success": False, "failure_reason": "NOT_ALLOWED_TO_CANCEL", "order_id": name}
    with pytest.raises(OrderRefused, match="NOT_ALLOWED_TO_CANCEL"):
        await trading.submit(intent(**CLOSING))
    assert venue.sent("/orders") == []


LIMITED = httpx.Response(429, headers={"Retry-After": "540"})


async def test_a_look_that_fails_after_the_bracket_was_asked_to_go_is_made_again(venue, trading, sleeper):
    with_bracket(venue)
    gone = httpx.Response(200, json={"order": order("child", **BRACKET, status="CANCELLED")})
    parent = httpx.Response(200, json={"order": venue.orders[1]})
    venue.answers["/orders/historical/V-sd-0"] = [parent]
    venue.answers["/orders/historical/V-child"] = [LIMITED, gone]
    assert (await trading.submit(intent(**CLOSING))).state is OrderState.FILLED
    assert sleeper.pauses[0] == 5


async def without_a_look(venue, trading):
    """Close a position whose bracket is asked to go, at a venue that then answers no question about it."""
    venue.answers["/orders/historical/V-child"] = [LIMITED]
    with pytest.raises(NotSent, match=r"stop and target .* were taken away, and its closing order did not leave"):
        await trading.submit(intent(**CLOSING))
    assert venue.sent("/orders") == []


async def test_a_position_whose_bracket_may_be_gone_is_closed_with_the_next_try(venue, trading):
    with_bracket(venue)
    await without_a_look(venue, trading)
    venue.answers["/orders"] = [LIMITED]
    with pytest.raises(NotSent):
        await trading.submit(intent(**CLOSING))
    venue.answers.clear()
    assert (await trading.submit(intent(**CLOSING))).state is OrderState.FILLED
    venue.answers["/orders"] = [LIMITED]
    with pytest.raises(RateLimited):
        await trading.submit(intent("sd-2", **CLOSING))


STOP = {
    "side": "SELL",
    "order_configuration": {
        "stop_limit_stop_limit_gtc": {
            "base_size": "0.5",
            "limit_price": "48510",
            "stop_price": "49000",
            "stop_direction": "STOP_DIRECTION_STOP_DOWN",
        }
    },
}


def refusing_to_close(venue, word="INSUFFICIENT_FUND"):
    """Answer market orders with a refusal; everything else as ever."""
    answer = venue.answer

    def answered(method, path, params, body):
        if method == "POST" and "market_market_ioc" in body.get("order_configuration", {}):
            return json.loads(refusal(word).content)
        return answer(method, path, params, body)

    venue.answer = answered
    venue.on_create = lambda body: order(
        str(body["client_order_id"]), side="SELL", order_configuration=body["order_configuration"]
    )


async def test_a_bracket_comes_back_as_it_was_when_the_position_is_not_closed_after_it(venue, trading):
    with_bracket(venue)
    refusing_to_close(venue)
    with pytest.raises(OrderRefused, match="keeps its stop and target") as told:
        await trading.submit(intent(**CLOSING))
    assert told.value.code == "INSUFFICIENT_FUND"
    (back,) = [one for one in venue.sent("/orders") if "trigger_bracket_gtc" in one["order_configuration"]]
    assert back == {
        "client_order_id": "sd-1-Vchild",
        "product_id": "BTC-USD",
        "side": "SELL",
        "order_configuration": BRACKET["order_configuration"],
    }


async def test_a_stop_of_the_desk_makes_way_too_and_comes_back(venue, trading):
    venue.orders = [order("sd-stop", **STOP)]
    refusing_to_close(venue)
    with pytest.raises(OrderRefused, match="keeps its stop"):
        await trading.submit(intent(**CLOSING))
    assert venue.sent("/orders/batch_cancel") == [{"order_ids": ["V-sd-stop"]}]
    assert venue.sent("/orders")[-1] == {
        "client_order_id": "sd-1-Vsdstop",
        "product_id": "BTC-USD",
        **STOP,
    }


async def test_a_stop_of_the_desk_stays_when_another_is_placed_beside_it(venue, trading):
    venue.orders = [order("sd-stop", **STOP)]
    refusing_to_close(venue)
    beside = {"type": OrderType.STOP, "price": Decimal(49500), "quantity": Decimal("0.1")}
    await trading.submit(intent(**CLOSING, **beside))
    assert venue.sent("/orders/batch_cancel") == []


async def test_a_bracket_of_a_position_that_was_closed_after_all_never_comes_back(venue, trading):
    with_bracket(venue)
    venue.answers["/orders"] = [httpx.ReadTimeout("slow")]
    with pytest.raises(OutcomeUnknown):
        await trading.submit(intent(**CLOSING))
    venue.orders.insert(0, order("sd-1", side="SELL", **FILLED))
    assert (await trading.find_order("sd-1")).state is OrderState.FILLED
    venue.answers.clear()
    refusing_to_close(venue)
    with pytest.raises(InsufficientFunds):
        await trading.submit(intent("sd-2", **CLOSING))
    assert [one["client_order_id"] for one in venue.sent("/orders")] == ["sd-1", "sd-2"]


async def test_what_a_bracket_has_sold_already_does_not_come_back(venue, trading):
    with_bracket(venue)
    next(one for one in venue.orders if one["client_order_id"] == "child")["filled_size"] = "0.2"
    refusing_to_close(venue)
    with pytest.raises(OrderRefused):
        await trading.submit(intent(**CLOSING))
    assert venue.sent("/orders")[-1]["order_configuration"]["trigger_bracket_gtc"]["base_size"] == "0.3"


async def test_a_bracket_that_sold_everything_meanwhile_is_not_sent_again(venue, trading):
    with_bracket(venue)

    def filled(name):
        next(one for one in venue.orders if one["order_id"] == name).update(**FILLED)
        return {"success": True, "failure_reason": "", "order_id": name}

    venue.on_cancel = filled
    refusing_to_close(venue)
    with pytest.raises(OrderRefused):
        await trading.submit(intent(**CLOSING))
    assert len(venue.sent("/orders")) == 1


async def test_a_bracket_that_is_not_taken_back_leaves_the_position_to_be_closed_at_once(venue, trading):
    with_bracket(venue)
    venue.answers["/orders"] = [LIMITED]
    with pytest.raises(NotSent):
        await trading.submit(intent(**CLOSING))
    assert [list(one["order_configuration"]) for one in venue.sent("/orders")] == [
        ["market_market_ioc"],
        ["trigger_bracket_gtc"],
    ]


def denied_while_closing(venue, *, from_then_on):
    """Answer market orders as one whose key is not accepted, and all that changes something after it where asked."""
    answer, denied = Venue.__call__, []

    def answered(request):
        is_order = request.method == "POST" and request.url.path.endswith("/orders")
        if is_order and (b"market_market_ioc" in request.content or (denied and from_then_on)):
            denied.append(json.loads(request.content))
            return httpx.Response(403, json={"error": "PERMISSION_DENIED"})
        return answer(venue, request)

    return opened(answered, Sleeper()).trading


async def test_a_bracket_comes_back_when_the_key_is_denied_after_it_made_way(venue):
    with_bracket(venue)
    venue.on_create = lambda body: order(
        str(body["client_order_id"]), side="SELL", order_configuration=body["order_configuration"]
    )
    trading = denied_while_closing(venue, from_then_on=False)
    with pytest.raises(AccessDenied, match="keeps its stop and target"):
        await trading.submit(intent(**CLOSING))
    assert [one["client_order_id"] for one in venue.sent("/orders")] == ["sd-1-Vchild"]


async def test_a_denial_after_which_a_bracket_does_not_come_back_says_that_the_position_is_bare(venue):
    with_bracket(venue)
    trading = denied_while_closing(venue, from_then_on=True)
    with pytest.raises(AccessDenied, match="were taken away, and its closing order did not leave") as told:
        await trading.submit(intent(**CLOSING))
    assert told.value.code == "PERMISSION_DENIED"


async def test_an_order_of_that_id_which_has_ended_since_is_no_stop(venue, trading):
    with_bracket(venue)
    refusing_to_close(venue)
    venue.orders.append(order("sd-1-Vchild", **BRACKET, status="CANCELLED"))
    with pytest.raises(NotSent):
        await trading.submit(intent(**CLOSING))


async def test_a_bracket_comes_back_when_its_closing_order_turns_out_never_to_have_arrived(venue, trading):
    with_bracket(venue)
    venue.answers["/orders"] = [httpx.ReadTimeout("slow")]
    with pytest.raises(OutcomeUnknown):
        await trading.submit(intent(**CLOSING))
    venue.answers.clear()
    refusing_to_close(venue)
    for _ in range(2):
        assert await trading.find_order("sd-1") is None
    assert [one["client_order_id"] for one in venue.sent("/orders")] == ["sd-1", "sd-1-Vchild"]


async def test_a_stop_that_comes_back_may_use_what_the_budget_keeps_for_urgent_calls(venue, trading):
    with_bracket(venue)
    refusing_to_close(venue)
    urgencies, answer = [], venue.answer

    def watched(method, path, params, body):
        urgencies.append((path, is_urgent()))
        return answer(method, path, params, body)

    venue.answer = watched
    with pytest.raises(OrderRefused):
        await trading.submit(intent(**CLOSING))
    assert [urgency for path, urgency in urgencies if path == "/orders"] == [False, True]


async def test_a_lost_answer_to_the_cancellation_of_a_bracket_is_looked_after(venue, trading):
    with_bracket(venue)
    venue.answers["/orders/batch_cancel"] = [httpx.ReadTimeout("slow")]
    with pytest.raises(NotSent, match="STILL_WORKING"):
        await trading.submit(intent(**CLOSING))
    assert venue.sent("/orders") == []


async def test_a_bracket_is_shown_as_a_stop_that_can_only_reduce(venue, trading):
    with_bracket(venue)
    bracket = (await trading.open_orders())[0]
    assert (bracket.type, bracket.price, bracket.reduce_only) == (OrderType.STOP, Decimal(49000), True)
    assert bracket.target == Decimal(52000)


async def test_a_stop_of_the_desk_has_no_target(venue, trading):
    venue.orders = [order("sd-stop", **STOP)]
    assert [one.target for one in await trading.open_orders()] == [None]


@pytest.mark.parametrize(("price", "reason"), [("52000", FillReason.TARGET), ("48990", FillReason.STOP)])
async def test_the_fill_of_a_bracket_tells_which_end_was_reached(venue, trading, price, reason):
    with_bracket(venue, **FILLED)
    venue.fills = [fill("E1", "child", price=price, side="SELL")]
    assert [one.reason for one in (await trading.find_order("child")).fills] == [reason]


async def test_a_resting_order_gets_another_price_and_size(venue, trading):
    def edited(_request=None):
        venue.orders[0]["order_configuration"] = {"limit_limit_gtc": {"base_size": "0.4", "limit_price": "48000"}}
        return {"success": True}

    venue.orders = [order("sd-1")]
    venue.answers["/orders/edit"] = [httpx.Response(200, json=edited())]
    changed = await trading.edit("sd-1", price=Decimal(48000), quantity=Decimal("0.4"))
    assert (changed.price, changed.quantity) == (Decimal(48000), Decimal("0.4"))
    assert venue.sent("/orders/edit") == [{"order_id": "V-sd-1", "price": "48000", "size": "0.4"}]


async def test_an_edit_that_is_not_taken_is_refused(venue, trading):
    venue.orders = [order("sd-1")]
    body = {"success": False, "errors": [{"edit_failure_reason": "ONLY_LIMIT_ORDER_EDITS_SUPPORTED"}]}
    venue.answers["/orders/edit"] = [httpx.Response(200, json=body)]
    with pytest.raises(InvalidOrder, match="ONLY_LIMIT_ORDER_EDITS_SUPPORTED"):
        await trading.edit("sd-1", price=Decimal(1), quantity=Decimal(1))


async def test_a_preview_tells_the_cost_and_what_would_be_refused(venue, trading):
    told = {
        "order_total": "25150.00",
        "commission_total": "150.00",
        "errs": ["PREVIEW_INSUFFICIENT_FUND"],
        "warning": [],
        "quote_size": "25000",
        "base_size": "0.5",
        "best_bid": "50000",
        "best_ask": "",
        "slippage": "0.0004",
    }
    venue.answers["/orders/preview"] = [httpx.Response(200, json=told)]
    found = await trading.preview(intent(barriers=Barriers()))
    assert (found.problems, found.total, found.fee) == (
        ("PREVIEW_INSUFFICIENT_FUND",),
        Decimal("25150.00"),
        Decimal("150.00"),
    )
    assert (found.bid, found.ask, found.slippage) == (Decimal(50000), None, Decimal("0.0004"))
    assert "client_order_id" not in venue.sent("/orders/preview")[0]


async def test_fees_and_rights_of_the_key_are_told(venue, trading):
    tier = {"pricing_tier": "Advanced 1", "maker_fee_rate": "0.006", "taker_fee_rate": "0.012"}
    venue.answers["/transaction_summary"] = [
        httpx.Response(200, text='{"total_volume": 12.5, "fee_tier": ' + str(tier).replace("'", '"') + "}")
    ]
    venue.answers["/key_permissions"] = [
        httpx.Response(200, json={"can_view": True, "can_trade": True, "can_transfer": True, "portfolio_uuid": "p"})
    ]
    fees, rights = await trading.fees(), await trading.rights()
    assert (fees.maker_fraction, fees.taker_fraction) == (Decimal("0.006"), Decimal("0.012"))
    assert (fees.tier, fees.volume) == ("Advanced 1", Decimal("12.5"))
    assert (rights.can_trade, rights.can_withdraw, rights.portfolio) == (True, True, "p")


async def test_a_read_only_account_sends_nothing_that_changes_anything(venue):
    coinbase = opened(venue, read_only=True)
    venue.orders = [order("sd-1")]
    for write in (
        coinbase.trading.submit(intent("sd-2")),
        coinbase.trading.edit("sd-1", price=Decimal(1), quantity=Decimal(1)),
        coinbase.trading.cancel("sd-1"),
        coinbase.conversions.quote("USD", "USDC", Decimal(1)),
    ):
        with pytest.raises(OrderRefused, match=r"READ_ONLY.*nothing was sent"):
            await write
    assert {one.method for one in venue.requests} == {"GET"}
    assert (await coinbase.trading.find_order("sd-1")).state is OrderState.ACKED
