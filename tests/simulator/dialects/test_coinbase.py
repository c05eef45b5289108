"""The simulated Coinbase: true in the details that have bitten real clients."""

from datetime import timedelta

import httpx
import pytest

from tests.simulator.coinbase_customer import ROOT, Customer, encoded, token
from tests.simulator.conftest import START

BTC = "BTC/USD"
BRACKET = {"trigger_bracket_gtc": {"limit_price": "62000", "stop_trigger_price": "59000"}}


@pytest.fixture
def coinbase(addresses, steer):
    customer = Customer(addresses.venues["coinbase"])
    with customer.http:
        steer.price(BTC, "60000", "60001")
        yield customer


def test_a_refusal_is_a_success_of_http(coinbase, steer):
    refused = coinbase.market("sd-1", size="10")
    assert (refused["success"], refused["error_response"]["error"]) == (False, "INSUFFICIENT_FUND")
    assert refused["error_response"]["preview_failure_reason"] == "PREVIEW_INSUFFICIENT_FUND"
    assert refused["order_configuration"] == {"market_market_ioc": {"base_size": "10"}}
    assert steer.orders("coinbase") == []


@pytest.mark.parametrize(
    ("kind", "settings", "word", "preview_word"),
    [
        ("market_market_ioc", {"base_size": "0.000000001"}, "INVALID_SIZE_PRECISION", ""),
        ("market_market_ioc", {"base_size": "0.000001"}, "UNKNOWN_FAILURE_REASON", "BASE_SIZE_TOO_SMALL"),
        ("market_market_ioc", {"quote_size": "10.001"}, "UNKNOWN_FAILURE_REASON", "INVALID_QUOTE_SIZE_PRECISION"),
        ("limit_limit_gtc", {"base_size": "0.1", "limit_price": "50000.001"}, "INVALID_PRICE_PRECISION", ""),
        (
            "limit_limit_gtc",
            {"base_size": "0.1", "limit_price": "60001", "post_only": True},
            "INVALID_LIMIT_PRICE_POST_ONLY",
            "",
        ),
        (
            "stop_limit_stop_limit_gtc",
            {
                "base_size": "0.1",
                "limit_price": "60500",
                "stop_price": "60000",
                "stop_direction": "STOP_DIRECTION_STOP_UP",
            },
            "UNKNOWN_FAILURE_REASON",
            "STOP_PRICE_BELOW_LAST_TRADE_PRICE",
        ),
        (
            "stop_limit_stop_limit_gtc",
            {
                "base_size": "0.1",
                "limit_price": "60500",
                "stop_price": "61000",
                "stop_direction": "STOP_DIRECTION_STOP_UP",
            },
            "UNKNOWN_FAILURE_REASON",
            "STOP_PRICE_ABOVE_LIMIT_PRICE",
        ),
        ("twap_limit_gtd", {"base_size": "0.1"}, "UNSUPPORTED_ORDER_CONFIGURATION", ""),
        ("market_market_ioc", {"base_size": "0.1", "product": "XXX-USD"}, "INVALID_PRODUCT_ID", ""),
    ],
)
def test_what_is_wrong_with_an_order_has_a_word(coinbase, steer, kind, settings, word, preview_word):
    response = coinbase.order("sd-2", kind, **settings)["error_response"]
    assert response["error"] == word
    assert preview_word in response["preview_failure_reason"]
    assert steer.orders("coinbase") == []


def test_what_is_no_order_at_all_is_a_bad_request(coinbase):
    for body in (
        {"product_id": "BTC-USD", "side": "BUY", "order_configuration": {"market_market_ioc": {"base_size": "1"}}},
        {"client_order_id": "1", "product_id": "BTC-USD", "side": "BUY", "order_configuration": {}},
        {"client_order_id": "1", "product_id": "BTC-USD", "side": "UP", "order_configuration": {"x": {}}},
    ):
        reply = coinbase.post("/orders", body)
        assert (reply.status_code, reply.json()["error"]) == (400, "INVALID_ARGUMENT")


