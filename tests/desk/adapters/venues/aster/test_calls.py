"""The conversation: a clock that the venue accepts, reads that are tried again, secrets that stay inside."""

import asyncio
import logging
from datetime import timedelta

import httpx
import pytest

from desk.adapters.venues.aster.open import open_aster
from desk.errors import ConfigError, OrderRefused, VenueError, VenueUnavailable
from tests.desk.adapters.venues.aster.fakes import (
    KEY,
    NOW,
    NOW_MS,
    PRIVATE_KEY,
    WALLET,
    Aster,
    Ticking,
    error,
    intent,
    order,
)

ACCOUNT = {"totalWalletBalance": "1", "totalMarginBalance": "1", "assets": []}
AHEAD = [{"serverTime": NOW_MS + 30_000}]


async def test_requests_are_signed_with_the_venues_time():
    venue = Aster(time=AHEAD, account=[ACCOUNT])
    await venue.open().trading.account()
    assert venue.asked("account")[0]["timestamp"] == str(NOW_MS + 30_000)


async def test_the_venues_clock_is_asked_for_once_until_the_answer_is_old():
    venue = Aster(account=[ACCOUNT])
    trading = venue.open().trading
    for _ in range(3):
        await trading.account()
    assert len(venue.asked("time")) == 1
    venue.clock.at += timedelta(minutes=11)
    await trading.account()
    assert len(venue.asked("time")) == 2


async def test_a_read_whose_time_is_refused_measures_the_clock_and_asks_again():
    venue = Aster(time=[{"serverTime": NOW_MS}, *AHEAD], account=[error(-1021, "outside of the recvWindow"), ACCOUNT])
    assert (await venue.open().trading.account()).cash == 1
    assert [asked["timestamp"] for asked in venue.asked("account")] == [str(NOW_MS), str(NOW_MS + 30_000)]


async def test_a_read_whose_time_is_refused_twice_is_given_up_for_now():
    venue = Aster(account=[error(-1021, "outside of the recvWindow")])
    with pytest.raises(VenueUnavailable, match="-1021"):
        await venue.open().trading.account()


async def test_an_order_whose_time_is_refused_is_not_sent_again_but_the_next_has_a_new_clock():
    venue = Aster(time=[{"serverTime": NOW_MS}, *AHEAD])
    venue.on("order", error(-1021, "outside of the recvWindow"), order(status="EXPIRED"))
    trading = venue.open().trading
    with pytest.raises(OrderRefused):
        await trading.submit(intent())
    await trading.submit(intent("sd-2"))
    assert [asked["timestamp"] for asked in venue.asked("order", "POST")] == [str(NOW_MS), str(NOW_MS + 30_000)]


async def test_a_read_is_tried_again_and_signed_anew():
    pytest.importorskip("eth_account", reason="wallets need the extra scandesk[aster]")
    venue = Aster(accountWithJoinMargin=[httpx.Response(502, text="gateway"), httpx.ReadTimeout("slow"), ACCOUNT])
    await venue.open(WALLET).trading.account()
    nonces = [int(asked["nonce"]) for asked in venue.asked("accountWithJoinMargin")]
    assert len(nonces) == 3
    assert nonces == sorted(set(nonces))


async def test_orders_leave_one_after_the_other():
    running, most = 0, 0
    venue = Aster(order=[order(status="EXPIRED")])

    async def handle(request):
        nonlocal running, most
        if request.method == "POST":
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1
        return venue.handle(request)

    aster = open_aster(KEY, "live", clock=Ticking(), instruments=(), transport=httpx.MockTransport(handle))
    await asyncio.gather(*(aster.trading.submit(intent(f"sd-{number}")) for number in range(5)))
    assert most == 1


@pytest.mark.parametrize("credentials", [KEY, WALLET])
async def test_secrets_appear_in_no_error_and_no_log(credentials, caplog):
    if credentials is WALLET:
        pytest.importorskip("eth_account", reason="wallets need the extra scandesk[aster]")
    venue = Aster(account=[httpx.ConnectError("down")], order=[httpx.ReadTimeout("slow")])
    venue.on("accountWithJoinMargin", httpx.ConnectError("down"))
    aster = venue.open(credentials)
    told = []
    with caplog.at_level(logging.DEBUG):
        for call in (aster.trading.account(), aster.trading.submit(intent())):
            with pytest.raises(VenueError) as failure:
                await call
            told.append(f"{failure.value!r} {failure.value} {failure.value.__cause__!r}")
    words = " ".join((*told, caplog.text, repr(aster), repr(vars(aster.session))))
    for secret in ("canary-secret", PRIVATE_KEY, PRIVATE_KEY[2:], "key-of-test"):
        assert secret not in words


async def test_each_environment_has_its_host():
    seen = []
    for environment, address in (("live", ""), ("practice", ""), ("simulator", "http://127.0.0.1:9")):
        venue = Aster(account=[ACCOUNT])
        await venue.open(environment=environment, base_url=address).trading.account()
        seen.append(str(venue.requests[0].url))
    assert seen == [
        "https://fapi.asterdex.com/fapi/v1/time",
        "https://fapi.asterdex-testnet.com/fapi/v1/time",
        "http://127.0.0.1:9/fapi/v1/time",
    ]


@pytest.mark.parametrize(("environment", "address"), [("simulator", ""), ("live", "http://127.0.0.1:9")])
def test_an_address_belongs_to_the_simulator_and_to_nothing_else(environment, address):
    with pytest.raises(ConfigError, match="base_url"):
        Aster().open(environment=environment, base_url=address)


def test_the_test_network_has_a_chain_of_its_own():
    pytest.importorskip("eth_account", reason="wallets need the extra scandesk[aster]")
    from desk.adapters.venues.aster.auth import auth_for

    practice, live = (auth_for(WALLET, now=lambda: NOW, chain_id=chain) for chain in (714, 1666))
    assert practice.signature(b"a=1") != live.signature(b"a=1")
