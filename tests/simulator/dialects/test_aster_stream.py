"""The streams of the simulated Aster, over the real port."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.simulator.aster_customer import KEY, Customer

BTC = "BTC/USDT:USDT"


@pytest.fixture
def aster(addresses, steer):
    customer = Customer(addresses.venues["aster"])
    with customer.http:
        steer.price(BTC, "60000", "60001")
        yield customer


@contextmanager
def listening(aster: Customer, path: str) -> Iterator[ClientConnection]:
    with connect(f"ws://{aster.http.base_url.host}:{aster.http.base_url.port}{path}") as socket:
        yield socket


def hear(socket: ClientConnection, timeout: float = 5) -> dict:
    return json.loads(socket.recv(timeout=timeout))


def is_quiet(socket: ClientConnection) -> bool:
    try:
        socket.recv(timeout=0.3)
    except TimeoutError:
        return True
    return False


def listen_key(aster: Customer) -> str:
    return aster.http.post("/fapi/v1/listenKey").raise_for_status().json()["listenKey"]


def test_prices_are_told_bare_at_first_and_whenever_they_change(aster, steer):
    with listening(aster, "/ws/btcusdt@bookTicker") as socket:
        first = hear(socket)
        assert (first["e"], first["s"], first["b"], first["a"]) == ("bookTicker", "BTCUSDT", "60000", "60001")
        assert first["E"] == aster.now()
        assert is_quiet(socket)
        steer.price(BTC, "61000", "61001")
        assert hear(socket)["b"] == "61000"


def test_combined_streams_carry_their_names(aster, steer):
    with listening(aster, "/stream?streams=btcusdt@bookTicker/ethusdt@markPrice@1s") as socket:
        told = {message["stream"]: message["data"] for message in (hear(socket), hear(socket))}
    assert told["btcusdt@bookTicker"]["a"] == "60001"
    assert (told["ethusdt@markPrice@1s"]["e"], told["ethusdt@markPrice@1s"]["s"]) == ("markPriceUpdate", "ETHUSDT")


def test_a_candle_is_told_while_it_forms_and_says_when_it_has_closed(aster, steer):
    with listening(aster, "/ws/ethusdt@kline_1m") as socket:
        forming = hear(socket)["k"]
        assert (forming["x"], forming["i"], forming["t"]) == (False, "1m", aster.now() // 60_000 * 60_000)
        steer.wait(minutes=1)
        closed, then = hear(socket)["k"], hear(socket)["k"]
    assert (closed["t"], closed["x"]) == (forming["t"], True)
    assert (then["t"], then["x"]) == (forming["t"] + 60_000, False)
    query = {"symbol": "ETHUSDT", "interval": "1m", "startTime": closed["t"], "limit": 1}
    [row] = aster.http.get("/fapi/v1/klines", params=query).json()
    assert [closed[name] for name in "tohlcv"] == row[:6]


def test_streams_are_subscribed_to_and_left_by_message(aster, steer):
    with listening(aster, "/ws") as socket:
        socket.send(json.dumps({"method": "SUBSCRIBE", "params": ["btcusdt@bookTicker"], "id": 7}))
        assert hear(socket) == {"result": None, "id": 7}
        assert hear(socket)["b"] == "60000"
        socket.send(json.dumps({"method": "UNSUBSCRIBE", "params": ["btcusdt@bookTicker"], "id": 8}))
        assert hear(socket)["id"] == 8
        steer.price(BTC, "61000", "61001")
        assert is_quiet(socket)
        socket.send("what?")
        assert "error" in hear(socket)


def test_nobody_knows_a_stream_that_tells_nothing(aster):
    with listening(aster, "/ws/btcusdt@weather") as socket:
        assert is_quiet(socket)


def test_an_accounts_orders_and_money_are_told_as_they_change(aster):
    with listening(aster, f"/ws/{listen_key(aster)}") as socket:
        aster.market(newClientOrderId="sd-1")
        created, money, filled = hear(socket), hear(socket), hear(socket)
    assert [created["o"][name] for name in "cxXz"] == ["sd-1", "NEW", "NEW", "0"]
    assert [position["pa"] for position in money["a"]["P"]] == ["0.01"]
    assert (money["e"], money["a"]["m"], money["a"]["B"][0]["wb"]) == ("ACCOUNT_UPDATE", "ORDER", "99999.7899965")
    order = filled["o"]
    assert [order[name] for name in "cxXlLz"] == ["sd-1", "TRADE", "FILLED", "0.01", "60001", "0.01"]
    assert (order["n"], order["N"], order["rp"], order["m"]) == ("0.2100035", "USDT", "0", False)
    [trade] = aster.get("v1/userTrades", symbol="BTCUSDT").json()
    assert (order["t"], order["i"]) == (trade["id"], trade["orderId"])


def test_a_stop_that_is_hit_is_told_without_anybody_asking(aster, steer):
    aster.market()
    aster.order(type="STOP_MARKET", side="SELL", stopPrice="59000", quantity="0.01", reduceOnly="true")
    with listening(aster, f"/ws/{listen_key(aster)}") as socket:
        steer.price(BTC, "58990", "58991")
        money, filled = hear(socket), hear(socket)
    assert [position["pa"] for position in money["a"]["P"]] == ["0"]
    assert (filled["o"]["ot"], filled["o"]["R"], filled["o"]["rp"]) == ("STOP_MARKET", True, "-10.11")


def test_a_cancellation_and_an_end_without_anybody_asking_are_different(aster):
    aster.limit("sd-2")
    with listening(aster, f"/ws/{listen_key(aster)}") as socket:
        aster.send("DELETE", "v1/order", symbol="BTCUSDT", origClientOrderId="sd-2")
        ended = hear(socket)["o"]
        assert (ended["c"], ended["x"], ended["X"]) == ("sd-2", "CANCELED", "CANCELED")
        aster.limit("sd-3", price="61000", timeInForce="GTX")
        assert hear(socket)["o"]["x"] == "NEW"
        ended = hear(socket)["o"]
        assert (ended["c"], ended["x"], ended["X"]) == ("sd-3", "EXPIRED", "EXPIRED")


def test_a_listen_key_is_good_for_an_hour_after_each_word_and_its_end_is_told(aster, steer):
    key = listen_key(aster)
    with listening(aster, f"/ws/{key}") as socket:
        steer.wait(minutes=50)
        assert aster.http.put("/fapi/v1/listenKey").json() == {}
        steer.wait(minutes=50)
        assert listen_key(aster) == key
        steer.wait(minutes=60)
        assert hear(socket)["e"] == "listenKeyExpired"
        aster.market()
        assert is_quiet(socket)
    assert aster.http.put("/fapi/v1/listenKey").json()["code"] == -1125
    assert listen_key(aster) != key


def test_a_key_that_was_dropped_hears_nothing_more(aster):
    with listening(aster, f"/ws/{listen_key(aster)}") as socket:
        assert aster.send("DELETE", "v3/listenKey").json() == {}
        assert hear(socket)["e"] == "listenKeyExpired"


def test_listen_keys_are_for_those_with_a_key(aster):
    assert aster.send("POST", "v3/listenKey").status_code == 200
    assert aster.send("POST", "v1/listenKey", secret="wrong").json()["code"] == -1022
    assert aster.http.post("/fapi/v1/listenKey", headers={"X-MBX-APIKEY": KEY[:-1]}).status_code == 401


def test_a_connection_ends_after_a_day(aster, steer):
    with listening(aster, "/ws/btcusdt@bookTicker") as socket:
        hear(socket)
        steer.wait(hours=24)
        with pytest.raises(ConnectionClosed):
            hear(socket)
