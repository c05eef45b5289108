"""The simulated Aster: true in the details that have bitten real clients."""

from datetime import timedelta

import httpx
import pytest

from tests.simulator.aster_customer import Customer

BTC = "BTC/USDT:USDT"


@pytest.fixture
def aster(addresses, steer):
    customer = Customer(addresses.venues["aster"])
    with customer.http:
        steer.price(BTC, "60000", "60001")
        yield customer


def test_an_acknowledged_market_order_looks_new_although_it_is_filled(aster):
    told = aster.market(newClientOrderId="sd-1").json()
    assert (told["status"], told["executedQty"], told["avgPrice"]) == ("NEW", "0", "0.00000")
    found = aster.get("v1/order", symbol="BTCUSDT", origClientOrderId="sd-1").json()
    assert (found["status"], found["executedQty"], found["avgPrice"]) == ("FILLED", "0.01", "60001")
    assert isinstance(found["orderId"], int)
    assert aster.market(newOrderRespType="RESULT").json()["status"] == "FILLED"


def test_a_client_id_is_free_again_after_the_fill_so_a_market_order_trades_twice(aster, steer):
    for _ in range(2):
        assert aster.market(newClientOrderId="sd-2").status_code == 200
    assert steer.truth("aster")["positions"][0]["quantity"] == "0.02"
    aster.limit("sd-3")
    assert aster.limit("sd-3").json()["code"] == -4116


def test_503_after_acceptance_leaves_an_order(aster, steer):
    steer.fault("after", "status", status=503, method="POST")
    assert aster.market(newClientOrderId="sd-4").status_code == 503
    assert [order["client_id"] for order in steer.orders("aster")] == ["sd-4"]


def test_a_price_is_an_object_for_a_symbol_and_a_list_without(aster):
    one = aster.http.get("/fapi/v1/ticker/bookTicker", params={"symbol": "BTCUSDT"}).json()
    every = aster.http.get("/fapi/v1/ticker/bookTicker").json()
    assert (one["bidPrice"], one["askPrice"]) == ("60000", "60001")
    assert [row["symbol"] for row in every] == ["BTCUSDT", "ETHUSDT"]


def test_flat_positions_are_listed(aster):
    aster.market()
    positions = {row["symbol"]: row for row in aster.get("v2/positionRisk").json()}
    assert (positions["BTCUSDT"]["positionAmt"], positions["ETHUSDT"]["positionAmt"]) == ("0.01", "0")
    assert positions["BTCUSDT"]["entryPrice"] == "60001"


def test_every_reply_counts_the_weight_and_too_much_is_refused_until_the_next_minute(aster, steer):
    weights = [int(aster.http.get("/fapi/v1/ping").headers["X-MBX-USED-WEIGHT-1M"]) for _ in range(2)]
    assert weights[1] == weights[0] + 1
    replies = [aster.http.get("/fapi/v1/klines", params={"symbol": "X", "interval": "1m"}) for _ in range(480)]
    assert (replies[-1].status_code, replies[-1].json()["code"]) == (429, -1003)
    steer.wait(minutes=1)
    assert aster.http.get("/fapi/v1/ping").status_code == 200


def test_a_cancelled_order_without_a_fill_vanishes_after_a_week(aster, steer):
    aster.limit("sd-5")
    cancelled = aster.send("DELETE", "v1/order", symbol="BTCUSDT", origClientOrderId="sd-5").json()
    assert cancelled["status"] == "CANCELED"
    query = {"symbol": "BTCUSDT", "origClientOrderId": "sd-5"}
    assert aster.get("v1/order", **query).json()["status"] == "CANCELED"
    steer.wait(days=8)
    assert aster.get("v1/order", **query).json()["code"] == -2013
    assert aster.send("DELETE", "v1/order", **query).json()["code"] == -2011


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"type": "MARKET", "quantity": "0.0001"}, -1111),
        ({"type": "MARKET", "quantity": "0"}, -4003),
        ({"type": "MARKET", "quantity": "100"}, -2019),
        ({"type": "MARKET", "quantity": "0.01", "reduceOnly": "true"}, -2022),
        ({"type": "MARKET"}, -1102),
        ({"type": "MARKET", "quantity": "0.01", "symbol": "XUSDT"}, -1121),
        ({"type": "MARKET", "quantity": "0.01", "newClientOrderId": "ä"}, -4015),
        ({"type": "LIMIT", "quantity": "0.01", "price": "50000.01", "timeInForce": "GTC"}, -4014),
        ({"type": "LIMIT", "quantity": "0.001", "price": "100", "timeInForce": "GTC"}, -4164),
        ({"type": "STOP_MARKET", "quantity": "0.01", "stopPrice": "59000"}, -2021),
        ({"type": "PERHAPS", "quantity": "0.01"}, -1116),
    ],
)
def test_what_is_wrong_with_an_order_has_a_number(aster, steer, order, code):
    reply = aster.order(**order)
    assert (reply.status_code, reply.json()["code"]) == (400, code)
    assert steer.orders("aster") == []