def test_an_id_gives_its_first_order_for_ever_whatever_is_sent_with_it(coinbase, steer):
    first = coinbase.market("sd-3")
    assert coinbase.market("sd-3", size="0.2") == first
    assert coinbase.limit("sd-3") == first
    assert steer.truth("coinbase")["positions"][0]["quantity"] == "0.1"


def test_an_order_that_names_its_cost_is_filled_in_quote_currency(coinbase):
    order = coinbase.found(coinbase.order("sd-4", "market_market_ioc", quote_size="100"))
    (fill,) = coinbase.fills()
    assert (order["size_in_quote"], order["status"]) == (True, "FILLED")
    assert (fill["size_in_quote"], fill["size"], fill["commission"]) == (True, order["filled_value"], "0.59641835")
    assert float(order["total_value_after_fees"]) == pytest.approx(100, abs=0.001)
    assert float(fill["size"]) / float(fill["price"]) == pytest.approx(float(order["filled_size"]))


def test_a_working_order_keeps_money_back_and_a_cancelled_one_gives_it_again(coinbase):
    order = coinbase.found(coinbase.limit("sd-5"))
    assert (order["status"], order["time_in_force"]) == ("OPEN", "GOOD_UNTIL_CANCELLED")
    assert coinbase.balances()["USD"] == ("94970", "5030")
    reply = coinbase.post("/orders/batch_cancel", {"order_ids": [order["order_id"]]}).json()
    word = "UNKNOWN_CANCEL_FAILURE_REASON"
    assert reply["results"] == [{"success": True, "failure_reason": word, "order_id": order["order_id"]}]
    assert coinbase.balances()["USD"] == ("100000", "0")
    assert coinbase.orders()[0]["cancel_message"] == "User requested cancel"


def test_each_order_of_a_cancellation_has_its_own_outcome(coinbase):
    filled, open_ = (told["order_id"] for told in (coinbase.market("sd-6"), coinbase.limit("sd-7")))
    names = [filled, open_, open_, "nobody"]
    results = coinbase.post("/orders/batch_cancel", {"order_ids": names}).json()["results"]
    words = ["ORDER_IS_FULLY_FILLED", "DUPLICATE_CANCEL_REQUEST", "UNKNOWN_CANCEL_ORDER"]
    assert [one["failure_reason"] for one in results if not one["success"]] == words
    assert coinbase.post("/orders/batch_cancel", {"order_ids": ["x"] * 101}).status_code == 400


def test_orders_are_told_newest_first_page_by_page_and_by_what_is_asked(coinbase, steer):
    coinbase.market("sd-8")
    steer.wait(minutes=10)
    for number in range(3):
        coinbase.limit(f"sd-9-{number}")
    first = coinbase.get("/orders/historical/batch", limit=3).json()
    rest = coinbase.get("/orders/historical/batch", limit=3, cursor=first["cursor"]).json()
    assert [one["client_order_id"] for one in first["orders"]] == ["sd-9-2", "sd-9-1", "sd-9-0"]
    assert [one["client_order_id"] for one in rest["orders"]] == ["sd-8"]
    assert (first["has_next"], rest["has_next"], rest["cursor"]) == (True, False, "")
    assert len(coinbase.orders(order_status="OPEN")) == 3
    assert len(coinbase.orders(order_types="MARKET")) == 1
    since = (START + timedelta(minutes=5)).isoformat()
    assert len(coinbase.orders(start_date=since)) == 3
    assert coinbase.orders(product_ids="ETH-USD") == []
    reply = coinbase.get("/orders/historical/batch", order_status=["OPEN", "FILLED"])
    assert (reply.status_code, reply.json()["error"]) == (400, "INVALID_ARGUMENT")


