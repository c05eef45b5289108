"""The simulated OANDA: true in the details that have bitten real clients."""

import pytest

from tests.simulator.oanda_customer import ACCOUNT, Customer


def test_a_market_order_is_filled_at_the_quote_and_every_number_is_a_string(oanda, steer):
    steer.price("EUR/USD", "1.10000", "1.10010")
    reply = oanda.buy(1_000)
    told = reply.json()
    fill = told["orderFillTransaction"]
    assert (reply.status_code, fill["price"], fill["units"], fill["reason"]) == (201, "1.10010", "1000", "MARKET_ORDER")
    assert fill["tradeOpened"] == {"tradeID": fill["id"], "units": "1000", "price": "1.10010"}
    assert told["orderCreateTransaction"]["id"] == fill["orderID"]
    assert told["relatedTransactionIDs"] == [fill["orderID"], fill["id"]]
    assert told["lastTransactionID"] == fill["id"]
    assert reply.headers["Location"].endswith(f"/orders/{fill['orderID']}")
    assert reply.headers["RequestID"]


def test_a_refusal_inside_201_creates_and_cancels(oanda, steer):
    steer.price("EUR/USD", "1.10000", "1.10010")
    reply = oanda.buy(100_000_000)
    told = reply.json()
    assert reply.status_code == 201
    assert told["orderCancelTransaction"]["reason"] == "INSUFFICIENT_MARGIN"
    assert "orderFillTransaction" not in told
    assert steer.truth("oanda")["positions"] == []


@pytest.mark.parametrize(
    ("order", "word"),
    [
        ({"units": "0"}, "UNITS_INVALID"),
        ({"units": "1.5"}, "UNITS_PRECISION_EXCEEDED"),
        ({"type": "LIMIT", "price": "1.123456"}, "PRICE_PRECISION_EXCEEDED"),
        ({"type": "LIMIT"}, "PRICE_MISSING"),
        ({"timeInForce": "GTC"}, "TIME_IN_FORCE_INVALID"),
        ({"clientExtensions": {"id": "x" * 129}}, "CLIENT_ORDER_ID_INVALID"),
    ],
)
def test_a_rejected_order_is_400_and_consumes_a_transaction_id(oanda, order, word):
    before = int(oanda.get("/summary").json()["lastTransactionID"])
    reply = oanda.buy(**order)
    told = reply.json()
    assert (reply.status_code, told["errorCode"]) == (400, word)
    assert told["orderRejectTransaction"]["rejectReason"] == word
    assert told["lastTransactionID"] == str(before + 1)
    assert oanda.get(f"/transactions/{before + 1}").json()["transaction"]["type"].endswith("_ORDER_REJECT")


@pytest.mark.parametrize(
    "order", [{"instrument": "EUR_XXX"}, {"units": "many"}, {"type": "MAYBE"}, {"positionFill": "ALL"}]
)
def test_what_is_not_an_order_is_400_without_a_code(oanda, order):
    reply = oanda.buy(**order)
    assert reply.status_code == 400
    assert reply.json()["errorMessage"].startswith("Invalid value specified for 'order.")
    assert "errorCode" not in reply.json()


def test_a_client_id_is_unique_among_pending_orders_and_free_after_the_fill(oanda, steer):
    steer.price("EUR/USD", "1.10000", "1.10010")
    assert oanda.limit("1.05000", client_id="sd-1").status_code == 201
    refused = oanda.limit("1.04000", client_id="sd-1")
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "CLIENT_ORDER_ID_ALREADY_EXISTS")
    steer.price("EUR/USD", "1.04900", "1.04910")
    assert oanda.limit("1.04000", client_id="sd-1").status_code == 201


def test_a_market_order_that_is_sent_again_trades_twice(oanda, steer):
    for _ in range(2):
        assert oanda.buy(1_000, clientExtensions={"id": "sd-2"}).status_code == 201
    assert steer.truth("oanda")["positions"][0]["quantity"] == "2000"