def test_a_halted_symbol_takes_no_order(aster, steer):
    steer.halt(BTC)
    assert aster.market().json()["code"] == -4140


def test_a_post_only_order_that_would_take_expires(aster):
    told = aster.limit("sd-6", price="61000", timeInForce="GTX", newOrderRespType="RESULT").json()
    assert (told["status"], told["executedQty"]) == ("EXPIRED", "0")


def test_a_stop_order_closes_the_position_and_its_profit_is_told(aster, steer):
    aster.market()
    aster.order(type="STOP_MARKET", side="SELL", stopPrice="59000", closePosition="true", newClientOrderId="stop")
    steer.price(BTC, "58990", "58991")
    fills = aster.get("v1/userTrades", symbol="BTCUSDT").json()
    assert [fill["side"] for fill in fills] == ["BUY", "SELL"]
    assert (fills[1]["price"], fills[1]["realizedPnl"]) == ("58990", "-10.11")
    assert fills[0]["commission"] == "-0.2100035"
    assert aster.get("v1/userTrades", symbol="BTCUSDT", fromId=fills[1]["id"]).json() == fills[1:]
    assert float(aster.get("v2/balance").json()[0]["balance"]) == pytest.approx(100_000 - 10.11 - 0.2100035 - 0.206465)


def test_the_dead_mans_switch_cancels_when_nobody_comes_back(aster, steer):
    aster.limit("sd-7")
    aster.send("POST", "v1/countdownCancelAll", symbol="BTCUSDT", countdownTime=60_000)
    steer.wait(seconds=59)
    assert len(aster.get("v1/openOrders").json()) == 1
    steer.wait(seconds=2)
    assert aster.get("v1/openOrders").json() == []


def test_the_margin_type_can_be_changed_once(aster):
    change = {"symbol": "BTCUSDT", "marginType": "ISOLATED"}
    replies = [aster.send("POST", "v1/marginType", **change).json() for _ in range(2)]
    assert [reply["code"] for reply in replies] == [200, -4046]
    assert aster.send("POST", "v1/leverage", symbol="BTCUSDT", leverage=5).json()["leverage"] == 5
    assert aster.get("v2/positionRisk", symbol="BTCUSDT").json()[0]["leverage"] == "5"


def test_a_signature_must_be_right_and_fresh(aster, steer):
    assert aster.send("POST", "v1/order", secret="wrong", symbol="BTCUSDT").json()["code"] == -1022
    late = aster.now() - 5_001
    assert aster.get("v2/balance", timestamp=late).json()["code"] == -1021
    assert aster.get("v2/balance", timestamp=late, recvWindow=10_000).status_code == 200
    assert aster.get("v2/balance", timestamp=aster.now() + 1_000).json()["code"] == -1021
    steer.post("/clock", skew=30)
    assert aster.get("v2/balance", timestamp=late + 5_001).json()["code"] == -1021
    stranger = httpx.get(f"{aster.http.base_url}/fapi/v2/balance", headers={"X-MBX-APIKEY": "nobody"})
    assert (stranger.status_code, stranger.json()["code"]) == (401, -2015)