def test_fills_are_asked_by_order_product_and_time(coinbase, steer):
    first = coinbase.market("sd-10")["order_id"]
    steer.wait(minutes=10)
    coinbase.market("sd-11", side="SELL")
    assert [one["side"] for one in coinbase.fills()] == ["SELL", "BUY"]
    assert [one["order_id"] for one in coinbase.fills(order_ids=first)] == [first]
    since = (START + timedelta(minutes=5)).isoformat()
    assert [one["side"] for one in coinbase.fills(start_sequence_timestamp=since)] == ["SELL"]
    assert coinbase.fills(product_ids=["ETH-USD", "SOL-USD"]) == []
    page = coinbase.get("/orders/historical/fills", limit=1).json()
    assert [one["side"] for one in coinbase.fills(cursor=page["cursor"])] == ["BUY"]


def test_an_order_that_nobody_placed_is_not_found(coinbase):
    reply = coinbase.get("/orders/historical/e9a1b998-0000-4000-8000-0000000000ff")
    assert (reply.status_code, reply.json()["error"]) == (404, "NOT_FOUND")


def test_an_edit_keeps_the_order_and_what_may_not_be_edited_has_a_word(coinbase):
    name = coinbase.limit("sd-12")["order_id"]

    def edit(price: str, size: str, order: str = name) -> dict:
        return coinbase.post("/orders/edit", {"order_id": order, "price": price, "size": size}).json()

    assert edit("51000", "0.2")["success"] is True
    (order,) = coinbase.orders()
    assert order["order_configuration"]["limit_limit_gtc"] == {"base_size": "0.2", "limit_price": "51000"}
    assert order["edit_history"][0]["size"] == "0.2"
    assert coinbase.balances()["USD"][1] == "10261.2"
    words = [
        edit(*change)["errors"][0]["edit_failure_reason"]
        for change in (
            ("51000.001", "0.2"),
            ("51000", "0.000000001"),
            ("51000", "0"),
            ("51000", "9"),
            ("51000", "0.1", "nobody"),
            ("51000", "0.1", coinbase.market("sd-13")["order_id"]),
        )
    ]
    assert words == [
        "INVALID_EDITED_PRICE",
        "INVALID_EDITED_SIZE",
        "CANNOT_EDIT_TO_BELOW_FILLED_SIZE",
        "INVALID_EDITED_SIZE",
        "ORDER_NOT_FOUND",
        "ONLY_LIMIT_ORDER_EDITS_SUPPORTED",
    ]


def test_an_edited_order_fills_at_its_new_price(coinbase, steer):
    name = coinbase.limit("sd-14")["order_id"]
    coinbase.post("/orders/edit", {"order_id": name, "price": "55000", "size": "0.05"})
    steer.price(BTC, "54000", "54001")
    order = coinbase.get(f"/orders/historical/{name}").json()["order"]
    assert (order["status"], order["filled_size"], order["number_of_fills"]) == ("FILLED", "0.05", "1")
    assert coinbase.fills()[0]["liquidity_indicator"] == "MAKER"


def test_an_order_is_good_until_its_time(coinbase, steer):
    end = (START + timedelta(minutes=5)).isoformat()
    name = coinbase.order("sd-15", "limit_limit_gtd", base_size="0.1", limit_price="50000", end_time=end)["order_id"]
    assert coinbase.orders(order_status="OPEN")[0]["order_id"] == name
    steer.wait(minutes=6)
    assert coinbase.orders()[0]["status"] == "EXPIRED"


def test_an_order_that_cannot_be_filled_whole_is_not_filled_at_all(coinbase, steer):
    steer.depth(BTC, "0.05")
    whole = coinbase.order("sd-16", "limit_limit_fok", base_size="0.1", limit_price="60001")
    part = coinbase.order("sd-17", "sor_limit_ioc", base_size="0.1", limit_price="60001")
    assert [(one["status"], one["filled_size"]) for one in (coinbase.found(whole), coinbase.found(part))] == [
        ("CANCELLED", "0"),
        ("CANCELLED", "0.05"),
    ]


