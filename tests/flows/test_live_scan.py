"""The scan of live accounts: the same flow, over real HTTP, at venues that lose replies."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from blocks.account import cycle_of
from desk.adapters.settings import settings
from desk.errors import ConfigError
from desk.model.instrument import InstrumentKind
from desk.model.orders import OrderState
from desk.model.sessions import is_open
from simulator.dialects.finding import find_dialects
from simulator.server import Addresses, Plan, simulated
from tests.flows.installation import AT, Installation
from tests.rising import RisingFeed

pytestmark = pytest.mark.prefect


@dataclass(frozen=True)
class Venue:
    """A live account of one venue.

    Attributes:
        dialect: of the simulator.
        keys: the venue's secret by part of the connection's.
        terms: what else the connection says.
        orders: where orders are sent to.
    """

    dialect: str
    kind: str
    instrument: str
    currency: str
    keys: Mapping[str, str]
    orders: str
    terms: Mapping[str, object] = field(default_factory=dict)

    def configuration(self, url: str) -> dict[str, object]:
        connection = {
            "kind": self.kind,
            "environment": "simulator",
            "url": url,
            "budget": {"per_second": 1_000},  # what waits for its turn is tried elsewhere
            "secrets": {part: f"TEST_{part.upper()}" for part in self.keys},
            **self.terms,
        }
        account = {
            "venue": self.kind,
            "mode": "live",
            "feed": "venue",
            "currency": self.currency,
            "instruments": [self.instrument],
            "timeframe": "M1",
            "lookback": 150,
            "late_after": "5m",
            "strategies": [{"name": "momentum_trading"}],
            "policy": "open",
            "schedule": {"every": "1m"},
        }
        return {
            "connections": {"simulated": connection},
            "feeds": {"venue": {"kind": "venue", "connection": "simulated"}},
            "venues": {self.kind: {"maker_fee_bps": 0, "taker_fee_bps": 0}},
            "accounts": {"trader": account},
        }


VENUES = (
    Venue(
        "oanda",
        "oanda",
        "EUR/USD",
        "USD",
        {"token": "token"},
        "/orders",
        {"account_id": "101-001-0000001-001"},
    ),
    Venue("coinbase", "coinbase", "BTC/USD", "USD", {"key": "ed25519_key", "secret": "ed25519_secret"}, "/orders"),
    Venue(
        "kucoin",
        "kucoin",
        "BTC/USDT",
        "USDT",
        {"key": "key", "secret": "secret", "passphrase": "passphrase"},
        "/hf/orders",
    ),
    Venue(
        "kucoin_futures",
        "kucoin",
        "BTC/USDT:USDT",
        "USDT",
        {"key": "key", "secret": "secret", "passphrase": "passphrase"},
        "orders",
        {"market": "futures"},
    ),
    Venue("aster", "aster", "BTC/USDT:USDT", "USDT", {"api_key": "api_key", "api_secret": "api_secret"}, "/order"),
)


@pytest.fixture(scope="module")
def addresses() -> Iterator[Addresses]:
    with simulated(Plan(feed=RisingFeed(datetime.now(UTC) - timedelta(days=1)))) as running:
        yield running


@dataclass(frozen=True)
class Truth:
    """What the venue knows, without faults."""

    venue: Venue
    admin: httpx.Client

    def orders(self) -> list[dict]:
        accounts = self.admin.get("/truth", params={"venue": self.venue.dialect}).json()["accounts"]
        return [
            {**placed["order"], "client_order_id": placed["client_id"]}
            for account in accounts
            for placed in account["orders"]
            # Where no order can carry a stop, it is an order beside the entry.
            if placed["role"] == "plain" and not placed["intent"]["reduce_only"]
        ]

    def lose_a_reply(self) -> None:
        fault = {"place": "after", "kind": "close", "venue": self.venue.dialect, "method": "POST"}
        self.admin.post("/faults", json=[{**fault, "path": self.venue.orders}]).raise_for_status()

    def lost(self) -> int:
        return self.admin.get("/faults").json()["faults"][0]["struck"]


@pytest.fixture(params=VENUES, ids=[venue.dialect for venue in VENUES])
def truth(
    request: pytest.FixtureRequest,
    installation: Installation,
    addresses: Addresses,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Truth]:
    """The installation with one live account at a venue that begins anew."""
    venue = request.param
    if venue.kind == "oanda" and not is_open(InstrumentKind.FX, datetime.now(UTC)):
        pytest.skip("currencies are not traded at the weekend, and a live account has no other time")
    written = venue.configuration(addresses.venues[venue.dialect])
    (installation.config / "accounts.yaml").write_text(json.dumps(written))  # JSON is YAML
    published = find_dialects((venue.dialect,))[venue.dialect].VENUE.secrets
    for part, name in venue.keys.items():
        monkeypatch.setenv(f"TEST_{part.upper()}", published[name])
    settings.cache_clear()
    with httpx.Client(base_url=addresses.admin) as admin:
        admin.post("/reset").raise_for_status()
        yield Truth(venue, admin)


async def test_a_live_account_trades_at_its_venue_and_the_ledger_says_the_same(desk, truth):
    state = await desk.scan("trader", None)

    [order] = truth.orders()
    [position] = await desk.installation.ledger.positions("trader")
    assert state.name == "Traded"
    assert Decimal(order["filled_quantity"]) == position.quantity > 0


async def test_an_order_whose_reply_is_lost_is_found_and_not_sent_again(desk, truth):
    truth.lose_a_reply()

    state = await desk.scan("trader", None)

    record = await desk.installation.record("trader", datetime.fromisoformat(state.message.split()[1].rstrip(":")))
    [order] = truth.orders()
    assert truth.lost() == 1
    assert [(one.client_order_id, one.state) for one in record.orders] == [
        (order["client_order_id"], OrderState.FILLED)
    ]


async def test_a_live_account_is_not_scanned_as_of_another_time(truth):
    with pytest.raises(ConfigError, match="expected no `at` for a live account"):
        cycle_of("trader", at=AT, scheduled_for=None)
