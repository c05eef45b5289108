"""The venue's counters are kept, and during its ban nothing leaves this machine."""

from datetime import timedelta

import httpx
import pytest

from desk.adapters.venues.aster.limits import CallLimits
from desk.errors import RateLimited, VenueError
from tests.desk.adapters.venues.aster.fakes import NOW, NOW_MS, Aster, Ticking, intent, order

ACCOUNT = {"totalWalletBalance": "1", "totalMarginBalance": "1", "assets": []}


def banned(message="Way too many requests.", **headers):
    return httpx.Response(418, headers=headers, json={"code": -1003, "msg": message})


async def test_the_counters_of_the_newest_reply_are_exposed():
    headers = {"X-MBX-USED-WEIGHT-1M": "17", "X-MBX-ORDER-COUNT-1M": "3"}
    venue = Aster(order=[httpx.Response(200, headers=headers, json=order(status="EXPIRED"))])
    aster = venue.open()
    await aster.trading.submit(intent())
    assert (aster.limits.used_weight, aster.limits.orders_sent) == (17, 3)


@pytest.mark.parametrize(
    ("ban", "length"),
    [
        (banned(), timedelta(minutes=2)),
        (banned(**{"Retry-After": "90"}), timedelta(seconds=90)),
        (banned(f"Way too many requests; IP banned until {NOW_MS + 600_000}."), timedelta(minutes=10)),
    ],
)
async def test_during_a_ban_nothing_is_sent_and_after_it_calls_go_on(ban, length):
    venue = Aster(account=[ban, ACCOUNT])
    aster = venue.open()
    with pytest.raises(RateLimited) as told:
        await aster.trading.account()
    assert told.value.retry_after == length
    before = len(venue.requests)
    with pytest.raises(RateLimited):
        await aster.trading.account()
    with pytest.raises(VenueError):
        await aster.trading.submit(intent())
    assert len(venue.requests) == before
    venue.clock.at += length
    assert (await aster.trading.account()).cash == 1


async def test_a_ban_silences_everything_that_shares_the_address():
    limits = CallLimits(Ticking())
    first, second = Aster(account=[banned()]), Aster(account=[ACCOUNT])
    with pytest.raises(RateLimited):
        await first.open(limits=limits).trading.account()
    with pytest.raises(RateLimited):
        await second.open(limits=limits).trading.account()
    assert second.requests == []


async def test_no_ban_is_shortened_by_a_later_one():
    limits = CallLimits(Ticking())
    limits.ban(httpx.Headers({"Retry-After": "300"}), b"")
    limits.ban(httpx.Headers({"Retry-After": "120"}), b"")
    assert limits.banned_until == NOW + timedelta(seconds=300)