def test_a_stop_that_waits_for_a_better_price_does_not_trigger_on_a_worse_one(coinbase, steer):
    prices = {"limit_price": "59500", "stop_price": "59000", "stop_direction": "STOP_DIRECTION_STOP_DOWN"}
    coinbase.order("sd-18", "stop_limit_stop_limit_gtc", base_size="0.1", **prices)
    steer.price(BTC, "61000", "61001")
    assert coinbase.orders()[0]["trigger_status"] == "STOP_PENDING"
    steer.price(BTC, "58990", "58991")
    assert coinbase.orders()[0]["trigger_status"] == "STOP_TRIGGERED"


def test_an_attached_bracket_is_one_order_that_keeps_the_coins_back(coinbase, steer):
    entry = coinbase.market("sd-19", attached=BRACKET)["success_response"]
    bracket = coinbase.orders()[0]
    assert entry["attached_order_id"] == bracket["order_id"]
    assert bracket["originating_order_id"] == entry["order_id"]
    prices = {"limit_price": "62000", "stop_trigger_price": "59000"}
    assert bracket["order_configuration"] == {"trigger_bracket_gtc": {"base_size": "0.1", **prices}}
    assert coinbase.balances()["BTC"] == ("0", "0.1")
    assert coinbase.market("sd-20", side="SELL")["error_response"]["error"] == "INSUFFICIENT_FUND"
    steer.price(BTC, "62100", "62101")
    assert [one["status"] for one in coinbase.orders(order_types="BRACKET")] == ["FILLED"]
    assert (coinbase.fills()[0]["order_id"], coinbase.fills()[0]["price"]) == (bracket["order_id"], "62100")


def test_a_cancelled_bracket_leaves_the_position_alone(coinbase, steer):
    coinbase.market("sd-21", attached=BRACKET)
    name = coinbase.orders()[0]["order_id"]
    assert coinbase.post("/orders/batch_cancel", {"order_ids": [name]}).json()["results"][0]["success"] is True
    for price in ("58000", "63000"):
        steer.price(BTC, price, price)
    assert coinbase.orders()[0]["status"] == "CANCELLED"
    assert coinbase.balances()["BTC"] == ("0.1", "0")


def test_a_bracket_can_be_sent_by_itself_and_its_id_is_used_then(coinbase, steer):
    coinbase.market("sd-22")
    prices = {"limit_price": "62000", "stop_trigger_price": "59000"}
    told = coinbase.order("sd-23", "trigger_bracket_gtc", "SELL", base_size="0.1", **prices)
    again = coinbase.order("sd-23", "trigger_bracket_gtc", "SELL", base_size="0.1", **prices)
    assert told["order_id"] == again["order_id"] == coinbase.orders(order_status="OPEN")[0]["order_id"]
    wrong = coinbase.order("sd-24", "trigger_bracket_gtc", "BUY", base_size="0.1", **prices)
    assert wrong["error_response"]["preview_failure_reason"] == "PREVIEW_INVALID_BRACKET_ORDER_SIDE"
    steer.price(BTC, "58990", "58991")
    order = coinbase.found(told)
    assert (order["client_order_id"], order["status"], order["average_filled_price"]) == ("sd-23", "FILLED", "58990")


def test_a_position_is_closed_by_one_call(coinbase, steer):
    coinbase.market("sd-25")
    closed = coinbase.post("/orders/close_position", {"client_order_id": "sd-26", "product_id": "BTC-USD"}).json()
    assert coinbase.found(closed)["filled_size"] == "0.1"
    assert steer.truth("coinbase")["positions"] == []


