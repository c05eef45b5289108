"""Arming at a venue: each check passes and fails by what the venue itself says, over the real wire.

A real world of a venue is pretended: its hosts lead to the simulator, which knows the keys of that world and no others.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from pydantic import TypeAdapter

from desk.accounts import AccountSpec, ConnectionSpec
from desk.accounts.connections import Connection
from desk.adapters.clocks import SystemClock
from desk.adapters.venues.arming import Examined, Sought, examine
from desk.adapters.venues.reached import Reached, Tools
from desk.adapters.venues.reaching import reach
from desk.model.arming import ArmCheck, CheckResult
from simulator.dialects.finding import find_dialects
from simulator.server import Addresses, Plan, simulated
from tests.desk.adapters.venues.test_reaching import CONNECTIONS, account
from tests.elsewhere import Elsewhere
from tests.rising import RisingFeed

PASS, FAIL, NOT_TOLD = CheckResult
HOSTS = {
    "oanda": ("api-fxpractice.oanda.com", "api-fxtrade.oanda.com"),
    "coinbase": ("api.coinbase.com",),
    "kucoin": ("api.kucoin.com",),
    "kucoin_futures": ("api-futures.kucoin.com",),
    "aster": ("fapi.asterdex.com", "fapi.asterdex-testnet.com"),
}
LIVE_ID = "001-001-0000001-001"
CURRENCIES = {"oanda": "USD", "coinbase": "USD"}


@pytest.fixture(scope="module")
def addresses() -> Iterator[Addresses]:
    with simulated(Plan(feed=RisingFeed(datetime.now(UTC) - timedelta(days=1)))) as running:
        yield running


@dataclass(frozen=True)
class Shifted:
    """A clock that is off."""

    by: timedelta = timedelta(0)

    def now(self) -> datetime:
        return SystemClock().now() + self.by

    def shown_at(self, wall: datetime) -> datetime:
        return wall + self.by


@dataclass(frozen=True)
class World:
    """A connection to a pretended world of a venue.

    Attributes:
        name: of a connection of `CONNECTIONS`.
        keys: what the environment holds in place of the simulator's keys, by the part of the connection.
        terms: what the connection says besides, or otherwise.
        spec: what the account says otherwise.
        armed: the venue's id of the account, where it was armed before.
    """

    name: str
    environment: str
    keys: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, object] = field(default_factory=dict)
    spec: Mapping[str, object] = field(default_factory=dict)
    clock_off: timedelta = timedelta(0)
    armed: str = ""

    @property
    def dialect(self) -> str:
        return CONNECTIONS[self.name][0]

    @property
    def trader(self) -> AccountSpec:
        currency = CURRENCIES.get(self.dialect, "USDT")
        return account(self.name, **{"currency": currency, **self.spec})

    def connection(self) -> tuple[ConnectionSpec, dict[str, str]]:
        _, more, parts = CONNECTIONS[self.name]
        published = find_dialects((self.dialect,))[self.dialect].VENUE.secrets
        variables = {part: f"KEY_{part.upper()}" for part in parts}
        told = {"kind": self.dialect.partition("_")[0], "environment": self.environment, "secrets": variables}
        values = {variables[part]: self.keys.get(part, published[secret]) for part, secret in parts.items()}
        return TypeAdapter(Connection).validate_python({**told, **more, **self.terms}), values


@asynccontextmanager
async def reached(world: World, addresses: Addresses) -> AsyncIterator[Reached]:
    spec, values = world.connection()
    # KuCoin says what a key may do at the host of its spot market.
    names = {world.dialect, "kucoin"} if world.dialect == "kucoin_futures" else {world.dialect}
    places = {host: addresses.venues[name] for name in names for host in HOSTS[name]}
    opened = reach("here", spec, Tools(Shifted(world.clock_off), transport=Elsewhere(places)), values=values)
    try:
        yield opened
    finally:
        await opened.close()


async def examined(world: World, addresses: Addresses) -> Examined:
    spec, _ = world.connection()
    expected = world.trader.account_id or getattr(spec, "account_id", "") or world.armed
    async with reached(world, addresses) as opened:
        return await examine(opened, Sought(world.trader, world.environment, expected))


async def check(world: World, addresses: Addresses, name: str) -> ArmCheck:
    return {found.name: found for found in (await examined(world, addresses)).checks}[name]


@pytest.fixture
def admin(addresses: Addresses) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=addresses.admin) as client:
        yield client
        client.post("/reset").raise_for_status()


def open_account(admin: httpx.Client, venue: str, name: str, **form: object) -> None:
    admin.post("/accounts", json={"venue": venue, "name": name, **form}).raise_for_status()


WELL = [
    (World("oanda", "practice"), {"right to trade", "right to withdraw", "clock"}),
    (World("coinbase", "live"), {"environment"}),
    (World("coinbase-legacy", "live"), {"environment"}),
    (World("kucoin", "live"), {"environment"}),
    (World("kucoin-futures", "live"), {"environment"}),
    (World("aster", "live"), {"environment", "venue account", "right to withdraw"}),
    (World("aster-wallet", "live"), {"environment", "venue account", "right to withdraw"}),
]


@pytest.mark.parametrize(("world", "not_told"), WELL, ids=[world.name for world, _ in WELL])
async def test_an_account_that_is_well_fails_nothing_and_what_is_not_told_is_said(addresses, world, not_told):
    told = await examined(world, addresses)
    assert {found.name for found in told.checks if found.result is FAIL} == set()
    assert {found.name for found in told.checks if found.result is NOT_TOLD} == not_told
    assert [found.name for found in told.checks] == [
        "environment", "venue account", "right to trade", "right to withdraw", "currency", "equity", "clock",
    ]  # fmt: skip
    assert told.money is not None
    assert told.money.equity == Decimal(100_000)


async def test_the_venues_own_id_is_what_is_found(addresses):
    told = await examined(World("oanda", "practice"), addresses)
    assert told.identity.account == "101-001-0000001-001"
    assert (await examined(World("kucoin", "live"), addresses)).identity.account == "1"
    assert len((await examined(World("coinbase", "live"), addresses)).identity.account) == 36


async def test_a_practice_account_behind_a_live_connection_is_refused(addresses):
    found = await check(World("oanda", "live"), addresses, "environment")
    assert (found.result, found.expected, found.found) == (FAIL, "live", "practice")
    assert "correct `environment` or `account_id`" in found.advice


async def test_a_live_account_behind_a_practice_connection_is_refused(addresses, admin):
    open_account(admin, "oanda", LIVE_ID, secrets={"token": "live-token"})
    live = World("oanda", "live", keys={"token": "live-token"}, terms={"account_id": LIVE_ID})
    assert (await check(live, addresses, "environment")).result is PASS
    practice = World("oanda", "practice", keys={"token": "live-token"}, terms={"account_id": LIVE_ID})
    assert (await check(practice, addresses, "environment")).found == "live"


OTHER_WORLDS = [
    World("oanda", "live", keys={"token": "canary-demo-token"}),
    World("kucoin", "live", keys={"key": "canary-demo-key"}),
    World("coinbase-legacy", "live", keys={"key": "canary-demo-key"}),
    World("aster", "live", keys={"api_key": "canary-demo-key"}),
    World("aster-wallet", "practice"),  # signs for the chain of the test network, and the host is of the other
]


@pytest.mark.parametrize("world", OTHER_WORLDS, ids=[world.name for world in OTHER_WORLDS])
async def test_a_key_of_another_world_is_refused_and_not_shown(addresses, world):
    told = await examined(world, addresses)
    checks = {found.name: found for found in told.checks}
    assert (checks["key"].result, checks["equity"].result) == (FAIL, FAIL)
    assert f"is the key of the environment {world.environment}?" in checks["key"].advice
    assert "canary" not in repr(told)


async def test_a_key_that_opens_another_account_than_before_is_refused(addresses):
    found = await check(World("kucoin", "live", armed="77"), addresses, "venue account")
    assert (found.result, found.expected, found.found) == (FAIL, "77", "1")
    assert "`desk disarm trader`" in found.advice
    assert (await check(World("kucoin", "live", armed="1"), addresses, "venue account")).result is PASS


KUCOIN = {"key": "other-key", "secret": "other-secret", "passphrase": "other-passphrase"}
LEGACY = {"legacy_key": "other-key", "legacy_secret": "other-secret"}
RIGHTS = [
    ("kucoin", "kucoin", {**KUCOIN, "permissions": "General,Futures"}, "right to trade"),
    ("kucoin-futures", "kucoin_futures", {**KUCOIN, "permissions": "General,Spot"}, "right to trade"),
    ("kucoin", "kucoin", {**KUCOIN, "permissions": "General, Spot, Transfer"}, "right to withdraw"),
    ("coinbase-legacy", "coinbase", {**LEGACY, "rights": "view"}, "right to trade"),
    ("coinbase-legacy", "coinbase", {**LEGACY, "rights": "view,trade,transfer"}, "right to withdraw"),
]


@pytest.mark.parametrize(("name", "venue", "secrets", "failing"), RIGHTS)
async def test_a_key_with_too_few_or_too_many_rights_is_refused(addresses, admin, name, venue, secrets, failing):
    # A key of KuCoin is one user's, and both markets know it.
    for place in {venue, "kucoin"} if venue.startswith("kucoin") else {venue}:
        open_account(admin, place, "other", secrets=secrets)
    keys = {part.removeprefix("legacy_"): value for part, value in secrets.items()}
    told = await examined(World(name, "live", keys=keys), addresses)
    assert [found.name for found in told.checks if found.result is FAIL] == [failing]


async def test_a_connection_that_only_reads_may_not_trade(addresses):
    found = await check(World("coinbase", "live", terms={"read_only": True}), addresses, "right to trade")
    assert found.result is FAIL
    assert "`read_only: true`" in found.advice


async def test_an_account_in_another_currency_is_refused(addresses):
    found = await check(World("oanda", "practice", spec={"currency": "EUR"}), addresses, "currency")
    assert (found.result, found.expected, found.found) == (FAIL, "EUR", "USD")


async def test_an_account_without_money_is_refused(addresses, admin):
    name = "101-001-0000009-001"
    open_account(admin, "oanda", name, secrets={"token": "poor-token"}, cash="0")
    poor = World("oanda", "practice", keys={"token": "poor-token"}, terms={"account_id": name})
    found = await check(poor, addresses, "equity")
    assert (found.result, found.found) == (FAIL, "0.00 USD")


@pytest.mark.parametrize("name", ["kucoin", "coinbase"])
async def test_a_clock_that_is_off_is_refused(addresses, name):
    found = await check(World(name, "live", clock_off=timedelta(seconds=-30)), addresses, "clock")
    assert found.result is FAIL
    assert "expected at most 2 s between the clocks" in found.found


async def test_a_simulator_is_of_no_world_that_could_be_confused(addresses):
    terms = {"url": addresses.venues["oanda"]}
    spec = World("oanda", "simulator", terms=terms)
    async with reached_as_it_is(spec) as opened:
        told = await examine(opened, Sought(spec.trader, "simulator", ""))
    assert told.checks[0].result is PASS


@asynccontextmanager
async def reached_as_it_is(world: World) -> AsyncIterator[Reached]:
    spec, values = world.connection()
    opened = reach("here", spec, Tools(SystemClock()), values=values)
    try:
        yield opened
    finally:
        await opened.close()


async def test_a_venue_that_answers_nonsense_is_a_failure_that_says_so():
    spec, values = World("oanda", "practice").connection()
    opened = reach("here", spec, Tools(SystemClock(), transport=httpx.MockTransport(_down)), values=values)
    told = await examine(opened, Sought(account("oanda"), "practice", ""))
    await opened.close()
    assert [found.name for found in told.checks if found.result is FAIL] == ["key", "equity"]
    assert "when the venue answers" in told.checks[0].advice


def _down(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, text="down for maintenance")
