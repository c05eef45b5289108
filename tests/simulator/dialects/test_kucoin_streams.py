"""KuCoin's WebSocket at the simulator, at the address and with the token that the venue gives out."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.simulator.kucoin_customer import BTC, HF, XBT, Customer, contract, limit, market


class Stream:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.welcome = self.next()

    def next(self, timeout: float = 5.0) -> dict:
        return json.loads(self._connection.recv(timeout))

    def silent(self) -> bool:
        try:
            self.next(0.2)
        except TimeoutError:
            return True
        return False

    def send(self, **message: object) -> None:
        self._connection.send(json.dumps(message))

    def subscribe(self, topic: str) -> None:
        self.send(id="s", type="subscribe", topic=topic, response=True)
        assert self.next() == {"id": "s", "type": "ack"}


@pytest.fixture
def spot(addresses, steer):
    steer.price(BTC, "60000", "60000.1")
    customer = Customer(addresses.venues["kucoin"])
    with customer.http:
        yield customer


@pytest.fixture
def futures(addresses, steer):
    steer.price(XBT, "60000", "60000.1")
    customer = Customer(addresses.venues["kucoin_futures"])
    with customer.http:
        yield customer


@contextmanager
def streaming(customer: Customer, kind: str = "private", token: str = "") -> Iterator[Stream]:
    told = customer.post(f"/api/v1/bullet-{kind}")
    (server,) = told["instanceServers"]
    with connect(f"{server['endpoint']}?token={token or told['token']}&connectId=c-1") as connection:
        yield Stream(connection)


def test_the_address_and_the_pace_of_pings_come_with_the_token(spot):
    told = spot.http.post("/api/v1/bullet-public").json()["data"]["instanceServers"][0]
    assert told["endpoint"].startswith(str(spot.http.base_url).replace("http", "ws"))
    assert (told["pingInterval"], told["pingTimeout"]) == (18_000, 10_000)
    assert spot.http.post("/api/v1/bullet-private").json()["code"] == "400001"


def test_a_connection_is_welcomed_and_pings_are_answered(spot):
    with streaming(spot, "public") as stream:
        assert stream.welcome == {"id": "c-1", "type": "welcome"}
        stream.send(id="p-1", type="ping")
        answer = stream.next()
    assert (answer["id"], answer["type"]) == ("p-1", "pong")


def test_a_token_that_was_not_given_out_is_told_so(spot):
    with streaming(spot, token="made-up") as stream:
        assert (stream.welcome["type"], stream.welcome["code"]) == ("error", 401)


@pytest.mark.parametrize("topic", ["/market/nothing:BTC-USDT", "/market/candles:BTC-USDT_9min", "/account/balance"])
def test_a_topic_that_there_is_not_or_not_for_everyone_is_an_error(spot, topic):
    with streaming(spot, "public") as stream:
        stream.send(id="s", type="subscribe", topic=topic, response=True)
        assert (stream.next()["type"], stream.silent()) == ("error", True)


def test_prices_are_told_at_once_and_when_they_change(spot, steer):
    with streaming(spot, "public") as stream:
        stream.subscribe("/market/ticker:BTC-USDT")
        first = stream.next()
        assert (first["topic"], first["subject"]) == ("/market/ticker:BTC-USDT", "trade.ticker")
        assert first["data"]["bestAsk"] == "60000.1"
        assert stream.silent()
        steer.price(BTC, "61000", "61000.1")
        assert stream.next()["data"]["bestBid"] == "61000"
        stream.send(id="u", type="unsubscribe", topic="/market/ticker:BTC-USDT", response=True)
        assert stream.next()["type"] == "ack"
        steer.price(BTC, "62000", "62000.1")
        assert stream.silent()


def test_a_candle_is_told_while_it_forms_in_the_columns_of_the_rest_api(spot, steer):
    with streaming(spot, "public") as stream:
        stream.subscribe("/market/candles:BTC-USDT_1min")
        told = stream.next()["data"]
        start, _, close, *_ = told["candles"]
        assert (told["symbol"], int(start) % 60, float(close)) == ("BTC-USDT", 0, 60000.05)
        steer.wait(minutes=1)
        assert int(stream.next()["data"]["candles"][0]) == int(start) + 60


def test_an_order_is_told_from_its_coming_to_its_end(spot):
    with streaming(spot) as stream:
        stream.subscribe("/spotMarket/tradeOrdersV2")
        spot.post(HF, **market(clientOid="sd-1"))
        told = [stream.next()["data"] for _ in range(3)]
        assert [one["type"] for one in told] == ["received", "match", "filled"]
        assert (told[1]["matchPrice"], told[1]["matchSize"], told[1]["clientOid"]) == ("60000.1", "0.01", "sd-1")
        spot.post(HF, **limit("sd-2"))
        spot.delete(f"{HF}/client-order/sd-2?symbol=BTC-USDT")
        told = [stream.next()["data"] for _ in range(3)]
        assert [one["type"] for one in told] == ["received", "open", "canceled"]
        assert told[-1]["canceledSize"] == "0.01"


def test_every_changed_balance_is_told(spot):
    with streaming(spot) as stream:
        stream.subscribe("/account/balance")
        spot.post(HF, **limit("sd-3"))
        told = stream.next()["data"]
    assert (told["currency"], told["hold"], told["holdChange"], told["availableChange"]) == (
        "USDT",
        "500",
        "500",
        "-500",
    )


def test_the_futures_host_tells_prices_orders_positions_and_money(futures, steer):
    topics = ("/contractMarket/tickerV2:XBTUSDTM", "/contractMarket/tradeOrders", "/contract/positionAll")
    with streaming(futures) as stream:
        for topic in topics:
            stream.send(id=topic, type="subscribe", topic=topic)
        assert stream.next()["data"]["bestAskPrice"] == "60000.1"
        assert stream.silent()
        futures.post("/api/v1/orders", **contract("sd-4"))
        told = [stream.next() for _ in range(4)]
    assert [(one["subject"], one["data"].get("type")) for one in told] == [
        ("symbolOrderChange", "open"),
        ("symbolOrderChange", "match"),
        ("symbolOrderChange", "filled"),
        ("position.change", None),
    ]
    assert (told[1]["data"]["matchSize"], told[3]["data"]["currentQty"]) == ("10", 10)


def test_the_futures_wallet_is_told_when_it_changes(futures, steer):
    with streaming(futures) as stream:
        stream.subscribe("/contractAccount/wallet")
        assert stream.next()["data"]["walletBalance"] == "100000"
        assert stream.silent()
        futures.post("/api/v1/orders", **contract("sd-5"))
        assert stream.next()["data"]["walletBalance"] == "99999.6399994"
