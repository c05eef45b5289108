"""The simulated spot host of KuCoin: true in the details that have bitten real clients."""

import time
from decimal import Decimal

import httpx
import pytest

from simulator.dialects.kucoin_common.customers import CANCEL_LAG
from tests.simulator.kucoin_customer import BTC, EARLIER, HF, KEY, Customer, hashed, limit, market

ACCOUNTS = "/api/v1/accounts"
TRANSFER = "/api/v3/accounts/universal-transfer"
LEDGER = "/api/v1/hf/accounts/ledgers"


@pytest.fixture
def kucoin(addresses, steer):
    customer = Customer(addresses.venues["kucoin"])
    with customer.http:
        steer.price(BTC, "60000", "60000.1")
        yield customer


def ask(kucoin, client_id):
    return kucoin.send("GET", f"{HF}/client-order/{client_id}?symbol=BTC-USDT").json()


def balances(kucoin, wallet="trade"):
    return {row["currency"]: row for row in kucoin.get(ACCOUNTS, type=wallet)}


def test_an_order_is_answered_with_its_ids_alone_and_found_by_either(kucoin):
    accepted = kucoin.post(HF, **market(clientOid="sd-1"))
    assert set(accepted) == {"orderId", "clientOid"}
    found = ask(kucoin, "sd-1")["data"]
    assert found == kucoin.get(f"{HF}/{accepted['orderId']}", symbol="BTC-USDT")
    assert (found["active"], found["cancelExist"], found["inOrderBook"]) == (False, False, False)
    assert (found["dealSize"], found["dealFunds"], found["fee"]) == ("0.01", "600.001", "0.600001")


def test_the_path_that_waits_tells_what_became_of_the_order(kucoin):
    told = kucoin.post(f"{HF}/sync", **market())
    assert (told["status"], told["dealSize"], told["remainSize"]) == ("done", "0.01", "0")
    assert kucoin.post(f"{HF}/sync", **limit("sd-2"))["status"] == "open"
    ended = kucoin.delete(f"{HF}/sync/client-order/sd-2?symbol=BTC-USDT")
    assert (ended["status"], ended["canceledSize"]) == ("done", "0.01")


def test_a_market_order_may_say_what_it_spends(kucoin, steer):
    kucoin.post(HF, symbol="BTC-USDT", side="buy", type="market", funds="600.001", clientOid="sd-3")
    assert steer.truth("kucoin")["positions"][0]["quantity"] == "0.01"
    told = ask(kucoin, "sd-3")["data"]
    assert (told["size"], told["funds"], told["remainFunds"]) == ("0", "600.001", "0")
    assert kucoin.code("POST", HF, symbol="BTC-USDT", side="sell", type="market", funds="600") == "400100"


def test_a_cancellation_is_answered_before_it_is_carried_out(kucoin, steer):
    kucoin.post(HF, **limit("sd-4"))
    assert kucoin.delete(f"{HF}/client-order/sd-4?symbol=BTC-USDT") == {"clientOid": "sd-4"}
    assert steer.orders("kucoin")[0]["order"]["state"] == "acked"
    time.sleep(2 * CANCEL_LAG)
    told = ask(kucoin, "sd-4")["data"]
    assert (told["active"], told["cancelExist"], told["cancelledSize"]) == (False, True, "0.01")
    reply = kucoin.send("DELETE", f"{HF}/client-order/sd-4?symbol=BTC-USDT")
    assert (reply.status_code, reply.json()["code"]) == (200, "400100")
    assert reply.json()["msg"] == "order_not_exist_or_not_allow_to_cancel"


def test_an_unknown_order_is_an_error_in_http_200(kucoin):
    reply = kucoin.send("GET", f"{HF}/client-order/nobody?symbol=BTC-USDT")
    assert (reply.status_code, reply.json()) == (200, {"code": "400100", "msg": "order not exist"})


