"""The venue's time: a denial that came of a wrong one is told from a lost key, though the venue says the same."""

from datetime import timedelta

import httpx
import pytest

from desk.errors import AccessDenied, OrderRefused, VenueUnavailable
from tests.desk.adapters.venues.coinbase.venue import NOW, Venue, intent, opened, stamp

DENIED = httpx.Response(401, text="Unauthorized")


class Strict(Venue):
    """A venue whose clock is set by a test, and which accepts no signature that is more than 30 seconds off."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = timedelta(0)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        response = super().__call__(request)
        if request.url.path.endswith("/time"):
            return httpx.Response(200, json={"iso": stamp(NOW + self.ahead), "epochSeconds": "0"})
        signed = int(request.headers["CB-ACCESS-TIMESTAMP"])
        off = abs(signed - (NOW + self.ahead).timestamp())
        return DENIED if off > 30 else response


@pytest.mark.parametrize("seconds", [-50, 50])
async def test_a_question_goes_on_after_the_venues_clock_was_set(seconds: int) -> None:
    venue = Strict()
    coinbase = opened(venue)
    await coinbase.trading.account()
    venue.ahead = timedelta(seconds=seconds)
    await coinbase.trading.account()
    assert coinbase.skew.offset == venue.ahead
    assert venue.seen["GET /time"] == 2


async def test_an_order_after_the_venues_clock_was_set_is_refused_once_and_the_next_one_is_taken() -> None:
    venue = Strict()
    coinbase = opened(venue)
    await coinbase.trading.account()
    venue.ahead = timedelta(seconds=-50)
    with pytest.raises(OrderRefused, match="wrong time"):
        await coinbase.trading.submit(intent("sd-1"))
    assert len(venue.sent("/orders")) == 1
    venue.orders.clear()
    assert (await coinbase.trading.submit(intent("sd-2"))).filled_quantity
    assert [body["client_order_id"] for body in venue.sent("/orders")] == ["sd-1", "sd-2"]


async def test_a_key_that_is_not_accepted_is_denied_after_one_look_at_the_clock() -> None:
    venue = Venue()
    coinbase = opened(venue)
    await coinbase.trading.account()
    venue.answers["/accounts"] = [DENIED]
    with pytest.raises(AccessDenied):
        await coinbase.trading.account()
    assert venue.seen["GET /time"] == 2


async def test_without_a_time_of_the_venue_nobody_knows_whether_the_key_was_denied() -> None:
    venue = Venue()
    coinbase = opened(venue)
    await coinbase.trading.account()
    venue.answers |= {"/accounts": [DENIED], "/time": [httpx.Response(503, text="")]}
    with pytest.raises(VenueUnavailable):
        await coinbase.trading.account()
