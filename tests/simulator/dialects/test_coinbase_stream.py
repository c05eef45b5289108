"""The stream of the simulated Coinbase, over the real port."""

import json
import time

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.simulator.coinbase_customer import Customer, token

BTC = "BTC/USD"


class Listener:
    """One connection, and what came over it."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[dict] = []

    def say(self, kind: str, channel: str, **more: object) -> None:
        self.socket.send(json.dumps({"type": kind, "channel": channel, **more}))

    def hear(self, channel: str) -> dict:
        """The next event of a channel."""
        while True:
            message = json.loads(self.socket.recv(timeout=5))
            self.heard.append(message)
            if message.get("channel", message.get("type")) == channel:
                return message["events"][0] if "events" in message else message


@pytest.fixture
def coinbase(addresses, steer):
    customer = Customer(addresses.venues["coinbase"])
    with customer.http:
        steer.price(BTC, "60000", "60001")
        yield customer


@pytest.fixture
def listener(coinbase):
    with connect(f"ws://{coinbase.host}/ws") as socket:
        yield Listener(socket)


def test_prices_come_at_first_and_whenever_they_change(listener, steer):
    listener.say("subscribe", "ticker", product_ids=["BTC-USD", "ETH-USD"])
    first = listener.hear("ticker")
    assert (first["type"], [one["product_id"] for one in first["tickers"]]) == ("snapshot", ["BTC-USD", "ETH-USD"])
    steer.price(BTC, "61000", "61001")
    then = listener.hear("ticker")
    assert (then["type"], [one["best_bid"] for one in then["tickers"]]) == ("update", ["61000"])


def test_the_user_channel_tells_open_orders_and_then_how_they_stand(listener, coinbase, steer):
    coinbase.limit("sd-1", size="0.2")
    listener.say("subscribe", "user", jwt=token("es256", coinbase.now()))
    first = listener.hear("user")
    assert (first["type"], [one["client_order_id"] for one in first["orders"]]) == ("snapshot", ["sd-1"])
    steer.depth(BTC, "0.05")
    steer.price(BTC, "49990", "49991")
    part = listener.hear("user")["orders"][0]
    assert (part["cumulative_quantity"], part["leaves_quantity"], part["status"]) == ("0.05", "0.15", "OPEN")
    steer.depth(BTC, None)
    steer.price(BTC, "49990", "49991")
    whole = listener.hear("user")["orders"][0]
    assert (whole["cumulative_quantity"], whole["leaves_quantity"], whole["status"]) == ("0.2", "0", "FILLED")
    assert whole["avg_price"] == "49991"


def test_replies_are_numbered_without_a_gap_over_all_channels(listener):
    listener.say("subscribe", "heartbeats")
    listener.say("subscribe", "ticker", product_ids=["BTC-USD"])
    listener.say("subscribe", "candles", product_ids=["BTC-USD"])
    assert len(listener.hear("candles")["candles"]) == 100
    counters = [int(listener.hear("heartbeats")["heartbeat_counter"]) for _ in range(2)]
    assert counters[1] == counters[0] + 1
    assert [one["sequence_num"] for one in listener.heard] == list(range(len(listener.heard)))


def test_a_channel_that_is_left_is_quiet(listener, steer):
    listener.say("subscribe", "heartbeats")
    listener.say("subscribe", "ticker", product_ids=["BTC-USD"])
    listener.hear("ticker")
    listener.say("unsubscribe", "ticker", product_ids=["BTC-USD"])
    assert listener.hear("subscriptions")["subscriptions"] == {"heartbeats": []}
    steer.price(BTC, "61000", "61001")
    listener.heard.clear()
    listener.hear("heartbeats")
    listener.hear("heartbeats")
    assert {one["channel"] for one in listener.heard} == {"heartbeats"}


def test_orders_are_told_to_nobody_without_a_token_of_its_own(listener, coinbase):
    bound = token("es256", coinbase.now(), uri=f"GET {coinbase.host}/ws")
    for jwt in ("", "x.y.z", bound, token("ed25519", coinbase.now() - 200)):
        listener.say("subscribe", "user", jwt=jwt)
        assert listener.hear("error")["message"] == "authentication failure"
    listener.say("subscribe", "user", jwt=token("ed25519", coinbase.now()))
    assert listener.hear("user") == {"type": "snapshot", "orders": []}
    listener.say("subscribe", "weather")
    assert listener.hear("error")["type"] == "error"


def test_who_says_nothing_is_dropped_after_five_seconds(coinbase):
    began = time.monotonic()
    with connect(f"ws://{coinbase.host}/ws") as socket, pytest.raises(ConnectionClosed):
        socket.recv(timeout=10)
    assert 4.5 < time.monotonic() - began < 7