def test_dollars_and_usdc_are_one_book_and_two_wallets(coinbase, steer):
    products = {one["product_id"]: one for one in coinbase.ask("/products").json()["products"]}
    assert products["BTC-USDC"]["alias"] == "BTC-USD"
    assert products["BTC-USD"]["alias_to"] == ["BTC-USDC"]
    refused = coinbase.market("sd-27", product="BTC-USDC")
    assert refused["error_response"]["error"] == "INSUFFICIENT_FUND"
    both = {"from_account": "USD", "to_account": "USDC"}
    offer = coinbase.post("/convert/quote", {**both, "amount": "7000"}).json()["trade"]
    assert (offer["status"], offer["total"]) == ("TRADE_STATUS_CREATED", {"value": "7000", "currency": "USDC"})
    made = [coinbase.post(f"/convert/trade/{offer['id']}", both) for _ in range(2)]
    assert [one.status_code for one in made] == [200, 400]
    coinbase.market("sd-27", product="BTC-USDC")
    coinbase.market("sd-28", side="SELL", size="0.05")
    balances = coinbase.balances()
    assert (balances["USDC"][0], balances["USD"][0]) == ("963.8994", "95982")
    assert steer.truth("coinbase")["cash"] == "99945.94940000"


def test_an_offer_to_convert_is_good_for_some_seconds(coinbase, steer):
    both = {"from_account": "USD", "to_account": "USDC"}
    offer = coinbase.post("/convert/quote", {**both, "amount": "100"}).json()["trade"]["id"]
    steer.wait(seconds=11)
    assert coinbase.post(f"/convert/trade/{offer}", both).status_code == 400
    assert coinbase.get(f"/convert/trade/{offer}", **both).json()["trade"]["status"] == "TRADE_STATUS_CREATED"
    assert coinbase.balances()["USDC"] == ("0", "0")
    assert coinbase.post("/convert/quote", {**both, "amount": "1000000"}).status_code == 400


def test_wallets_come_in_pages(coinbase):
    names, cursor = [], ""
    while True:
        page = coinbase.get("/accounts", limit=2, cursor=cursor).json()
        names += [one["currency"] for one in page["accounts"]]
        cursor = page["cursor"]
        if not page["has_next"]:
            break
    assert names == ["BTC", "ETH", "SOL", "USD", "USDC"]
    one = coinbase.get("/accounts").json()["accounts"][0]
    assert coinbase.get(f"/accounts/{one['uuid']}").json()["account"] == one
    assert coinbase.get("/accounts/nobody").status_code == 404


def test_candles_are_newest_first_texts_without_a_word_that_the_last_is_forming(coinbase):
    query = {"start": coinbase.now() - 3_600, "end": coinbase.now(), "granularity": "FIVE_MINUTE"}
    rows = coinbase.ask("/products/ETH-USD/candles", **query).json()["candles"]
    starts = [int(row["start"]) for row in rows]
    assert starts == sorted(starts, reverse=True)
    assert list(rows[0]) == ["start", "low", "high", "open", "close", "volume"]
    assert all(isinstance(value, str) for value in rows[0].values())
    assert starts[0] < coinbase.now() < starts[0] + 300
    again = {**query, "start": starts[-1], "end": starts[0]}
    assert coinbase.ask("/products/ETH-USD/candles", **again).json()["candles"] == rows[1:]


def test_more_candles_than_350_are_refused(coinbase):
    end = coinbase.now() // 300 * 300
    query = {"end": end, "granularity": "FIVE_MINUTE"}
    full = coinbase.ask("/products/BTC-USD/candles", start=end - 350 * 300, **query).json()["candles"]
    over = coinbase.ask("/products/BTC-USD/candles", start=end - 351 * 300, **query)
    assert len(full) == 350
    assert (over.status_code, over.json()["error"]) == (400, "INVALID_ARGUMENT")
    unknown = coinbase.ask("/products/XXX-USD/candles", start=end - 300, **query)
    assert unknown.status_code == 404


@pytest.mark.parametrize("word", ["TWO_HOUR", "SIX_HOUR", "ONE_DAY"])
def test_long_candles_begin_on_their_own_grid(coinbase, word):
    length = {"TWO_HOUR": 7_200, "SIX_HOUR": 21_600, "ONE_DAY": 86_400}[word]
    query = {"start": coinbase.now() - 3 * length, "end": coinbase.now(), "granularity": word}
    rows = coinbase.ask("/products/ETH-USD/candles", **query).json()["candles"]
    assert len(rows) == 3
    assert all(int(row["start"]) % length == 0 for row in rows)


