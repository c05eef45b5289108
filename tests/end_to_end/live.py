"""Live accounts at simulated venues: their fleet, their installation, and the venues' truth beside the ledger's."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import select

from desk.adapters.ledger.database import Database
from desk.adapters.ledger.schema import upgrade
from desk.adapters.ledger.tables import OrderRow, PositionRow
from desk.model.orders import OrderState
from desk.ports import Feed
from simulator.dialects.finding import find_dialects
from simulator.server import Addresses, Plan, simulated
from tests.end_to_end.fleet import FX
from tests.end_to_end.installation import Site
from tests.rising import RisingFeed


@dataclass(frozen=True)
class Wire:
    """How an account of a dialect is configured.

    Attributes:
        keys: the venue's secret by part of the connection's.
        terms: what else the connection says.
    """

    kind: str
    currency: str
    instruments: tuple[str, ...]
    keys: Mapping[str, str]
    terms: Mapping[str, object] = field(default_factory=dict)


WIRES = {
    "aster": Wire(
        "aster",
        "USDT",
        ("BTC/USDT:USDT", "ETH/USDT:USDT"),
        {"api_key": "api_key", "api_secret": "api_secret"},
    ),
    "coinbase": Wire(
        "coinbase", "USD", ("BTC/USD", "ETH/USD", "SOL/USD"), {"key": "ed25519_key", "secret": "ed25519_secret"}
    ),
    "kucoin": Wire(
        "kucoin",
        "USDT",
        ("BTC/USDT", "ETH/USDT", "SOL/USDT"),
        {"key": "key", "secret": "secret", "passphrase": "passphrase"},
    ),
    "oanda": Wire(
        "oanda",
        "USD",
        ("EUR/USD", "GBP/USD", "USD/JPY"),
        {"token": "token"},
        {"account_id": "101-001-0000001-001"},
    ),
}
"""By dialect, which is what the account and its connection are called, too. Currencies rest at the week-end."""
NOWHERE = Addresses("http://127.0.0.1:1", dict.fromkeys(WIRES, "http://127.0.0.1:1"))
"""Where no venue is, for a fleet that is only read."""
PAPER = "paper"
"""An account beside them that trades on paper."""

_MADE = {"kind": "synthetic", "seed": 7}
_PAPER = {**FX, "mode": "paper", "feed": "made", "starting_cash": 100_000, "timeframe": "M5"}
_EAGER = {
    "sizing": {"name": "fixed_fraction", "parameters": {"fraction": 0.001}},
    "entry_score": 0.01,
    "exit_score": 0.01,
    "rules": [{"name": "number_of_positions", "limit": 20}],
}
_POLICIES = {"policies": {"eager": _EAGER, "restless": {**_EAGER, "entry_score": 0.0001, "exit_score": 0.0001}}}
"""The second acts on any opinion at all."""


@dataclass
class LiveSite(Site):
    """An installation whose accounts are called after the dialects at which they trade.

    Attributes:
        admin: of the simulator.
    """

    admin: httpx.Client = field(default_factory=httpx.Client)

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, **_keys()}

    def fault(self, place: str, kind: str, **more: object) -> None:
        """Let something go wrong; see `simulator.faults.Fault`."""
        self.admin.post("/faults", json=[{"place": place, "kind": kind, **more}]).raise_for_status()

    def mend(self) -> None:
        """End every fault."""
        self.admin.delete("/faults").raise_for_status()

    def truth(self, dialect: str) -> dict[str, Any]:
        """Return everything that the account of a dialect really has."""
        [account] = self.admin.get("/truth", params={"venue": dialect}).raise_for_status().json()["accounts"]
        return account  # type: ignore[no-any-return]

    def orders(self, dialect: str) -> list[dict[str, Any]]:
        """Return the orders that the venue was sent, refused ones and those that guard a position left out."""
        return [one for one in self.truth(dialect)["orders"] if not _is_guard(one) and not _is_refused(one)]


def write_live_fleet(directory: Path, addresses: Addresses, **accounts: object) -> Path:
    """Write accounts.yaml and policy.yaml with an account for each dialect, and return their folder.

    Args:
        directory: is made.
        addresses: of the simulator.
        accounts: keys of every account that differ.
    """
    directory.mkdir(parents=True)
    (directory / "accounts.yaml").write_text(json.dumps(_fleet(addresses, accounts)))  # JSON is YAML
    (directory / "policy.yaml").write_text(json.dumps(_POLICIES))
    return directory


@contextmanager
def live_site(site: Site, home: Path, *, feed: Feed | None = None, **accounts: object) -> Iterator[LiveSite]:
    """Give an installation with an empty ledger beside another's server, and its venues.

    Args:
        site: whose server, post and list of processes are used.
        home: a folder that is made.
        feed: the market; one that has risen since yesterday without.
        accounts: keys of every account that differ.
    """
    market = feed or RisingFeed(datetime.now(UTC) - timedelta(days=1))
    with simulated(Plan(feed=market)) as addresses, httpx.Client(base_url=addresses.admin) as admin:
        config = write_live_fleet(home / "config", addresses, **accounts)
        live = LiveSite(site.server, home, config, site.post, site.started, admin)
        asyncio.run(upgrade(live.ledger_url))
        before = len(site.started)
        try:
            yield live
        finally:
            # A worker that has nothing to do asks the server all the time whether there is something.
            for child in site.started[before:]:
                child.kill()


@dataclass(frozen=True)
class LiveComparison:
    """What was found of one account.

    Attributes:
        orders: how many the venue has.
        candles: how many decisions the orders act on.
        doubled: decisions that the venue, or the ledger, has more than one order for.
        differences: everything in which the two do not agree, in words.
    """

    orders: int
    candles: int
    doubled: list[tuple[str, ...]]
    differences: list[str]

    @property
    def is_clean(self) -> bool:
        return not self.doubled and not self.differences


async def compare_live(site: LiveSite, dialect: str) -> LiveComparison:
    """Compare the venue's orders and positions of an account with the ledger's."""
    truth, placed = site.truth(dialect), site.orders(dialect)
    intents, held = await _ledger_of(site, dialect)
    decisions = Counter(_decision(intents[one["client_id"]]) for one in placed if one["client_id"] in intents)
    doubled = [decision for decision, times in decisions.items() if times > 1]
    intended = Counter(_decision(row) for row in intents.values())
    doubled += [decision for decision, times in intended.items() if times > 1]
    sent = [row for row in intents.values() if row.venue_order_id]
    differences = [
        *_differ("order", Counter(map(_placed, placed)), Counter(map(_sent, sent))),
        *_differ("position", Counter(map(_held, truth["positions"])), Counter(held)),
    ]
    return LiveComparison(len(placed), len({row.candle_close for row in sent}), doubled, differences)


async def _ledger_of(site: LiveSite, account: str) -> tuple[dict[str, OrderRow], list[tuple[str, Decimal]]]:
    database = Database.open(site.ledger_url)
    try:
        async with database.read() as session:
            orders = (await session.exec(select(OrderRow).where(OrderRow.account == account))).all()
            held = (await session.exec(select(PositionRow).where(PositionRow.account == account))).all()
    finally:
        await database.close()
    return {row.client_order_id: row for row in orders}, [(row.instrument, row.quantity) for row in held]


def _decision(row: OrderRow) -> tuple[str, ...]:
    """Whatever an order is called, a decision has one."""
    return row.strategy, row.instrument, row.candle_close.isoformat(), row.side


def _is_guard(one: Mapping[str, Any]) -> bool:
    """At Aster stops and targets are orders of a client, too."""
    return one["role"] != "plain" or one["client_id"].endswith(("-s", "-t"))


def _is_refused(one: Mapping[str, Any]) -> bool:
    return one["order"]["state"] == OrderState.REJECTED  # type: ignore[no-any-return]


def _placed(one: Mapping[str, Any]) -> tuple[object, ...]:
    intent, order = one["intent"], one["order"]
    return one["client_id"], intent["instrument"], intent["side"], Decimal(order["filled_quantity"])


def _sent(row: OrderRow) -> tuple[object, ...]:
    return row.client_order_id, row.instrument, row.side, row.filled_quantity


def _held(position: Mapping[str, Any]) -> tuple[str, Decimal]:
    return position["instrument"], Decimal(position["quantity"])


def _differ(noun: str, venue: Counter[tuple[Any, ...]], ledger: Counter[tuple[Any, ...]]) -> list[str]:
    return [
        *(f"{noun} at the venue only: {values}" for values in (venue - ledger).elements()),
        *(f"{noun} in the ledger only: {values}" for values in (ledger - venue).elements()),
    ]


def _fleet(addresses: Addresses, accounts: Mapping[str, object]) -> dict[str, object]:
    return {
        "defaults": {
            "mode": "live",
            "timeframe": "M1",
            "lookback": 150,
            "late_after": "5m",
            "policy": "eager",
            "strategies": [{"name": "momentum_trading"}],
            "schedule": {"every": "5m"},
        },
        "connections": {name: _connection(name, wire, addresses) for name, wire in WIRES.items()},
        "feeds": {"made": _MADE, **{name: {"kind": "venue", "connection": name} for name in WIRES}},
        "venues": {wire.kind: {"maker_fee_bps": 1, "taker_fee_bps": 1} for wire in WIRES.values()},
        "accounts": {PAPER: _PAPER, **{name: {**_account(name, wire), **accounts} for name, wire in WIRES.items()}},
    }


def _connection(dialect: str, wire: Wire, addresses: Addresses) -> dict[str, object]:
    return {
        "kind": wire.kind,
        "environment": "simulator",
        "url": addresses.venues[dialect],
        "secrets": {part: _variable(dialect, part) for part in wire.keys},
        **wire.terms,
    }


def _account(dialect: str, wire: Wire) -> dict[str, object]:
    return {
        "venue": wire.kind,
        "feed": dialect,
        "currency": wire.currency,
        "instruments": list(wire.instruments),
    }


def _variable(dialect: str, part: str) -> str:
    return f"LIVE_{dialect}_{part}".upper()


def _keys() -> dict[str, str]:
    known = {name: dialect.VENUE.secrets for name, dialect in find_dialects(tuple(WIRES)).items()}
    return {
        _variable(name, part): known[name][secret] for name, wire in WIRES.items() for part, secret in wire.keys.items()
    }
