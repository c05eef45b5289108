"""Signatures equal those of the official client, and carry the venue's time."""

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


def signed(request):
    skew = ClockSkew(FixedClock(NOW))
    skew.observe(NOW, NOW, NOW)
    return next(
        KucoinAuth(CREDENTIALS, skew).auth_flow(httpx.Request(request.method, request.url, content=request.content))
    )


def test_what_the_official_client_signs_has_the_signature_that_we_make():
    query = {"symbols": "BTC-USDT,ETH-USDT", "note": "a b&c=d/ü+100%"}
    ours = signed(httpx.Request("GET", "https://api.test/api/v1/things", params=query)).headers
    assert ours["KC-API-SIGN"] == "KYTPB7EITwolds9qqLtH9lf4YFdDwEZ1uClup8BYYoU="
    assert ours["KC-API-PASSPHRASE"] == "soxdkxibVaBaAoEQilXM8SkhvguLKtb71mfVGGzmg1Q="


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