def test_a_new_order_is_not_found_for_a_moment(oanda):
    oanda.limit(client_id="sd-3")
    early = oanda.get("/orders/@sd-3")
    assert (early.status_code, early.json()["errorCode"]) == (404, "NO_SUCH_ORDER")
    found = oanda.find("@sd-3").json()["order"]
    assert (found["state"], found["price"], found["clientExtensions"]) == ("PENDING", "1.00000", {"id": "sd-3"})
    assert oanda.get("/orders/@never").status_code == 404


def test_an_order_is_cancelled_once(oanda):
    oanda.limit(client_id="sd-4")
    oanda.find("@sd-4")
    cancelled = oanda.put("/orders/@sd-4/cancel")
    assert (cancelled.status_code, cancelled.json()["orderCancelTransaction"]["reason"]) == (200, "CLIENT_REQUEST")
    again = oanda.put("/orders/@sd-4/cancel")
    assert (again.status_code, again.json()["errorCode"]) == (404, "ORDER_DOESNT_EXIST")
    assert oanda.get("/orders/@sd-4").json()["order"]["state"] == "CANCELLED"


def test_an_order_is_replaced_by_another_under_the_same_client_id(oanda):
    oanda.limit("1.00000", client_id="sd-5")
    oanda.find("@sd-5")
    order = {"type": "LIMIT", "instrument": "EUR_USD", "units": "2000", "price": "1.01000"}
    told = oanda.put("/orders/@sd-5", {"order": order}).json()
    assert told["orderCancelTransaction"]["reason"] == "CLIENT_REQUEST_REPLACED"
    assert told["orderCreateTransaction"]["reason"] == "REPLACEMENT"
    assert oanda.find("@sd-5").json()["order"]["units"] == "2000"


def test_a_limit_order_is_filled_when_the_price_gets_there(oanda, steer):
    steer.price("EUR/USD", "1.10000", "1.10010")
    oanda.limit("1.09000", client_id="sd-6")
    assert oanda.fills() == []
    steer.price("EUR/USD", "1.08980", "1.08990")
    (fill,) = oanda.fills()
    assert (fill["clientOrderID"], fill["reason"], fill["price"]) == ("sd-6", "LIMIT_ORDER", "1.08990")
    assert oanda.find("@sd-6").json()["order"]["state"] == "FILLED"


def test_an_order_waits_in_the_candles_of_the_feed_too(oanda, steer):
    ask = float(oanda.get("/pricing", instruments="EUR_USD").json()["prices"][0]["asks"][0]["price"])
    oanda.limit(f"{ask - 0.0005:.5f}")
    steer.wait(days=2)
    assert [fill["reason"] for fill in oanda.fills()] == ["LIMIT_ORDER"]


def test_attached_stops_are_orders_of_their_own_and_end_with_the_trade(oanda, steer):
    steer.price("EUR/USD", "1.10000", "1.10010")
    oanda.buy(1_000, stopLossOnFill={"price": "1.09000"}, takeProfitOnFill={"price": "1.12000"})
    guards = {order["type"]: order for order in oanda.get("/pendingOrders").json()["orders"]}
    assert set(guards) == {"STOP_LOSS", "TAKE_PROFIT"}
    steer.price("EUR/USD", "1.08900", "1.08910")
    closing = oanda.fills()[-1]
    assert (closing["reason"], closing["orderID"]) == ("STOP_LOSS_ORDER", guards["STOP_LOSS"]["id"])
    assert (closing["pl"], closing["units"]) == ("-11.1000", "-1000")
    assert closing["tradesClosed"][0]["tradeID"] == guards["STOP_LOSS"]["tradeID"]
    assert oanda.get("/pendingOrders").json()["orders"] == []
    assert oanda.get("/openTrades").json()["trades"] == []
    last = oanda.get("/transactions/sinceid", id=1).json()["transactions"][-1]
    assert (last["type"], last["reason"]) == ("ORDER_CANCEL", "LINKED_TRADE_CLOSED")