def test_a_client_id_is_refused_among_active_orders_and_free_again_after_the_fill(kucoin, steer):
    kucoin.post(HF, **limit("sd-5"))
    again = kucoin.send("POST", HF, limit("sd-5")).json()
    assert again == {"code": "400100", "msg": "validation.createOrder.clientOidDuplicated"}
    for _ in range(2):
        kucoin.post(HF, **market(clientOid="sd-6"))
    assert steer.truth("kucoin")["positions"][0]["quantity"] == "0.02"


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (market(symbol="X-USDT"), "900001"),
        (market(side="up"), "400100"),
        (market(size="0"), "400100"),
        (market(size="0.000000001"), "600100"),
        (market(size="0.000001"), "400100"),
        (market(size="10"), "200004"),
        (market(side="sell"), "200004"),
        (market(clientOid="a b"), "400100"),
        (market(clientOid="x" * 41), "400100"),
        (limit("a", price="50000.01"), "600100"),
        (limit("a", price="50", size="0.00001"), "600101"),
        (limit("a", timeInForce="DAY"), "400100"),
        ({"symbol": "BTC-USDT", "side": "buy", "type": "limit", "size": "0.01"}, "400100"),
        ({"symbol": "BTC-USDT", "side": "buy", "type": "limit", "price": "50000", "funds": "100"}, "400100"),
    ],
)
def test_what_is_wrong_with_an_order_has_a_code_whether_it_is_placed_or_tested(kucoin, steer, order, code):
    for path in (HF, f"{HF}/test"):
        reply = kucoin.send("POST", path, order)
        assert (reply.status_code, reply.json()["code"]) == (200, code)
    assert steer.orders("kucoin") == []


def test_a_tested_order_is_not_placed(kucoin, steer):
    assert "orderId" in kucoin.post(f"{HF}/test", **market(clientOid="sd-7"))
    assert steer.orders("kucoin") == []
    assert ask(kucoin, "sd-7")["code"] == "400100"


def test_a_halted_symbol_takes_no_order_and_says_so_in_its_listing(kucoin, steer):
    steer.halt(BTC)
    assert kucoin.code("POST", HF, **market()) == "200001"
    assert kucoin.http.get("/api/v2/symbols/BTC-USDT").json()["data"]["enableTrading"] is False


def test_five_orders_at_once_fail_one_by_one(kucoin):
    told = kucoin.post(f"{HF}/multi", orderList=[limit("sd-8"), limit("sd-8"), limit("sd-9")])
    assert [row["success"] for row in told] == [True, False, True]
    assert told[1]["failMsg"] == "validation.createOrder.clientOidDuplicated"
    assert kucoin.code("POST", f"{HF}/multi", orderList=[limit(f"x{row}") for row in range(6)]) == "400100"


def test_a_changed_order_is_a_new_one_under_the_same_client_id(kucoin):
    first = kucoin.post(HF, **limit("sd-10"))
    changed = kucoin.post(f"{HF}/alter", symbol="BTC-USDT", orderId=first["orderId"], newPrice="51000", newSize="0.02")
    told = ask(kucoin, "sd-10")["data"]
    assert (told["id"], told["price"], told["size"]) == (changed["newOrderId"], "51000", "0.02")
    assert kucoin.get(f"{HF}/{first['orderId']}", symbol="BTC-USDT")["cancelExist"] is True


def test_open_orders_come_whole_and_finished_ones_page_by_page_into_the_past(kucoin):
    for row in range(3):
        kucoin.post(HF, **market(clientOid=f"done-{row}"))
    kucoin.post(HF, **limit("open"))
    assert kucoin.get(f"{HF}/active/symbols") == {"symbols": ["BTC-USDT"]}
    assert [one["clientOid"] for one in kucoin.get(f"{HF}/active", symbol="BTC-USDT")] == ["open"]
    first = kucoin.get(f"{HF}/done", symbol="BTC-USDT", limit=2)
    assert [one["clientOid"] for one in first["items"]] == ["done-2", "done-1"]
    rest = kucoin.get(f"{HF}/done", symbol="BTC-USDT", limit=2, lastId=first["lastId"])
    assert [one["clientOid"] for one in rest["items"]] == ["done-0"]


