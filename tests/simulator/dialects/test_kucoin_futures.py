"""The simulated futures host of KuCoin: true in the details that have bitten real clients."""

import time

import pytest

from simulator.dialects.kucoin_common.customers import CANCEL_LAG
from tests.simulator.kucoin_customer import XBT, Customer, contract

ORDERS = "/api/v1/orders"
RESTING = {"type": "limit", "price": "50000"}


@pytest.fixture
def futures(addresses, steer):
    customer = Customer(addresses.venues["kucoin_futures"])
    with customer.http:
        steer.price(XBT, "60000", "60000.1")
        yield customer


def ask(futures, client_id):
    return futures.send("GET", f"{ORDERS}/byClientOid?clientOid={client_id}").json()


def held(steer):
    return [position["quantity"] for position in steer.truth("kucoin_futures")["positions"]]


def test_an_order_is_in_lots_and_its_fill_in_nanoseconds(futures, steer):
    accepted = futures.post(ORDERS, **contract("sd-1", size=10))
    told = futures.get(f"{ORDERS}/{accepted['orderId']}")
    assert told == ask(futures, "sd-1")["data"]
    assert (told["size"], told["filledSize"], told["avgDealPrice"], told["status"]) == (10, 10, "60000.1", "done")
    assert held(steer) == ["0.010"]
    (fill,) = futures.get("/api/v1/fills", orderId=accepted["orderId"])["items"]
    assert (fill["size"], fill["price"], fill["fee"]) == (10, "60000.1", "0.3600006")
    assert fill["tradeTime"] == fill["createdAt"] * 1_000_000


@pytest.mark.parametrize(
    ("size", "quantity"), [({"size": 3}, "0.003"), ({"qty": "0.004"}, "0.004"), ({"valueQty": "350"}, "0.005")]
)
def test_the_size_is_told_in_one_of_three_ways(futures, steer, size, quantity):
    order = {name: value for name, value in contract("sd-2").items() if name != "size"}
    futures.post(ORDERS, **order, **size)
    assert held(steer) == [quantity]
    assert futures.code("POST", ORDERS, **{**order, "clientOid": "sd-3", "size": 1, "qty": "0.001"}) == "100001"
    assert futures.code("POST", ORDERS, **{**order, "clientOid": "sd-3"}) == "100001"


def test_a_client_id_is_good_for_one_order_for_ever(futures, steer):
    futures.post(ORDERS, **contract("sd-4"))
    reply = futures.send("POST", ORDERS, contract("sd-4"))
    assert (reply.status_code, reply.json()["code"]) == (200, "300018")
    assert held(steer) == ["0.010"]


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (contract("a", symbol="BTCUSDTM"), "100003"),
        (contract("a", size="1.5"), "100001"),
        (contract("a", qty="0.0005", size=""), "100001"),
        (contract(""), "100001"),
        (contract("a", size=100_000), "300003"),
        (contract("a", reduceOnly=True), "300009"),
        (contract("a", closeOrder=True), "300009"),
        (contract("a", marginMode="CROSS"), "330005"),
        (contract("a", leverage=21), "300016"),
        (contract("a", type="limit", price="50000.01"), "100001"),
        (contract("a", timeInForce="FOK"), "100001"),
        (contract("a", stop="up", stopPriceType="TP"), "100001"),
        (contract("a", stop="up", stopPrice="61000"), "100001"),
    ],
)
def test_what_is_wrong_with_an_order_has_a_code_whether_it_is_placed_or_tested(futures, steer, order, code):
    for path in (ORDERS, f"{ORDERS}/test"):
        reply = futures.send("POST", path, order)
        assert (reply.status_code, reply.json()["code"]) == (200, code)
    assert steer.orders("kucoin_futures") == []


def test_a_halted_contract_takes_no_order_and_says_so_in_its_listing(futures, steer):
    steer.halt(XBT)
    assert futures.code("POST", ORDERS, **contract("sd-5")) == "300002"
    assert futures.http.get("/api/v1/contracts/XBTUSDTM").json()["data"]["status"] == "Paused"


def test_finished_orders_are_listed_where_no_status_is_named(futures):
    futures.post(ORDERS, **contract("done"))
    futures.post(ORDERS, **contract("open", **RESTING))
    assert [one["clientOid"] for one in futures.get(ORDERS)["items"]] == ["done"]
    assert [one["clientOid"] for one in futures.get(ORDERS, status="active")["items"]] == ["open"]


def test_lists_come_in_pages_newest_first(futures):
    for row in range(3):
        futures.post(ORDERS, **contract(f"sd-{row}", size=1))
    pages = [futures.get(ORDERS, currentPage=number, pageSize=2) for number in (1, 2)]
    assert [[one["clientOid"] for one in page["items"]] for page in pages] == [["sd-2", "sd-1"], ["sd-0"]]
    assert (pages[0]["totalNum"], pages[0]["totalPage"]) == (3, 2)