def test_prices_are_told_in_one_call_for_several_products(coinbase, steer):
    books = coinbase.get("/best_bid_ask", product_ids=["BTC-USD", "ETH-USD"]).json()["pricebooks"]
    assert [one["product_id"] for one in books] == ["BTC-USD", "ETH-USD"]
    assert books[0]["bids"] == [{"price": "60000", "size": "100"}]
    assert coinbase.ask("/products/BTC-USD/ticker", limit=3).json()["best_ask"] == "60001"
    assert len(coinbase.ask("/products/BTC-USD/ticker", limit=3).json()["trades"]) == 3
    steer.halt(BTC)
    assert coinbase.get("/products/BTC-USD").json()["trading_disabled"] is True
    assert coinbase.market("sd-29")["error_response"]["error"] == "ORDER_ENTRY_DISABLED"


@pytest.mark.parametrize(("limit", "levels"), [({}, 20), ({"limit": 3}, 3), ({"limit": 1}, 1)])
def test_a_book_has_as_many_prices_as_are_asked_for_around_the_one_at_which_orders_are_matched(coinbase, limit, levels):
    told = coinbase.ask("/product_book", product_id="BTC-USD", **limit).json()
    bids, asks = told["pricebook"]["bids"], told["pricebook"]["asks"]
    assert (bids[0]["price"], asks[0]["price"], len(bids), len(asks)) == ("60000", "60001", levels, levels)
    assert (told["mid_market"], told["spread_absolute"]) == ("60000.5", "1")
    assert bids[0]["size"] != asks[0]["size"]


def test_a_preview_tells_the_cost_and_makes_no_order(coinbase, steer):
    order = {"product_id": "BTC-USD", "side": "BUY"}
    dear = {"market_market_ioc": {"base_size": "10"}}
    told = coinbase.post("/orders/preview", {**order, "order_configuration": dear}).json()
    assert told["errs"] == ["PREVIEW_INSUFFICIENT_FUND"]
    told = coinbase.post(
        "/orders/preview", {**order, "order_configuration": {"market_market_ioc": {"base_size": "0.1"}}}
    ).json()
    assert (told["errs"], told["commission_total"], told["order_total"]) == ([], "36.0006", "6036.1006")
    assert steer.orders("coinbase") == []


def test_what_was_traded_is_in_the_summary(coinbase):
    coinbase.market("sd-30")
    summary = coinbase.get("/transaction_summary").json()
    assert (summary["total_volume"], summary["total_fees"]) == ("6000.1", "36.0006")
    assert summary["fee_tier"]["maker_fee_rate"] == "0.004"
    rights = coinbase.get("/key_permissions").json()
    assert coinbase.get("/portfolios").json()["portfolios"][0]["uuid"] == rights["portfolio_uuid"]


def test_news_is_hidden_while_the_venue_lags(coinbase, steer):
    steer.fault("read", "lag", seconds=60, times=0)
    name = coinbase.market("sd-31")["order_id"]
    assert coinbase.orders() == coinbase.fills() == []
    assert coinbase.get(f"/orders/historical/{name}").status_code == 404


def test_every_reply_tells_what_is_left_of_the_second(coinbase, steer):
    replies = [coinbase.get("/key_permissions") for _ in range(2)]
    left = [int(reply.headers["x-ratelimit-remaining"]) for reply in replies]
    assert (left[0] - left[1], replies[0].headers["x-ratelimit-limit"]) == (1, "30")


def test_who_asks_too_often_is_refused_until_the_next_second(coinbase, steer):
    steer.post("/clock", speed=0.001)
    path = f"{ROOT}/market/product_book"
    replies = [coinbase.http.get(path, params={"product_id": "BTC-USD"}) for _ in range(12)]
    assert [reply.status_code for reply in replies].count(429) >= 1
    assert replies[-1].json()["errors"][0]["id"] == "rate_limit_exceeded"
    steer.wait(seconds=1)
    assert coinbase.http.get(path, params={"product_id": "BTC-USD"}).status_code == 200