def test_fills_page_into_the_past_and_are_told_for_a_week_at_a_time(kucoin, steer):
    ids = [kucoin.post(HF, **market())["orderId"] for _ in range(3)]
    first = kucoin.get("/api/v1/hf/fills", symbol="BTC-USDT", limit=2)
    rest = kucoin.get("/api/v1/hf/fills", symbol="BTC-USDT", limit=2, lastId=first["lastId"])
    assert [row["orderId"] for row in [*first["items"], *rest["items"]]] == ids[::-1]
    assert (rest["items"][0]["liquidity"], rest["items"][0]["feeRate"]) == ("taker", "0.001")
    steer.wait(days=8)
    assert kucoin.get("/api/v1/hf/fills", symbol="BTC-USDT")["items"] == []
    assert kucoin.code("GET", f"/api/v1/hf/fills?symbol=BTC-USDT&startAt=1&endAt={kucoin.now()}") == "400100"


def test_a_resting_order_is_filled_by_the_market_as_a_maker(kucoin, steer):
    price = kucoin.http.get("/api/v1/market/orderbook/level1?symbol=ETH-USDT").json()["data"]["bestBid"]
    kucoin.post(HF, **limit("sd-12", symbol="ETH-USDT", price=price))
    steer.wait(hours=2)
    (fill,) = kucoin.get("/api/v1/hf/fills", symbol="ETH-USDT")["items"]
    assert (fill["liquidity"], fill["price"], fill["size"]) == ("maker", price, "0.01")


def test_an_order_that_ends_by_itself_is_cancelled_at_its_time(kucoin, steer):
    kucoin.post(HF, **limit("sd-11", timeInForce="GTT", cancelAfter=60))
    steer.wait(seconds=59)
    assert ask(kucoin, "sd-11")["data"]["active"] is True
    steer.wait(seconds=2)
    assert ask(kucoin, "sd-11")["data"]["cancelExist"] is True


def test_balances_are_what_was_paid_and_what_orders_hold(kucoin):
    kucoin.post(HF, **market(size="0.02"))
    kucoin.post(HF, **limit("buy"))
    kucoin.post(HF, **limit("sell", side="sell", price="70000"))
    told = balances(kucoin)
    assert (told["BTC"]["balance"], told["BTC"]["available"], told["BTC"]["holds"]) == ("0.02", "0.01", "0.01")
    assert Decimal(told["USDT"]["balance"]) == 100_000 - Decimal("1200.002") - Decimal("1.200002")
    assert told["USDT"]["holds"] == "500"
    assert balances(kucoin, "trade_hf")["BTC"]["type"] == "trade_hf"


def test_money_moves_between_three_wallets_once_for_each_client_id_and_none_is_made_or_lost(kucoin, steer):
    def move(client_id, amount, source, target):
        form = {"clientOid": client_id, "type": "INTERNAL", "currency": "USDT", "amount": amount}
        return kucoin.send("POST", TRANSFER, {**form, "fromAccountType": source, "toAccountType": target}).json()

    first = move("t-1", "1000.5", "TRADE", "CONTRACT")
    assert move("t-1", "1000.5", "TRADE", "CONTRACT") == first
    assert move("t-2", "0.5", "CONTRACT", "MAIN")["code"] == "200000"
    assert move("t-3", "0.6", "MAIN", "TRADE")["code"] == "260100"
    assert move("t-4", "99000", "TRADE", "MAIN")["code"] == "230003"
    spot, futures = steer.truth("kucoin"), steer.truth("kucoin_futures")
    assert (spot["cash"], spot["wallets"], futures["cash"]) == ("98999.5", {"MAIN": "0.5"}, "101000.0")
    assert balances(kucoin, "main")["USDT"]["balance"] == "0.5"
    kucoin.post(HF, **limit("held", price="50000", size="1"))
    quota = kucoin.get("/api/v1/accounts/transferable", currency="USDT", type="TRADE")
    assert quota["transferable"] == "48999.5"


def test_the_older_transfer_names_wallets_in_lower_case(kucoin, steer):
    form = {"clientOid": "t-1", "currency": "USDT", "amount": "1", "from": "trade", "to": "main"}
    kucoin.post("/api/v2/accounts/inner-transfer", **form)
    assert steer.truth("kucoin")["wallets"] == {"MAIN": "1"}


