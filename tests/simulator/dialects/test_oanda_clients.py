"""Clients that others wrote trade at the simulated OANDA, unchanged."""

import time
from urllib.parse import urlsplit

import pytest

from tests.simulator.oanda_customer import ACCOUNT, LAG, TOKEN

LIMIT = {"type": "LIMIT", "instrument": "EUR_USD", "units": "1000", "price": "1.05000", "timeInForce": "GTC"}


@pytest.fixture
def oandapy(addresses, steer):
    module = pytest.importorskip("oandapyV20", reason="oandapyV20 is not installed")
    module.oandapyV20.TRADING_ENVIRONMENTS["simulator"] = {
        "stream": addresses.venues["oanda"],
        "api": addresses.venues["oanda"],
    }
    steer.price("EUR/USD", "1.10000", "1.10010")
    api = module.API(access_token=TOKEN, environment="simulator")
    yield api
    api.client.close()


def test_oandapyv20_trades(oandapy):
    from oandapyV20.endpoints import accounts, instruments, orders, positions, pricing, trades, transactions

    listed = oandapy.request(accounts.AccountInstruments(ACCOUNT, params={"instruments": "EUR_USD"}))
    assert listed["instruments"][0]["displayPrecision"] == 5
    candles = oandapy.request(instruments.InstrumentsCandles("EUR_USD", params={"granularity": "M5", "count": 10}))
    assert len(candles["candles"]) == 10
    prices = oandapy.request(pricing.PricingInfo(ACCOUNT, params={"instruments": "EUR_USD"}))["prices"]
    assert prices[0]["closeoutAsk"] == "1.10010"
    market = {"order": {"type": "MARKET", "instrument": "EUR_USD", "units": "500"}}
    fill = oandapy.request(orders.OrderCreate(ACCOUNT, data=market))["orderFillTransaction"]
    assert fill["price"] == "1.10010"
    named = {"order": {**LIMIT, "clientExtensions": {"id": "mine"}}}
    created = oandapy.request(orders.OrderCreate(ACCOUNT, data=named))["orderCreateTransaction"]["id"]
    time.sleep(LAG)
    assert oandapy.request(orders.OrderDetails(ACCOUNT, "@mine"))["order"]["id"] == created
    cancelled = oandapy.request(orders.OrderCancel(ACCOUNT, created))
    assert cancelled["orderCancelTransaction"]["reason"] == "CLIENT_REQUEST"
    held = oandapy.request(positions.OpenPositions(ACCOUNT))["positions"]
    assert held[0]["long"]["units"] == "500"
    news = oandapy.request(transactions.TransactionsSinceID(ACCOUNT, params={"id": 1}))["transactions"]
    assert [one["type"] for one in news] == ["MARKET_ORDER", "ORDER_FILL", "LIMIT_ORDER", "ORDER_CANCEL"]
    oandapy.request(trades.TradeClose(ACCOUNT, fill["tradeOpened"]["tradeID"]))
    oandapy.request(accounts.AccountSummary(ACCOUNT))
    assert oandapy.request(positions.OpenPositions(ACCOUNT))["positions"] == []


def test_oandapyv20_is_told_of_a_duplicate_id_and_of_a_bad_token(oandapy):
    from oandapyV20 import API
    from oandapyV20.endpoints import accounts, orders
    from oandapyV20.exceptions import V20Error

    named = {"order": {**LIMIT, "clientExtensions": {"id": "mine"}}}
    oandapy.request(orders.OrderCreate(ACCOUNT, data=named))
    with pytest.raises(V20Error) as told:
        oandapy.request(orders.OrderCreate(ACCOUNT, data=named))
    assert "CLIENT_ORDER_ID_ALREADY_EXISTS" in str(told.value)
    stranger = API(access_token="wrong", environment="simulator")
    with pytest.raises(V20Error) as told:
        stranger.request(accounts.AccountSummary(ACCOUNT))
    stranger.client.close()
    assert told.value.code == 401


@pytest.fixture
def v20(addresses, steer):
    module = pytest.importorskip("v20", reason="v20 is not installed")
    place = urlsplit(addresses.venues["oanda"])
    steer.price("EUR/USD", "1.10000", "1.10010")
    context = module.Context(place.hostname, place.port, ssl=False, token=TOKEN)
    yield context
    context._session.close()


def test_the_venues_own_client_trades(v20):
    listed = v20.account.instruments(ACCOUNT, instruments="EUR_USD").get("instruments", 200)
    assert listed[0].name == "EUR_USD"
    candles = v20.instrument.candles("EUR_USD", granularity="M5", count=10, price="BA").get("candles", 200)
    assert (len(candles), candles[-1].complete) == (10, False)
    prices = v20.pricing.get(ACCOUNT, instruments="EUR_USD").get("prices", 200)
    assert prices[0].closeoutBid == 1.1
    fill = v20.order.market(ACCOUNT, instrument="EUR_USD", units=500).get("orderFillTransaction", 201)
    assert (fill.price, fill.units) == (1.1001, 500)
    options = {**LIMIT, "units": 1000, "clientExtensions": {"id": "mine"}}
    created = v20.order.limit(ACCOUNT, **options).get("orderCreateTransaction", 201)
    time.sleep(LAG)
    found = v20.order.get(ACCOUNT, "@mine").get("order", 200)
    assert (found.id, found.state) == (created.id, "PENDING")
    duplicate = v20.order.limit(ACCOUNT, **options)
    assert (duplicate.status, duplicate.body["errorCode"]) == (400, "CLIENT_ORDER_ID_ALREADY_EXISTS")
    assert v20.order.cancel(ACCOUNT, "@mine").get("orderCancelTransaction", 200).reason == "CLIENT_REQUEST"
    held = v20.position.list_open(ACCOUNT).get("positions", 200)
    assert held[0].long.units == 500
    news = v20.transaction.since(ACCOUNT, id="1").get("transactions", 200)
    assert news[1].type == "ORDER_FILL"
    assert v20.position.close(ACCOUNT, "EUR_USD", longUnits="ALL").status == 200
    assert v20.account.summary(ACCOUNT).get("account", 200).openPositionCount == 0


def test_the_venues_own_client_is_turned_away_with_a_bad_token(v20, addresses):
    v20.set_header("Authorization", "Bearer wrong")
    assert v20.account.summary(ACCOUNT).status == 401
