"""Transfers between an account's wallets, and what its key may do."""

from decimal import Decimal

import httpx
import pytest

from desk.adapters.clocks import FixedClock
from desk.adapters.venues.kucoin.auth import KucoinCredentials
from desk.adapters.venues.kucoin.opening import Connection, open_kucoin_futures
from desk.adapters.venues.kucoin.transfers import Wallet
from desk.errors import ConfigError, InsufficientFunds, OutcomeUnknown
from tests.desk.adapters.venues.kucoin.venue import CREDENTIALS, NOW, Venue, no, ok, open_futures, open_spot, recorded

PATH = "/api/v3/accounts/universal-transfer"


async def transfer(venue):
    async with open_spot(venue) as spot:
        return await spot.transfers.transfer("t-1", "USDT", Decimal("10.50"), source=Wallet.MAIN, target=Wallet.FUTURES)


async def test_money_moves_between_wallets_under_an_id_of_ours():
    venue = Venue().on("POST", PATH, recorded("account.flex_transfer"))
    assert await transfer(venue) == "6705f7248c6954000733ecac"
    assert venue.bodies(PATH) == [
        {
            "clientOid": "t-1",
            "type": "INTERNAL",
            "currency": "USDT",
            "amount": "10.5",
            "fromAccountType": "MAIN",
            "toAccountType": "CONTRACT",
        }
    ]


@pytest.mark.parametrize(
    "answer",
    [
        no("260100", "account.noBalance"),
        no("200000", "Unsuccessful! Exceeded the max. funds out-transfer limit"),
        no("400100", "Balance insufficient!"),
    ],
)
async def test_a_wallet_that_holds_too_little_is_told(answer):
    with pytest.raises(InsufficientFunds):
        await transfer(Venue().on("POST", PATH, answer))


@pytest.mark.parametrize("answer", [httpx.ReadTimeout("slow"), no("500000", "oops"), no("400100", "clientOid exists")])
async def test_a_transfer_is_sent_once_and_without_a_plain_answer_it_is_unknown(answer):
    venue = Venue().on("POST", PATH, answer)
    with pytest.raises(OutcomeUnknown):
        await transfer(venue)
    assert len(venue.bodies(PATH)) == 1


async def test_what_can_leave_a_wallet_is_asked_for_by_wallet():
    venue = Venue().on("GET", "/api/v1/accounts/transferable", recorded("account.get_transfer_quotas"))
    async with open_spot(venue) as spot:
        assert await spot.transfers.transferable("USDT", Wallet.TRADE) == Decimal("10.5")
    assert venue.queries("/api/v1/accounts/transferable") == [{"currency": "USDT", "type": "TRADE"}]


async def test_a_key_says_what_it_may_do():
    venue = Venue().on("GET", "/api/v1/user/api-key", recorded("account.get_apikey_info"))
    async with open_futures(venue) as futures:
        permissions = await futures.transfers.key_permissions()
    assert permissions.version == 3
    assert {"General", "Futures", "Spot"} <= permissions.names


async def test_transfers_and_market_of_futures_live_on_two_hosts():
    hosts = {}

    def answer(request):
        hosts[request.url.path] = request.url.host
        data = recorded("account.flex_transfer") if request.method == "POST" else []
        return ok({"status": "open"} if request.url.path.endswith("status") else data)

    live = Connection(clock=FixedClock(NOW), transport=httpx.MockTransport(answer))
    async with open_kucoin_futures(CREDENTIALS, live) as futures:
        await futures.market.instruments()
        await futures.transfers.transfer("t-1", "USDT", Decimal(1), source=Wallet.FUTURES, target=Wallet.MAIN)
    assert hosts["/api/v1/contracts/active"] == "api-futures.kucoin.com"
    assert hosts[PATH] == hosts["/api/v1/timestamp"] == "api.kucoin.com"


@pytest.mark.parametrize(("environment", "base_url"), [("live", "http://127.0.0.1:1"), ("simulator", "")])
def test_only_the_simulator_has_an_address_of_its_own(environment, base_url):
    with pytest.raises(ConfigError, match="base_url"):
        Connection(clock=FixedClock(NOW), environment=environment, base_url=base_url)


def test_credentials_are_kept_secret_in_print():
    assert "canary" not in repr(KucoinCredentials(key="canary", secret="canary", passphrase="canary"))
