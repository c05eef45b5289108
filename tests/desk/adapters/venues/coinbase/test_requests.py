"""Requests are those that the official client makes for the same calls."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from desk.adapters.venue_http.session import VenueSession
from desk.adapters.venues.coinbase import requests
from desk.adapters.venues.coinbase.errors import read_error
from desk.adapters.venues.coinbase.open import PATH
from desk.adapters.venues.coinbase.terms import CoinbaseTerms
from desk.errors import ConfigError
from desk.model.instrument import Instrument, InstrumentKind, Side
from desk.model.orders import Barriers, OrderType, TimeInForce
from desk.model.timeframe import Timeframe
from tests.builders import BTC_USD
from tests.desk.adapters.venues.coinbase.venue import intent

SHARED = Path(__file__).resolve().parents[6] / "shared" / "wire" / "coinbase" / "requests.json"
if not SHARED.is_file():
    pytest.skip("needs ../shared/wire", allow_module_level=True)
OFFICIAL = {
    call["test"].removeprefix("test_"): {
        "method": call["method"],
        "path": call["url"].removeprefix("https://api.coinbase.com"),
        "query": call.get("expected_query", ""),
        "json": call.get("expected_json"),
    }
    for call in json.loads(SHARED.read_text())
}
TERMS = CoinbaseTerms("USD", ("BTC/USD",))
# 1112 bps above 90 is 100.008, cut to the tick of 1.
STOP_TERMS = CoinbaseTerms("USD", ("BTC/USD",), stop_allowance_bps=Decimal(1112))
WHOLE = Instrument("BTC/USD", InstrumentKind.SPOT, Decimal(1), Decimal(1), Decimal(1))
ORDER = {"client_order_id": "client_order_id_1", "quantity": Decimal(1)}


def official_order(name):
    text = json.dumps(OFFICIAL[name]["json"]).replace("product_id_1", "BTC-USD")
    return json.loads(text)


async def sent(request):
    """The request as it leaves, through the session and httpx."""
    caught = []

    def catch(sent):
        caught.append(sent)
        return httpx.Response(200, json={})

    transport = httpx.MockTransport(catch)
    async with VenueSession(
        "coinbase", f"https://api.coinbase.com{PATH}", errors=read_error, transport=transport
    ) as session:
        await session.read(request)
    return caught[0]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("market_order_sell", {"side": Side.SELL}),
        ("limit_order_ioc", {"type": OrderType.LIMIT, "price": Decimal(100)}),
        ("limit_order_gtc", {"type": OrderType.LIMIT, "price": Decimal(100), "time_in_force": TimeInForce.GTC}),
        ("stop_limit_order_gtc", {"type": OrderType.STOP, "price": Decimal(90)}),
    ],
)
async def test_an_order_is_the_one_that_the_official_client_sends(name, changes):
    expected = official_order(name)
    resting = expected["order_configuration"].get("limit_limit_gtc")
    if resting:
        resting["post_only"] = False  # the desk wants its orders filled
    request = await sent(requests.create(intent(**ORDER, **changes), WHOLE, STOP_TERMS))
    assert json.loads(request.content) == expected
    assert (request.method, request.url.path) == (OFFICIAL[name]["method"], OFFICIAL[name]["path"])


async def test_a_preview_is_the_same_order_without_its_id():
    request = await sent(requests.preview(intent(side=Side.SELL, quantity=Decimal(1)), WHOLE, TERMS))
    assert json.loads(request.content) == official_order("preview_market_order_sell")
    assert request.url.path == OFFICIAL["preview_market_order_sell"]["path"]


def conversion_body():
    body = dict(OFFICIAL["create_convert_quote"]["json"])
    del body["trade_incentive_metadata"]
    return body


@pytest.mark.parametrize(
    ("name", "request_", "body"),
    [
        ("edit_order", requests.edit("order_id_1", price=Decimal(50), size=Decimal(100)), None),
        ("cancel_orders", requests.cancel(["order_id_1", "order_id_2"]), None),
        (
            "create_convert_quote",
            requests.quote_conversion("from_account", "to_account", Decimal(100)),
            conversion_body(),
        ),
        ("commit_convert_trade", requests.commit_conversion("1234", "from_account", "to_account"), None),
    ],
)
async def test_other_writes_are_those_of_the_official_client(name, request_, body):
    request = await sent(request_)
    assert json.loads(request.content) == (body or OFFICIAL[name]["json"])
    assert (request.method, request.url.path) == (OFFICIAL[name]["method"], OFFICIAL[name]["path"])


@pytest.mark.parametrize(
    ("name", "request_", "names"),
    [
        ("get_accounts", requests.wallets("abcd"), {"limit", "cursor"}),
        (
            "get_convert_trade",
            requests.conversion("1234", "from_account", "to_account"),
            {"from_account", "to_account"},
        ),
        ("get_api_key_permissions", requests.permissions(), set()),
        ("get_transaction_summary", requests.fees(), {"product_type"}),
        ("get_order", requests.order("order_id_1"), set()),
        ("list_orders", requests.orders("", status="OPEN"), {"order_status", "limit"}),
        (
            "get_fills",
            requests.fills("abc", order_id="1234", products=("A-B",)),
            {"order_ids", "product_ids", "limit", "cursor"},
        ),
        ("get_best_bid_ask", requests.best_prices(["product_1", "product_2"]), {"product_ids"}),
        ("get_public_product_book", requests.book("product_1"), {"product_id", "limit"}),
        ("get_public_products", requests.products_page(500), {"limit", "product_type", "offset"}),
    ],
)
async def test_reads_ask_the_same_places_under_the_same_names(name, request_, names):
    request, expected = await sent(request_), OFFICIAL[name]
    assert (request.method, request.url.path) == (expected["method"], expected["path"])
    assert set(request.url.params) == names
    known = set(httpx.QueryParams(expected.get("query", "")))
    assert names <= known | {"offset"}


async def test_several_products_are_asked_for_by_repeating_the_name():
    request = await sent(requests.best_prices(["product_1", "product_2"]))
    assert request.url.query.decode() == OFFICIAL["get_best_bid_ask"]["query"]


async def test_candles_are_asked_for_in_seconds_and_the_venues_words():
    request = await sent(requests.candles("BTC/USD", Timeframe.M5, 1640995200, 1641081600))
    expected = OFFICIAL["get_public_candles"]
    assert request.url.path == expected["path"].replace("product_id_1", "BTC-USD")
    assert str(request.url.params).lower() == expected["query"].replace("&limit=2", "")
    assert request.headers["Cache-Control"] == "no-cache"


async def test_times_are_told_in_utc_with_microseconds():
    request = await sent(requests.orders("", since=datetime(2026, 1, 14, 15, tzinfo=UTC)))
    assert request.url.params["start_date"] == "2026-01-14T15:00:00.000000Z"


@pytest.mark.parametrize(
    ("side", "limit", "direction"),
    [(Side.BUY, "50500.00", "STOP_DIRECTION_STOP_UP"), (Side.SELL, "49500.00", "STOP_DIRECTION_STOP_DOWN")],
)
def test_a_stop_may_fill_a_hundredth_worse_than_where_it_triggers(side, limit, direction):
    request = requests.create(intent(type=OrderType.STOP, side=side, price=Decimal("50000.00")), BTC_USD, TERMS)
    stop = request.json["order_configuration"]["stop_limit_stop_limit_gtc"]
    assert (stop["limit_price"], stop["stop_price"], stop["stop_direction"]) == (limit, "50000.00", direction)


BOTH = Barriers(stop=Decimal(49000), target=Decimal(52000))


def test_stop_and_target_of_a_purchase_are_attached_without_a_size():
    request = requests.create(intent(barriers=BOTH), BTC_USD, TERMS)
    bracket = {"limit_price": "52000", "stop_trigger_price": "49000"}
    assert request.json["attached_order_configuration"] == {"trigger_bracket_gtc": bracket}


@pytest.mark.parametrize(
    ("changes", "terms"),
    [
        ({"barriers": Barriers(stop=Decimal(49000))}, TERMS),
        ({"barriers": Barriers(target=Decimal(52000))}, TERMS),
        ({"barriers": BOTH, "side": Side.SELL}, TERMS),
        ({"barriers": BOTH}, CoinbaseTerms("USD", ("BTC/USD",), attach_brackets=False)),
    ],
    ids=["stop alone", "target alone", "a sale", "not wanted"],
)
def test_nothing_else_is_attached(changes, terms):
    assert "attached_order_configuration" not in requests.create(intent(**changes), BTC_USD, terms).json


def test_numbers_are_written_out():
    request = requests.create(intent(quantity=Decimal("1E-8")), BTC_USD, TERMS)
    assert request.json["order_configuration"] == {"market_market_ioc": {"base_size": "0.00000001"}}


def test_an_order_that_lacks_its_price_is_not_built():
    with pytest.raises(ConfigError, match="expected a price"):
        requests.create(intent(type=OrderType.LIMIT), BTC_USD, TERMS)


def test_two_instruments_of_one_base_currency_are_refused():
    with pytest.raises(ConfigError, match="one balance of BTC"):
        CoinbaseTerms("USD", ("BTC/USD", "BTC/USDC"))