def test_a_cancellation_is_answered_before_it_is_carried_out(futures):
    accepted = futures.post(ORDERS, **contract("sd-6", **RESTING))
    path = f"{ORDERS}/{accepted['orderId']}"
    assert futures.delete(path) == {"cancelledOrderIds": [accepted["orderId"]]}
    assert ask(futures, "sd-6")["data"]["isActive"] is True
    time.sleep(2 * CANCEL_LAG)
    told = ask(futures, "sd-6")["data"]
    assert (told["isActive"], told["cancelExist"], told["status"]) == (False, True, "done")
    assert futures.code("DELETE", path) == "100004"
    gone = futures.send("DELETE", f"{ORDERS}/client-order/nobody?symbol=XBTUSDTM")
    assert (gone.status_code, gone.json()["code"]) == (200, "100004")


def test_an_unknown_order_is_an_error_in_http_200(futures):
    reply = futures.send("GET", f"{ORDERS}/byClientOid?clientOid=nobody")
    assert (reply.status_code, reply.json()) == (200, {"code": "100001", "msg": "error.getOrder.orderNotExist"})


def test_money_is_told_of_bitcoin_unless_another_currency_is_named(futures):
    futures.post(ORDERS, **contract("sd-7"))
    nothing = futures.get("/api/v1/account-overview")
    assert (nothing["currency"], nothing["accountEquity"]) == ("XBT", 0)
    told = futures.get("/api/v1/account-overview", currency="USDT")
    assert told["marginBalance"] == pytest.approx(100_000 - 0.3600006)
    assert told["accountEquity"] == pytest.approx(told["marginBalance"] + told["unrealisedPNL"])
    assert told["availableBalance"] < told["marginBalance"]


def test_a_position_is_in_signed_lots_and_numbers_are_numbers(futures, steer):
    futures.post(ORDERS, **contract("sd-8", side="sell", leverage=3))
    steer.price(XBT, "59900", "59900.1")
    (told,) = futures.get("/api/v1/positions", currency="USDT")
    assert (told["currentQty"], told["isOpen"], told["marginMode"], told["leverage"]) == (-10, True, "ISOLATED", 3)
    assert (told["avgEntryPrice"], told["unrealisedPnl"]) == (60000, pytest.approx(0.999))
    flat = futures.get("/api/v1/position", symbol="ETHUSDTM")
    assert (flat["currentQty"], flat["isOpen"]) == (0, False)
    assert futures.get("/api/v1/positions", currency="XBT") == []


def test_an_order_closes_the_whole_position_without_a_size(futures, steer):
    futures.post(ORDERS, **contract("open"))
    futures.post(ORDERS, clientOid="close", symbol="XBTUSDTM", type="market", closeOrder=True)
    assert held(steer) == []
    assert ask(futures, "close")["data"]["side"] == "sell"


def test_an_order_that_only_reduces_is_cut_to_the_position(futures, steer):
    futures.post(ORDERS, **contract("open"))
    futures.post(ORDERS, **contract("reduce", side="sell", size=25, reduceOnly=True))
    told = ask(futures, "reduce")["data"]
    assert (told["filledSize"], told["isActive"], told["cancelExist"]) == (10, False, True)
    assert held(steer) == []


def test_a_stop_waits_in_a_list_of_its_own_until_the_price_is_there(futures, steer):
    futures.post(ORDERS, **contract("sd-9", stop="up", stopPrice="61000", stopPriceType="TP"))
    (waiting,) = futures.get("/api/v1/stopOrders")["items"]
    assert (waiting["clientOid"], waiting["stop"], waiting["stopPrice"]) == ("sd-9", "up", "61000")
    assert futures.get(ORDERS, status="active")["items"] == []
    steer.price(XBT, "61000", "61000.1")
    assert held(steer) == ["0.010"]
    assert ask(futures, "sd-9")["data"]["stopTriggered"] is True


@pytest.mark.parametrize(("price", "stop"), [("58990", "down"), ("62010", "up")])
def test_attached_prices_guard_the_position_and_the_other_one_goes_with_it(futures, steer, price, stop):
    guards = {"triggerStopUpPrice": "62000", "triggerStopDownPrice": "59000", "stopPriceType": "TP"}
    futures.post("/api/v1/st-orders", **contract("sd-10"), **guards)
    waiting = futures.get("/api/v1/stopOrders")["items"]
    assert {(one["side"], one["stop"], one["stopPrice"]) for one in waiting} == {
        ("sell", "up", "62000"),
        ("sell", "down", "59000"),
    }
    steer.price(XBT, price, f"{price}.1")
    assert held(steer) == []
    assert futures.get("/api/v1/stopOrders")["items"] == []
    exit_fill = futures.get("/api/v1/fills")["items"][0]
    assert (exit_fill["side"], exit_fill["stop"], exit_fill["size"]) == ("sell", stop, 10)


def test_prices_on_the_wrong_side_guard_nothing(futures, steer):
    guards = {"triggerStopUpPrice": "59000", "triggerStopDownPrice": "58000", "stopPriceType": "TP"}
    assert futures.code("POST", "/api/v1/st-orders", **contract("sd-11"), **guards) == "300000"
    assert steer.orders("kucoin_futures") == []


