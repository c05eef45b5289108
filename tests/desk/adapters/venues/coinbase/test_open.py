"""Opening an account: environments, the venue's clock, and secrets that stay where they are."""

from datetime import timedelta

import httpx
import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.venues.coinbase.open import open_coinbase, open_market
from desk.adapters.venues.coinbase.terms import CoinbaseTerms
from desk.errors import ConfigError, VenueError
from tests.desk.adapters.venues.coinbase.venue import KEY, NOW, Venue, intent, opened

TERMS = CoinbaseTerms("USD", ("BTC/USD",))


@pytest.mark.parametrize(
    ("environment", "base_url"), [("practice", ""), ("simulator", ""), ("live", "http://elsewhere.test")]
)
def test_an_environment_that_coinbase_does_not_have_is_refused(environment, base_url):
    with pytest.raises(ConfigError, match="expected the environment live, sandbox"):
        open_coinbase(KEY, environment, TERMS, clock=FixedClock(NOW), base_url=base_url)


@pytest.mark.parametrize(
    ("environment", "host"), [("live", "api.coinbase.com"), ("sandbox", "api-sandbox.coinbase.com")]
)
async def test_each_environment_has_its_host(environment, host):
    asked = []

    def answer(request):
        asked.append(request.url.host)
        return httpx.Response(
            200, json={"pricebook": {"product_id": "A-B", "time": "2026-01-14T15:00:00Z"}, "products": []}
        )

    market, session = open_market(environment, clock=FixedClock(NOW), transport=httpx.MockTransport(answer))
    async with session:
        await market.quotes(["A/B"], at=NOW)
    assert set(asked) == {host}


async def test_signatures_follow_the_venues_clock_once_it_is_measured():
    venue = Venue()
    ahead = NOW + timedelta(seconds=90)
    venue.answers["/time"] = [httpx.Response(200, json={"iso": ahead.isoformat(), "epochSeconds": "0"})]
    coinbase = opened(venue)
    await coinbase.market.instruments()
    await coinbase.market.instruments()
    asked, *signed = venue.requests
    assert "CB-ACCESS-SIGN" not in asked.headers
    assert {one.headers["CB-ACCESS-TIMESTAMP"] for one in signed} == {str(int(ahead.timestamp()))}
    assert venue.seen["GET /time"] == 1


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(401, text="Unauthorized"), httpx.ReadTimeout("slow"), httpx.Response(200, text="canary"[:3])],
    ids=str,
)
async def test_no_error_shows_the_secret(answer):
    venue = Venue()
    venue.answers["/orders"] = [answer]
    coinbase = opened(venue)
    with pytest.raises(VenueError) as told:
        await coinbase.trading.submit(intent())
    shown = f"{told.value!r} {told.value} {told.value.__cause__!r} {coinbase!r}"
    assert "canary-secret" not in shown
