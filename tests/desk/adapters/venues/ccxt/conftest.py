"""ccxt's Aster at the simulator that speaks Aster's wire, over real HTTP."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr

from desk.adapters.clocks import SystemClock
from desk.adapters.venue_http.retries import Retries
from desk.adapters.venues.ccxt.lookup import Patience
from desk.adapters.venues.ccxt.open import CcxtAccess, CcxtVenue, open_ccxt
from simulator.dialects.finding import find_dialects
from simulator.server import Addresses, Plan, simulated
from tests.desk.adapters.venues.ccxt.samples import BTC, ETH

QUICK = Patience(pauses=(timedelta(0),) * 3)
SECRETS = find_dialects(["aster"])["aster"].VENUE.secrets


def access(address: str, key: str = SECRETS["private_key"]) -> CcxtAccess:
    return CcxtAccess(
        exchange="aster",
        clock=SystemClock(),
        environment="simulator",
        secrets={"privateKey": SecretStr(key)},
        base_url=address,
        options={"defaultType": "swap", "signerAddress": SECRETS["signer"]},
        retries=Retries(attempts=2, first_pause=timedelta(0)),
    )


class Steering:
    """The simulator's admin port."""

    def __init__(self, address: str) -> None:
        self.http = httpx.Client(base_url=address)

    def fault(self, place: str, kind: str, **more: object) -> None:
        self.http.post("/faults", json=[{"place": place, "kind": kind, **more}]).raise_for_status()

    def price(self, bid: str, ask: str) -> None:
        self.http.post("/prices", json={"instrument": BTC, "bid": bid, "ask": ask}).raise_for_status()

    def orders(self) -> list[dict]:
        return self.http.get("/truth", params={"venue": "aster"}).json()["accounts"][0]["orders"]


@pytest.fixture(scope="module")
def addresses() -> Iterator[Addresses]:
    with simulated(Plan(venues=("aster",))) as running:
        yield running


@pytest.fixture
def steer(addresses) -> Iterator[Steering]:
    steering = Steering(addresses.admin)
    with steering.http:
        steering.http.post("/reset").raise_for_status()
        steering.price("100000", "100001")
        yield steering


@pytest.fixture
async def venue(addresses, steer) -> AsyncIterator[CcxtVenue]:
    opened = open_ccxt(access(addresses.venues["aster"]), currency="USDT", instruments=(BTC, ETH), patience=QUICK)
    # ccxt spaces its calls; how well it does is not ours to test.
    opened.calls.exchange.enableRateLimit = False
    async with opened:
        yield opened