def test_candles_ascend_in_columns_and_the_last_one_is_forming(aster):
    rows = aster.http.get("/fapi/v1/klines", params={"symbol": "ETHUSDT", "interval": "5m", "limit": 3}).json()
    now = aster.now()
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert [row[6] > now for row in rows] == [False, False, True]
    assert [type(value) for value in rows[0]] == [int, str, str, str, str, str, int, str, int, str, str, str]
    begin = rows[0][0]
    query = {"symbol": "ETHUSDT", "interval": "5m", "startTime": begin, "limit": 2}
    assert aster.http.get("/fapi/v1/klines", params=query).json() == rows[:2]
    query = {"symbol": "ETHUSDT", "interval": "5m", "endTime": begin, "limit": 1}
    assert aster.http.get("/fapi/v1/klines", params=query).json() == rows[:1]


def test_the_grid_is_in_the_filters(aster):
    symbols = aster.http.get("/fapi/v1/exchangeInfo").json()["symbols"]
    filters = {one["filterType"]: one for one in symbols[0]["filters"]}
    assert (filters["PRICE_FILTER"]["tickSize"], filters["LOT_SIZE"]["stepSize"]) == ("0.1", "0.001")


def test_all_open_orders_of_a_symbol_are_cancelled_at_once(aster):
    aster.limit("one")
    aster.limit("two")
    assert aster.send("DELETE", "v1/allOpenOrders", symbol="BTCUSDT").json()["code"] == "200"
    orders = aster.get("v1/allOrders", symbol="BTCUSDT").json()
    assert [order["status"] for order in orders] == ["CANCELED", "CANCELED"]
    assert timedelta(milliseconds=orders[0]["time"] - aster.now()) < timedelta(seconds=1)


def test_the_spot_market_of_the_same_venue_lists_nothing(aster):
    told = aster.http.get("/api/v3/exchangeInfo").json()
    assert (told["symbols"], told["serverTime"]) == ([], aster.now())


def test_brackets_are_an_object_for_a_symbol_and_a_list_without(aster):
    one = aster.get("v1/leverageBracket", symbol="BTCUSDT").json()
    every = aster.get("v1/leverageBracket").json()
    assert [row["symbol"] for row in every] == ["BTCUSDT", "ETHUSDT"]
    assert (one["symbol"], one["brackets"][0]["initialLeverage"]) == ("BTCUSDT", 20)


def test_a_wallet_signs_for_the_same_account(aster):
    pytest.importorskip("eth_account", reason="eth-account is not installed")
    from urllib.parse import urlencode

    from eth_account import Account
    from eth_account.messages import encode_typed_data

    wallet = Account.from_key("0x" + "0" * 63 + "1")
    domain = {"name": "AsterSignTransaction", "version": "1", "chainId": 1666, "verifyingContract": "0x" + "0" * 40}
    text = urlencode({"nonce": aster.now() * 1_000, "user": wallet.address, "signer": wallet.address})
    message = encode_typed_data(domain, {"Message": [{"name": "msg", "type": "string"}]}, {"msg": text})
    signature = "0x" + wallet.sign_message(message).signature.hex().removeprefix("0x")
    first = aster.http.get(f"/fapi/v3/balance?{text}&signature={signature}")
    again = aster.http.get(f"/fapi/v3/balance?{text}&signature={signature}")
    other = aster.http.get(f"/fapi/v3/balance?{text}&x=1&signature={signature}")
    assert (first.status_code, again.json()["code"], other.json()["code"]) == (200, -4225, -1022)


def test_a_book_stands_around_the_price_at_which_orders_are_matched(aster):
    told = aster.http.get("/fapi/v3/depth", params={"symbol": "BTCUSDT", "limit": 5}).json()
    assert (told["bids"][0][0], told["asks"][0][0], len(told["bids"]), len(told["asks"])) == ("60000", "60001", 5, 5)
    assert [price for price, _ in told["bids"]] == ["60000", "59999.9", "59999.8", "59999.7", "59999.6"]
    assert told["E"] == pytest.approx(aster.now(), abs=10_000)
    assert aster.http.get("/fapi/v3/depth", params={"symbol": "BTCUSDT", "limit": 7}).json()["code"] == -1102


def test_the_interval_of_funding_is_told_in_a_list_for_a_symbol_too(aster):
    told = aster.http.get("/fapi/v1/fundingInfo", params={"symbol": "BTCUSDT"}).json()
    assert [(row["symbol"], row["fundingIntervalHours"]) for row in told] == [("BTCUSDT", 4)]