def test_a_legacy_signature_must_be_right_and_fresh(coinbase, steer):
    def asked(**how: object) -> tuple[int, str]:
        reply = coinbase.http.get(f"{ROOT}/accounts", headers=coinbase.signed("GET", "/accounts", b"", **how))
        return reply.status_code, reply.text

    now, refused = coinbase.now(), (401, "Unauthorized")
    assert asked(at=now)[0] == asked(at=now - 30)[0] == asked(at=now + 30)[0] == 200
    assert asked(at=now - 31) == asked(at=now + 31) == asked(secret="wrong") == refused
    steer.post("/clock", skew=60)
    assert asked(at=now) == refused
    assert coinbase.http.get(f"{ROOT}/accounts").status_code == 401


@pytest.mark.parametrize("kind", ["es256", "ed25519"])
def test_a_token_is_for_one_request_and_some_seconds(coinbase, kind):
    now, uri = coinbase.now(), f"GET {coinbase.host}{ROOT}/accounts"

    def asked(at: int = now, **claims: object) -> int:
        return coinbase.with_token(token(kind, at, **{"uri": uri, **claims})).status_code

    assert asked() == asked(uri=f"GET http://{coinbase.host}{ROOT}/accounts") == asked(uri="", uris=[uri]) == 200
    assert asked(uri=f"POST {coinbase.host}{ROOT}/accounts") == 401
    assert asked(uri=f"GET {coinbase.host}{ROOT}/orders") == 401
    assert asked(uri=f"GET elsewhere.test{ROOT}/accounts") == 401
    assert asked(uri="") == 401
    assert asked(at=now + 29) == 200
    assert [asked(at=now - 151), asked(at=now + 31), asked(exp=now + 3_600)] == [401, 401, 401]
    assert asked(sub="organizations/simulator/apiKeys/other") == 401


def test_a_token_that_was_touched_is_none(coinbase):
    whole = token("es256", coinbase.now(), uri=f"GET {coinbase.host}{ROOT}/accounts")
    head, claims, signature = whole.split(".")
    other = token("ed25519", coinbase.now(), uri=f"GET {coinbase.host}{ROOT}/accounts").split(".")[2]
    short = encoded(b"short")
    for broken in (f"{head}.{claims}.{other}", f"{head}.{claims}.{short}", f"{head}.{claims}", "x.y.z"):
        assert coinbase.with_token(broken).status_code == 401
    assert coinbase.with_token(f"{head}.{claims}.{signature}").status_code == 200


def test_several_accounts_have_keys_and_books_of_their_own(coinbase, steer):
    secrets = {"legacy_key": "other", "legacy_secret": "other-secret"}
    steer.post("/accounts", venue="coinbase", name="coinbase-2", secrets=secrets, cash="500")
    coinbase.market("sd-32")
    headers = coinbase.signed("GET", "/accounts", b"", secret="other-secret") | {"CB-ACCESS-KEY": "other"}
    rows = coinbase.http.get(f"{ROOT}/accounts", headers=headers).json()["accounts"]
    assert {row["currency"]: row["available_balance"]["value"] for row in rows}["USD"] == "500"


def test_the_older_interface_answers_what_clients_ask_first(coinbase):
    assert coinbase.http.get("/v2/time").json()["data"]["epoch"] == coinbase.now()
    names = [one["code"] for one in coinbase.http.get("/v2/currencies/crypto").json()["data"]]
    rates = coinbase.http.get("/v2/exchange-rates").json()["data"]["rates"]
    assert (names, rates["USDC"]) == (["BTC", "ETH", "SOL", "USDC"], "1")
    assert float(rates["BTC"]) == pytest.approx(1 / 60000.5, rel=1e-4)
    assert httpx.get(f"{coinbase.http.base_url}/v2/accounts").status_code == 401