def test_all_orders_of_a_contract_are_cancelled_but_for_its_stops(futures, steer):
    for row in range(2):
        futures.post(ORDERS, **contract(f"sd-{row}", **RESTING))
    futures.post(ORDERS, **contract("stop", stop="up", stopPrice="61000", stopPriceType="TP"))
    assert len(futures.delete("/api/v3/orders?symbol=XBTUSDTM")["cancelledOrderIds"]) == 2
    time.sleep(2 * CANCEL_LAG)
    assert [one["order"]["state"] for one in steer.orders("kucoin_futures")] == ["cancelled", "cancelled", "acked"]
    futures.delete("/api/v1/stopOrders?symbol=XBTUSDTM")
    time.sleep(2 * CANCEL_LAG)
    assert futures.get("/api/v1/stopOrders")["items"] == []


def test_the_margin_mode_is_changed_only_while_nothing_depends_on_it(futures):
    change = {"symbol": "XBTUSDTM", "marginMode": "CROSS"}
    assert futures.post("/api/v2/position/changeMarginMode", **change) == change
    assert futures.code("POST", ORDERS, **contract("isolated")) == "330005"
    futures.post(ORDERS, **contract("cross", marginMode="CROSS"))
    back = {**change, "marginMode": "ISOLATED"}
    assert futures.code("POST", "/api/v2/position/changeMarginMode", **back) == "330005"
    assert futures.get("/api/v2/position/getMarginMode", symbol="XBTUSDTM")["marginMode"] == "CROSS"


def test_the_leverage_of_the_cross_mode_is_set_for_a_contract(futures):
    assert futures.post("/api/v2/changeCrossUserLeverage", symbol="XBTUSDTM", leverage="5") is True
    assert futures.get("/api/v2/getCrossUserLeverage", symbol="XBTUSDTM")["leverage"] == "5"
    assert futures.code("POST", "/api/v2/changeCrossUserLeverage", symbol="XBTUSDTM", leverage="21") == "300016"


def test_contracts_tell_their_multiplier_and_when_the_next_funding_is(futures):
    told = {one["symbol"]: one for one in futures.http.get("/api/v1/contracts/active").json()["data"]}
    assert {symbol: one["multiplier"] for symbol, one in told.items()} == {"XBTUSDTM": 0.001, "ETHUSDTM": 0.01}
    assert 0 < told["XBTUSDTM"]["nextFundingRateTime"] <= 4 * 3_600_000
    assert (told["XBTUSDTM"]["isInverse"], told["XBTUSDTM"]["expireDate"]) == (False, None)


def test_candles_ascend_in_milliseconds_and_the_last_one_is_forming(futures):
    now = futures.now()
    query = {"symbol": "ETHUSDTM", "granularity": 5, "from": now - 1_500_000, "to": now}
    rows = futures.http.get("/api/v1/kline/query", params=query).json()["data"]
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert rows[-1][0] <= now < rows[-1][0] + 300_000
    assert all(low <= min(opened, close) <= max(opened, close) <= high for _, opened, high, low, close, _ in rows)
    assert all(isinstance(row[5], int) for row in rows)
    longest = {**query, "granularity": 1, "from": now - 60_000 * 900}
    page = futures.http.get("/api/v1/kline/query", params=longest).json()["data"]
    assert len(page) == 500
    assert 0 <= page[0][0] - longest["from"] < 60_000
    newest = futures.http.get("/api/v1/kline/query", params={"symbol": "ETHUSDTM", "granularity": 5}).json()["data"]
    assert (len(newest), newest[-1]) == (200, rows[-1])


def test_prices_are_texts_and_their_time_is_in_nanoseconds(futures):
    told = {one["symbol"]: one for one in futures.http.get("/api/v1/allTickers").json()["data"]}
    assert (told["XBTUSDTM"]["bestBidPrice"], told["XBTUSDTM"]["bestAskPrice"]) == ("60000", "60000.1")
    assert told["XBTUSDTM"]["ts"] == futures.now() * 1_000_000
    assert futures.http.get("/api/v1/ticker", params={"symbol": "XBTUSDTM"}).json()["data"] == told["XBTUSDTM"]


def test_several_orders_at_once_fail_one_by_one(futures):
    told = futures.send("POST", f"{ORDERS}/multi", [contract("one"), contract("one")]).json()["data"]
    assert [row["code"] for row in told] == ["200000", "300018"]


def test_a_book_is_in_prices_and_whole_lots_as_numbers(futures):
    told = futures.http.get("/api/v1/level2/depth20?symbol=XBTUSDTM").json()["data"]
    assert [price for price, _ in told["bids"][:3]] == [60000, 59999.9, 59999.8]
    assert told["asks"][0][0] == 60000.1
    assert all(isinstance(lots, int) and lots > 0 for _, lots in (*told["bids"], *told["asks"]))
    assert told["ts"] % 1_000 == 0
