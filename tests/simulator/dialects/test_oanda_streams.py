"""OANDA's streams as they are on the wire: a line of JSON each."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

PRICES = {"instruments": "EUR_USD,USD_JPY"}


@contextmanager
def lines(oanda, path: str, headers: dict | None = None, **query: str) -> Iterator[Iterator[dict]]:
    with oanda.http.stream("GET", oanda.base + path, params=query, headers=headers) as reply:
        assert reply.status_code == 200
        yield (json.loads(line) for line in reply.iter_lines())


def test_prices_begin_with_a_heartbeat_and_all_as_they_are(oanda, steer):
    with lines(oanda, "/pricing/stream", **PRICES) as told:
        assert next(told) == {"type": "HEARTBEAT", "time": "2026-01-14T15:02:20.000000000Z"}
        assert [next(told), next(told)] == oanda.get("/pricing", **PRICES).json()["prices"]
        steer.price("EUR/USD", "1.23450", "1.23460")
        assert next(told)["closeoutBid"] == "1.23450"


def test_prices_without_a_snapshot_are_those_that_change(oanda, steer):
    with lines(oanda, "/pricing/stream", **PRICES, snapshot="false") as told:
        assert next(told)["type"] == "HEARTBEAT"
        steer.halt("USD/JPY")
        price = next(told)
        assert (price["instrument"], price["tradeable"]) == ("USD_JPY", False)


def test_transactions_begin_with_a_heartbeat_and_are_what_rest_tells(oanda):
    with lines(oanda, "/transactions/stream") as told:
        beat = next(told)
        assert (beat["type"], beat["lastTransactionID"]) == ("HEARTBEAT", "1")
        oanda.buy()
        happened = [next(told), next(told)]
    assert happened == oanda.get("/transactions/sinceid", id=1).json()["transactions"]


def test_transactions_begin_anew_with_the_exchange(oanda, steer):
    oanda.buy()
    with lines(oanda, "/transactions/stream") as told:
        assert next(told)["lastTransactionID"] == "3"
        steer.post("/reset")
        oanda.buy()
        assert [next(told)["id"] for _ in range(3)] == ["1", "2", "3"]


def test_times_come_in_the_style_that_is_asked_for(oanda):
    with lines(oanda, "/transactions/stream", {"Accept-Datetime-Format": "UNIX"}) as told:
        assert next(told)["time"] == "1768402940.000000000"


@pytest.mark.parametrize("query", [{}, {"instruments": ""}, {"instruments": "ABC_DEF"}])
def test_prices_of_nothing_are_refused(oanda, query):
    assert oanda.get("/pricing/stream", **query).status_code == 400


def test_a_stream_needs_the_token(oanda):
    for path in ("/pricing/stream?instruments=EUR_USD", "/transactions/stream"):
        assert httpx.get(f"{oanda.http.base_url}{oanda.base}{path}").status_code == 401
