"""The accounts of a crash drill: one for each venue, all of them live at a simulated one but the account on paper."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simulator.dialects.finding import find_dialects
from simulator.server import Addresses

SUMMIT = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
"""A Wednesday afternoon, when every market is open: the close of the candle that everybody buys on."""

RAISED = timedelta(minutes=12)
FALLEN = timedelta(minutes=30)
STEPS = ((RAISED, 0.007), (FALLEN, -0.02))
"""Far enough up for the stops to move to the entry, and short of the targets; then through the stops."""

STEADY = frozenset({"GBP/USD", "ETH/USD", "ETH/USDT", "ETH/USDT:USDT"})
"""What does not fall, so that something is held, and protected, at the end."""


@dataclass(frozen=True, slots=True)
class Venue:
    """A venue of the drill.

    Attributes:
        name: as the table has it.
        wire: its name in the simulator; for paper, of the one whose market it looks at.
        account: as accounts.yaml has it.
        orders: a pattern of the path where orders are sent; nothing where nothing is sent.
        keeps_stops: whether the stop of a position rests there.
    """

    name: str
    wire: str
    account: Mapping[str, object]
    orders: str = ""
    keeps_stops: bool = True

    @property
    def is_paper(self) -> bool:
        """Whether its books are in the ledger's database."""
        return not self.orders


def _live(venue: str, connection: str, currency: str, *instruments: str) -> Mapping[str, object]:
    return {
        "venue": venue,
        "mode": "live",
        "feed": connection,
        "currency": currency,
        "instruments": list(instruments),
    }


_ON_PAPER = {**_live("oanda", "oanda", "USD", "EUR/USD", "GBP/USD"), "mode": "paper", "starting_cash": 100_000}

VENUES = {
    venue.name: venue
    for venue in (
        Venue("paper", "oanda", _ON_PAPER),
        Venue("oanda", "oanda", _live("oanda", "oanda", "USD", "EUR/USD", "GBP/USD"), "/orders$"),
        Venue("coinbase", "coinbase", _live("coinbase", "coinbase", "USD", "BTC/USD", "ETH/USD"), "/orders$"),
        Venue(
            "kucoin",
            "kucoin",
            _live("kucoin", "kucoin", "USDT", "BTC/USDT", "ETH/USDT"),
            "/hf/orders$",
            keeps_stops=False,
        ),
        Venue(
            "kucoin-futures",
            "kucoin_futures",
            _live("kucoin", "kucoin_futures", "USDT", "BTC/USDT:USDT", "ETH/USDT:USDT"),
            "/(st-)?orders$",
        ),
        Venue("aster", "aster", _live("aster", "aster", "USDT", "BTC/USDT:USDT", "ETH/USDT:USDT"), "/order$"),
    )
}

_CONNECTIONS: Mapping[str, Mapping[str, object]] = {
    "aster": {"kind": "aster", "secrets": {"private_key": "SIMULATOR_ASTER_PRIVATE_KEY"}},
    "coinbase": {
        "kind": "coinbase",
        "secrets": {"key": "SIMULATOR_COINBASE_ED25519_KEY", "secret": "SIMULATOR_COINBASE_ED25519_SECRET"},
    },
    "kucoin": {
        "kind": "kucoin",
        "secrets": {
            "key": "SIMULATOR_KUCOIN_KEY",
            "secret": "SIMULATOR_KUCOIN_SECRET",
            "passphrase": "SIMULATOR_KUCOIN_PASSPHRASE",
        },
    },
    "oanda": {
        "kind": "oanda",
        "account_id": "101-001-0000001-001",
        "secrets": {"token": "SIMULATOR_OANDA_TOKEN"},
    },
}
_MARKETS = {"kucoin_futures": {**_CONNECTIONS["kucoin"], "market": "futures"}}

_DEFAULTS = {
    "timeframe": "M1",
    "lookback": 200,
    "late_after": "10m",  # a busy machine takes its time, and what is late is not what is drilled here
    "policy": "drilled",
    "strategies": [{"name": "momentum_trading", "parameters": {"entry_separation": 0}}],
    "schedule": {"every": "1m"},
}
_FEES = {"maker_fee_bps": 1, "taker_fee_bps": 2, "max_leverage": 20}
_POLICY = {
    "sizing": {"name": "fixed_fraction", "parameters": {"fraction": 0.001, "max_notional_fraction": 0.3}},
    "entry_score": 0.01,
    "exit_score": 1.0,
    "exits": {"break_even_at": 0.5},
    "rules": [{"name": "number_of_positions", "limit": 5}],
}


def write_fleet(folder: Path, addresses: Addresses) -> Path:
    """Write accounts.yaml and policy.yaml, as JSON, which is YAML, and return their folder."""
    connections = {
        name: {**wanted, "environment": "simulator", "url": addresses.venues[name]}
        for name, wanted in {**_CONNECTIONS, **_MARKETS}.items()
        if name in addresses.venues
    }
    used = [venue for venue in VENUES.values() if venue.wire in connections]
    fleet = {
        "defaults": _DEFAULTS,
        "connections": connections,
        "feeds": {name: {"kind": "venue", "connection": name} for name in connections},
        "venues": {str(venue.account["venue"]): _FEES for venue in used},
        "accounts": {venue.name: venue.account for venue in used},
    }
    folder.mkdir()
    (folder / "accounts.yaml").write_text(json.dumps(fleet), encoding="utf-8")
    (folder / "policy.yaml").write_text(json.dumps({"policies": {"drilled": _POLICY}}), encoding="utf-8")
    return folder


def keys() -> dict[str, str]:
    """Return the variables with the keys that the simulated venues know."""
    return {
        f"SIMULATOR_{name}_{part}".upper(): value
        for name, dialect in find_dialects().items()
        for part, value in dialect.VENUE.secrets.items()
    }