def test_the_guards_of_a_trade_can_be_changed(oanda, steer):
    steer.price("EUR/USD", "1.10000", "1.10010")
    trade = oanda.buy(1_000, stopLossOnFill={"price": "1.09000"}).json()["orderFillTransaction"]["id"]
    told = oanda.put(f"/trades/{trade}/orders", {"stopLoss": {"price": "1.09500"}}).json()
    assert told["stopLossOrderTransaction"]["price"] == "1.09500"
    assert oanda.get(f"/trades/{trade}").json()["trade"]["stopLossOrder"]["price"] == "1.09500"
    oanda.put(f"/trades/{trade}/orders", {"stopLoss": None})
    assert oanda.get("/pendingOrders").json()["orders"] == []


def test_positions_are_told_by_side_and_closed(oanda, steer):
    steer.price("EUR/USD", "1.10000", "1.10010")
    oanda.buy(-3_000)
    (position,) = oanda.get("/openPositions").json()["positions"]
    assert position["long"] == {"units": "0", "pl": "0.0000", "resettablePL": "0.0000", "unrealizedPL": "0.0000"}
    assert (position["short"]["units"], position["short"]["averagePrice"]) == ("-3000", "1.10000")
    told = oanda.put("/positions/EUR_USD/close", {"shortUnits": "ALL"}).json()
    assert told["shortOrderFillTransaction"]["reason"] == "MARKET_ORDER_POSITION_CLOSEOUT"
    again = oanda.put("/positions/EUR_USD/close", {"shortUnits": "ALL"})
    assert (again.status_code, again.json()["errorCode"]) == (400, "CLOSEOUT_POSITION_DOESNT_EXIST")
    assert oanda.get("/openPositions").json()["positions"] == []
    assert [one["instrument"] for one in oanda.get("/positions").json()["positions"]] == ["EUR_USD"]


def test_trades_are_closed_oldest_first_and_one_by_name(oanda, steer):
    steer.price("EUR/USD", "1.10000", "1.10000")
    first, second = (oanda.buy(1_000).json()["orderFillTransaction"]["id"] for _ in range(2))
    assert oanda.buy(-400).json()["orderFillTransaction"]["tradeReduced"]["tradeID"] == first
    told = oanda.put(f"/trades/{second}/close").json()["orderFillTransaction"]
    assert [one["tradeID"] for one in told["tradesClosed"]] == [second]
    left = oanda.get("/openTrades").json()["trades"]
    assert [(one["id"], one["currentUnits"]) for one in left] == [(first, "600")]


def test_a_partial_fill_leaves_the_rest_of_a_limit_order_working(oanda, steer):
    steer.price("EUR/USD", "1.10000", "1.10010")
    steer.depth("EUR/USD", "400")
    oanda.limit("1.20000", client_id="sd-7")
    assert [fill["units"] for fill in oanda.fills()] == ["400"]
    assert oanda.find("@sd-7").json()["order"]["state"] == "PENDING"
    killed = oanda.buy(1_000).json()
    assert killed["orderCancelTransaction"]["reason"] == "INSUFFICIENT_LIQUIDITY"
    partial = oanda.buy(1_000, timeInForce="IOC").json()
    assert partial["orderFillTransaction"]["units"] == "400"


def test_a_halted_market_cancels_market_orders_and_keeps_limit_orders(oanda, steer):
    steer.halt("EUR/USD")
    assert oanda.get("/pricing", instruments="EUR_USD").json()["prices"][0]["tradeable"] is False
    assert oanda.buy().json()["orderCancelTransaction"]["reason"] == "MARKET_HALTED"
    assert "orderCancelTransaction" not in oanda.limit("1.50000").json()
    steer.resume("EUR/USD")
    steer.wait(minutes=2)
    assert [fill["reason"] for fill in oanda.fills()] == ["LIMIT_ORDER"]


def test_a_bound_that_the_price_breaks_cancels(oanda, steer):
    steer.price("EUR/USD", "1.10000", "1.10010")
    assert oanda.buy(priceBound="1.10000").json()["orderCancelTransaction"]["reason"] == "BOUNDS_VIOLATION"
    assert oanda.buy(priceBound="1.10010").json()["orderFillTransaction"]["price"] == "1.10010"