def test_each_of_the_two_keys_signs_under_its_own_version(kucoin):
    for owner, version, code in (
        (KEY, "3", "200000"),
        (EARLIER, "2", "200000"),
        (KEY, "2", "400008"),
        (EARLIER, "3", "400008"),
    ):
        headers = kucoin.sign("GET", ACCOUNTS, owner=owner, version=version)
        assert kucoin.http.get(ACCOUNTS, headers=headers).json()["code"] == code


@pytest.mark.parametrize(
    ("header", "value", "status", "code"),
    [
        ("KC-API-SIGN", "wrong", 401, "400005"),
        ("KC-API-SIGN", "", 401, "400001"),
        ("KC-API-KEY", "nobody", 401, "400003"),
        ("KC-API-PASSPHRASE", f"{KEY}-passphrase", 401, "400004"),
        ("KC-API-KEY-VERSION", "", 401, "400009"),
    ],
)
def test_every_header_of_a_signed_request_has_to_be_right(kucoin, header, value, status, code):
    reply = kucoin.send("GET", ACCOUNTS, **{header: value})
    assert (reply.status_code, reply.json()["code"]) == (status, code)


def test_a_signature_is_good_for_five_seconds(kucoin, steer):
    headers = kucoin.sign("GET", ACCOUNTS)
    steer.wait(seconds=5)
    assert kucoin.http.get(ACCOUNTS, headers=headers).status_code == 200
    steer.wait(seconds=0.001)
    reply = kucoin.http.get(ACCOUNTS, headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (400, "400002")
    steer.post("/clock", skew=-30)
    assert kucoin.http.get(ACCOUNTS, headers=headers).json()["code"] == "400002"


def test_the_query_is_signed_without_its_escapes(kucoin):
    path = "/api/v1/trade-fees?symbols=BTC-USDT%2CETH-USDT"
    reply = kucoin.send("GET", path)
    assert [row["symbol"] for row in reply.json()["data"]] == ["BTC-USDT", "ETH-USDT"]
    moment = str(kucoin.now())
    as_sent = {**kucoin.sign("GET", path), "KC-API-TIMESTAMP": moment, "KC-API-SIGN": hashed(KEY, f"{moment}GET{path}")}
    assert kucoin.http.get(path, headers=as_sent).json()["code"] == "400005"


def test_a_key_without_a_permission_is_turned_away(addresses, steer, kucoin):
    secrets = {"key": "o-key", "secret": f"{KEY}-secret", "passphrase": f"{KEY}-passphrase", "permissions": "General"}
    steer.post("/accounts", venue="kucoin", name="other", secrets=secrets)
    for path in (HF, TRANSFER):
        reply = kucoin.send("POST", path, market(), **{"KC-API-KEY": "o-key"})
        assert (reply.status_code, reply.json()["code"]) == (403, "400007")
    assert kucoin.send("GET", ACCOUNTS, **{"KC-API-KEY": "o-key"}).status_code == 200


def test_candles_come_newest_first_with_the_close_before_the_high_and_the_last_one_forming(kucoin):
    now = kucoin.now() // 1_000
    query = {"symbol": "ETH-USDT", "type": "5min", "startAt": now - 1_500, "endAt": now}
    rows = kucoin.http.get("/api/v1/market/candles", params=query).json()["data"]
    times = [int(row[0]) for row in rows]
    assert times == sorted(times, reverse=True)
    assert times[0] <= now < times[0] + 300
    assert all(isinstance(value, str) for row in rows for value in row)
    for _, opened, close, high, low, *_ in ([*map(Decimal, row)] for row in rows):
        assert low <= min(opened, close) <= max(opened, close) <= high
    older = {**query, "startAt": times[-1], "endAt": times[0]}
    assert kucoin.http.get("/api/v1/market/candles", params=older).json()["data"] == rows[1:]
    longest = {**query, "type": "1min", "startAt": now - 60 * 3_000}
    assert len(kucoin.http.get("/api/v1/market/candles", params=longest).json()["data"]) == 1_500


def test_prices_of_all_symbols_come_in_one_call(kucoin):
    rows = kucoin.http.get("/api/v1/market/allTickers").json()["data"]["ticker"]
    found = {row["symbol"]: (row["buy"], row["sell"]) for row in rows}
    assert found["BTC-USDT"] == ("60000", "60000.1")
    assert set(found) == {"BTC-USDT", "ETH-USDT", "SOL-USDT"}


def test_an_empty_pool_refuses_until_it_is_filled_again(kucoin, steer):
    first = kucoin.http.get("/api/v1/market/allTickers")
    assert (first.headers["gw-ratelimit-limit"], first.headers["gw-ratelimit-remaining"]) == ("2000", "1985")
    replies = [kucoin.http.get("/api/v1/market/allTickers") for _ in range(133)]
    assert (replies[-1].status_code, replies[-1].json()["code"]) == (429, "429000")
    reset = int(replies[-1].headers["gw-ratelimit-reset"])
    assert 0 < reset <= 30_000
    steer.wait(milliseconds=reset)
    assert kucoin.http.get("/api/v1/market/allTickers").status_code == 200


def test_what_is_not_served_has_a_code_too(kucoin):
    for reply in (kucoin.http.get("/api/v1/nothing"), kucoin.http.put("/api/v1/accounts")):
        assert (reply.status_code, reply.json()["code"]) == (404, "404000")
    reply = httpx.post(f"{kucoin.http.base_url}/api/v1/hf/orders", content=b"a=b")
    assert (reply.status_code, reply.json()["code"]) == (415, "415000")
    assert kucoin.send("POST", HF, [1]).json()["code"] == "400100"


def test_a_scripted_error_looks_like_the_venues_own(kucoin, steer):
    steer.fault("after", "status", status=503, method="POST", venue="kucoin")
    reply = kucoin.send("POST", HF, market(clientOid="lost"))
    assert (reply.status_code, reply.json()["code"]) == (503, "500000")
    assert [order["client_id"] for order in steer.orders("kucoin")] == ["lost"]


def test_news_may_be_hidden_for_a_while(kucoin, steer):
    kucoin.post(HF, **market(clientOid="late"))
    steer.fault("read", "lag", seconds=60, times=2, path="/hf/")
    assert ask(kucoin, "late")["code"] == "400100"
    assert kucoin.get("/api/v1/hf/fills", symbol="BTC-USDT")["items"] == []
    assert ask(kucoin, "late")["code"] == "200000"


def test_a_book_stands_around_the_price_at_which_orders_are_matched(kucoin):
    for path, levels in (("level2_20", 20), ("level2_100", 100)):
        told = kucoin.http.get(f"/api/v1/market/orderbook/{path}?symbol=BTC-USDT").json()["data"]
        assert (len(told["bids"]), len(told["asks"])) == (levels, levels)
        best = kucoin.http.get("/api/v1/market/orderbook/level1?symbol=BTC-USDT").json()["data"]
        assert (told["bids"][0][0], told["asks"][0][0]) == (best["bestBid"], best["bestAsk"])
        assert told["bids"][0][1] != told["asks"][0][1]


def test_what_transfers_did_to_the_trade_wallet_is_told_newest_first_by_way_and_time(kucoin, steer):
    began = kucoin.now()
    for number, (source, target) in enumerate((("TRADE", "CONTRACT"), ("CONTRACT", "TRADE"), ("MAIN", "TRADE"))):
        ends = {"fromAccountType": source, "toAccountType": target}
        form = {"clientOid": f"l-{number}", "type": "INTERNAL", "currency": "USDT", "amount": str(10 - number), **ends}
        assert kucoin.send("POST", TRANSFER, form).json()["code"] == ("260100" if source == "MAIN" else "200000")
        steer.wait(seconds=1)
    asked = {"currency": "USDT", "bizType": "TRANSFER", "startAt": began, "endAt": began + 60_000}
    rows = kucoin.get(LEDGER, **asked)
    assert [(row["direction"], row["amount"]) for row in rows] == [("in", "9"), ("out", "10")]
    assert [row["amount"] for row in kucoin.get(LEDGER, **asked, direction="out")] == ["10"]
    assert kucoin.get(LEDGER, **{**asked, "startAt": began + 1000}) == rows[:1]
    assert kucoin.get(LEDGER, **{**asked, "currency": "BTC"}) == []
    assert kucoin.code("GET", f"{LEDGER}?bizType=TRANSFER&startAt=0&endAt={began}") == "400100"
