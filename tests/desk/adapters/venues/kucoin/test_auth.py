"""Signatures equal those of the official client and of ccxt, and carry the venue's time."""

import importlib
import json
import logging
from datetime import timedelta

import httpx
import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.venue_http.skew import ClockSkew
from desk.adapters.venues.kucoin.auth import KucoinAuth, KucoinCredentials
from desk.errors import OrderRefused, VenueError
from tests.desk.adapters.venues.kucoin.venue import (
    CREDENTIALS,
    HF,
    NOW,
    NOW_MS,
    Venue,
    intent,
    no,
    open_spot,
    spot_venue,
)

REQUESTS = [
    httpx.Request("GET", "https://api.test/api/v1/accounts"),
    httpx.Request("GET", "https://api.test/api/v1/accounts", params={"type": "trade", "currency": "USDT"}),
    httpx.Request("GET", "https://api.test/api/v1/trade-fees", params={"symbols": "BTC-USDT,ETH-USDT"}),
    httpx.Request("GET", "https://api.test/api/v1/things", params={"note": "a b&c=d/ü+100%", "after": ""}),
    httpx.Request("DELETE", "https://api.test/api/v1/hf/orders/client-order/sd-1", params={"symbol": "BTC-USDT"}),
    httpx.Request("POST", "https://api.test/api/v1/hf/orders", json={"clientOid": "sd-1", "remark": "ü, é"}),
]


def signed(request, version=3):
    skew = ClockSkew(FixedClock(NOW))
    skew.observe(NOW, NOW, NOW)
    credentials = CREDENTIALS.model_copy(update={"key_version": version})
    return next(
        KucoinAuth(credentials, skew).auth_flow(httpx.Request(request.method, request.url, content=request.content))
    )


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: f"{request.method} {request.url.raw_path.decode()}")
def test_a_signature_is_the_official_clients(request_, monkeypatch):
    pytest.importorskip("kucoin_universal_sdk", reason="needs kucoin-universal-sdk")
    signer = importlib.import_module("kucoin_universal_sdk.internal.infra.default_signer")
    transport = importlib.import_module("kucoin_universal_sdk.internal.infra.default_transport").DefaultTransport
    monkeypatch.setattr(signer.time, "time", NOW.timestamp)
    query = transport.raw_query(request_.url.params.multi_items())
    path = f"{request_.url.path}?{query}" if query else request_.url.path
    official = signer.KcSigner("canary-key", "canary-secret", "canary-passphrase")

    expected = official.headers(request_.method + path + request_.content.decode())

    ours = signed(request_).headers
    assert {name: ours[name] for name in expected} == expected


@pytest.mark.parametrize(
    "request_", REQUESTS[:5], ids=lambda request: f"{request.method} {request.url.raw_path.decode()}"
)
def test_a_signature_of_key_version_2_is_that_of_ccxt(request_):
    ccxt = pytest.importorskip("ccxt", reason="needs ccxt")
    other = ccxt.kucoin({"apiKey": "canary-key", "secret": "canary-secret", "password": "canary-passphrase"})
    other.nonce = lambda: NOW_MS
    version, _, path = request_.url.path.removeprefix("/api/").partition("/")

    query = {**dict(request_.url.params), "version": version}
    expected = other.sign(path, ["private"], request_.method, query)["headers"]

    ours = signed(request_, version=2).headers
    names = [name for name in expected if name.startswith("KC-API") and "PARTNER" not in name]
    assert len(names) == 5
    assert {name: ours[name] for name in names} == {name: expected[name] for name in names}


def test_a_body_is_signed_as_it_is_sent():
    one = signed(httpx.Request("POST", "https://api.test/a", content=b'{"a":1}')).headers["KC-API-SIGN"]
    other = signed(httpx.Request("POST", "https://api.test/a", content=b'{"a": 1}')).headers["KC-API-SIGN"]
    assert one != other


async def test_the_venues_time_is_measured_once_and_signed_with():
    venue = spot_venue().on("GET", "/api/v1/timestamp", NOW_MS + 8_000).on("GET", "/api/v1/accounts", [])
    async with open_spot(venue) as spot:
        await spot.trading.account()
        await spot.trading.account()
        assert spot.skew.offset == timedelta(seconds=8)
    signatures = [request.headers["KC-API-TIMESTAMP"] for request in venue.sent("GET", "/api/v1/accounts")]
    assert signatures == [str(NOW_MS + 8_000)] * 2
    assert len(venue.sent("GET", "/api/v1/timestamp")) == 1


async def test_a_read_whose_time_is_refused_is_sent_again_after_measuring_anew():
    venue = spot_venue().on("GET", "/api/v1/timestamp", NOW_MS, NOW_MS - 60_000)
    venue.on("GET", "/api/v1/accounts", no("400002", "KC-API-TIMESTAMP Invalid", 400), [])
    async with open_spot(venue) as spot:
        await spot.trading.account()
    times = [int(request.headers["KC-API-TIMESTAMP"]) for request in venue.sent("GET", "/api/v1/accounts")]
    assert times == [NOW_MS, NOW_MS - 60_000]


async def test_an_order_whose_time_is_refused_is_refused_and_not_sent_again():
    venue = spot_venue().on("POST", HF, no("400002", "KC-API-TIMESTAMP Invalid", 400))
    async with open_spot(venue) as spot:
        with pytest.raises(OrderRefused, match="400002"):
            await spot.trading.submit(intent())
        assert spot.skew.is_due
    assert len(venue.bodies(HF)) == 1


@pytest.mark.parametrize(
    "answer", [httpx.Response(503, text="<html>"), no("500000", "oops"), httpx.Response(200, text="1")]
)
async def test_without_a_time_of_the_venue_the_machines_own_is_signed_with(answer):
    venue = spot_venue().on("GET", "/api/v1/timestamp", answer).on("GET", "/api/v1/accounts", [])
    async with open_spot(venue) as spot:
        await spot.trading.account()
    assert venue.sent("GET", "/api/v1/accounts")[0].headers["KC-API-TIMESTAMP"] == str(NOW_MS)


async def test_market_data_are_asked_for_without_a_key():
    venue = spot_venue()
    async with open_spot(venue) as spot:
        await spot.market.instruments()
    assert not [name for name in venue.requests[0].headers if name.startswith("kc-api")]


async def test_secrets_appear_in_no_error_no_log_and_no_repr(caplog):
    caplog.set_level(logging.DEBUG)
    venue = Venue().on("GET", "/api/v1/accounts", no("400005", "Invalid KC-API-SIGN", 401))
    venue.on("GET", "/api/v2/symbols", [])
    async with open_spot(venue) as spot:
        with pytest.raises(VenueError) as told:
            await spot.trading.account()
    seen = f"{told.value!r} {told.value} {caplog.text} {CREDENTIALS!r} {CREDENTIALS} {vars(spot.trading)}"
    assert "canary" not in seen
    assert venue.sent("GET", "/api/v1/accounts")[0].headers["KC-API-KEY"] == "canary-key"


def test_another_key_version_is_refused():
    with pytest.raises(ValueError, match="key_version"):
        KucoinCredentials.model_validate_json(
            json.dumps({"key": "a", "secret": "b", "passphrase": "c", "key_version": 1})
        )