def test_cash_is_the_last_account_balance(oanda, steer):
    for bid in ("1.10000", "1.10500"):
        steer.price("EUR/USD", bid, bid)
        oanda.buy(1_000 if bid == "1.10000" else -1_000)
    fill = oanda.fills()[-1]
    assert (fill["pl"], fill["accountBalance"]) == ("5.0000", "100005.0000")
    summary = oanda.get("/summary").json()["account"]
    assert (summary["balance"], summary["NAV"], summary["pl"]) == ("100005.0000", "100005.0000", "5.0000")


def test_candles_ascend_skip_the_weekend_and_end_with_one_that_is_forming(oanda):
    query = {"granularity": "H1", "count": 120, "price": "BA"}
    rows = oanda.http.get("/v3/instruments/EUR_USD/candles", params=query).json()["candles"]
    times = [row["time"] for row in rows]
    assert (len(rows), times) == (120, sorted(times))
    assert [row["complete"] for row in rows[-2:]] == [True, False]
    assert not any(time.startswith("2026-01-10") for time in times)
    assert set(rows[0]) == {"complete", "volume", "time", "bid", "ask"}
    assert isinstance(rows[0]["volume"], int)


def test_daily_candles_begin_at_17_in_new_york_or_where_they_are_asked_to(oanda):
    rows = oanda.get("/instruments/EUR_USD/candles", granularity="D", count=2).json()["candles"]
    assert [row["time"][11:16] for row in rows] == ["22:00", "22:00"]
    query = {"granularity": "D", "count": 2, "dailyAlignment": 0, "alignmentTimezone": "UTC"}
    rows = oanda.get("/instruments/EUR_USD/candles", **query).json()["candles"]
    assert [row["time"][:16] for row in rows] == ["2026-01-13T00:00", "2026-01-14T00:00"]


def test_pages_of_candles_join_without_overlap(oanda):
    query = {"granularity": "M5", "count": 50, "from": "2026-01-09T20:00:00Z"}
    path = "/v3/instruments/EUR_USD/candles"
    first = oanda.http.get(path, params=query).json()["candles"]
    query = {**query, "from": first[-1]["time"], "includeFirst": "false"}
    second = oanda.http.get(path, params=query).json()["candles"]
    whole = oanda.http.get(path, params={**query, "from": first[0]["time"], "count": 100, "includeFirst": "true"})
    assert first + second == whole.json()["candles"]


@pytest.mark.parametrize(
    "query",
    [
        {"count": 5_001},
        {"granularity": "M3"},
        {"price": "X"},
        {"count": 5, "from": "2026-01-09T20:00:00Z", "to": "2026-01-09T21:00:00Z"},
        {"granularity": "M1", "from": "2026-01-01T00:00:00Z", "to": "2026-01-09T21:00:00Z"},
    ],
)
def test_impossible_candles_are_refused(oanda, query):
    query = {"granularity": "M5", **query}
    assert oanda.http.get("/v3/instruments/EUR_USD/candles", params=query).status_code == 400


def test_only_the_right_token_opens_and_only_its_own_accounts(addresses, steer, oanda):
    assert oanda.http.get("/v3/accounts").json() == {"accounts": [{"id": ACCOUNT, "tags": []}]}
    with Customer(addresses.venues["oanda"], token="wrong").http as stranger:
        assert stranger.get("/v3/accounts").status_code == 401
    steer.post("/accounts", venue="oanda", name="101-001-2-001", secrets={"token": "other"})
    assert oanda.http.get("/v3/accounts/101-001-2-001/summary").status_code == 403
    with Customer(addresses.venues["oanda"], token="other").http as other:
        summary = other.get("/v3/accounts/101-001-2-001/summary").json()
    assert summary["account"]["balance"] == "100000.0000"


def test_transactions_are_paged_by_links_and_by_id(oanda):
    oanda.limit()
    pages = oanda.get("/transactions", pageSize=1).json()["pages"]
    assert [page.split("?")[1] for page in pages] == ["from=1&to=1", "from=2&to=2"]
    assert oanda.http.get(pages[1]).json()["transactions"][0]["type"] == "LIMIT_ORDER"
    assert oanda.get("/transactions/idrange", **{"from": 1, "to": 99}).status_code == 416
    changes = oanda.get("/changes", sinceTransactionID=1).json()["changes"]
    assert [order["type"] for order in changes["ordersCreated"]] == ["LIMIT"]


def test_the_latest_candles_of_many_instruments_come_in_one_answer(oanda):
    reply = oanda.get("/candles/latest", candleSpecifications="EUR_USD:M5:BA,GBP_USD:H1:M").json()
    told = [(one["instrument"], one["granularity"]) for one in reply["latestCandles"]]
    assert told == [("EUR_USD", "M5"), ("GBP_USD", "H1")]
    for one in reply["latestCandles"]:
        assert [row["complete"] for row in one["candles"]] == [True, False]
    assert [row["time"][11:16] for row in reply["latestCandles"][0]["candles"]] == ["14:55", "15:00"]
    assert set(reply["latestCandles"][0]["candles"][0]) == {"complete", "volume", "time", "bid", "ask"}
    single = oanda.get("/instruments/GBP_USD/candles", granularity="H1", count=2).json()
    assert reply["latestCandles"][1] == single


@pytest.mark.parametrize("written", ["", "EUR_USD", "EUR_USD:M5", "EUR_USD:M3:BA", "EUR_USD:M5:X", "ABC_DEF:M5:BA"])
def test_an_impossible_specification_of_latest_candles_is_refused(oanda, written):
    assert oanda.get("/candles/latest", candleSpecifications=written).status_code == 400


def named(client_id: str) -> dict:
    return {"id": client_id, "tag": "trend", "comment": "from a test"}


def test_a_trade_keeps_what_the_client_wrote_on_it(oanda):
    fill = oanda.buy(tradeClientExtensions=named("t-1")).json()["orderFillTransaction"]
    assert fill["tradeOpened"]["clientExtensions"] == named("t-1")
    assert oanda.get("/trades/@t-1").json()["trade"]["clientExtensions"] == named("t-1")


def test_an_order_keeps_what_the_client_wrote_on_it(oanda):
    oanda.limit(clientExtensions=named("o-1"))
    assert oanda.find("@o-1").json()["order"]["clientExtensions"] == named("o-1")


def test_a_trade_id_is_unique_among_open_trades_and_free_after_the_close(oanda):
    oanda.buy(tradeClientExtensions=named("t-1"))
    again = oanda.buy(tradeClientExtensions=named("t-1"))
    assert (again.status_code, again.json()["errorCode"]) == (400, "CLIENT_TRADE_ID_ALREADY_EXISTS")
    assert again.json()["orderRejectTransaction"]["rejectReason"] == "CLIENT_TRADE_ID_ALREADY_EXISTS"
    assert oanda.put("/trades/@t-1/close").status_code == 200
    assert oanda.buy(tradeClientExtensions=named("t-1")).status_code == 201


def test_an_order_that_opens_no_trade_may_carry_the_id_of_an_open_one(oanda):
    oanda.buy(1_000, tradeClientExtensions=named("t-1"))
    assert oanda.buy(-400, tradeClientExtensions=named("t-1")).status_code == 201
    assert oanda.buy(-700, tradeClientExtensions=named("t-1")).status_code == 400


def test_the_closing_of_a_position_keeps_what_the_client_wrote_on_it(oanda):
    oanda.buy()
    told = oanda.put("/positions/EUR_USD/close", {"longUnits": "ALL", "longClientExtensions": named("c-1")}).json()
    assert told["longOrderCreateTransaction"]["clientExtensions"] == named("c-1")
    assert told["longOrderFillTransaction"]["clientOrderID"] == "c-1"
    assert oanda.find("@c-1").json()["order"]["state"] == "FILLED"
