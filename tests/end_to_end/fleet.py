"""A fleet for the tests of whole runs: accounts that trade at a known time, and accounts that trade at any time."""

import json
from datetime import UTC, datetime
from pathlib import Path

AT = datetime(2026, 1, 16, 16, 0, tzinfo=UTC)
"""A Friday at which every account of the kind FX sends two orders and is content with its third instrument."""

FX = {
    "venue": "oanda",
    "currency": "USD",
    "instruments": ["EUR/USD", "USD/JPY", "XAU/USD"],
    "schedule": {"every": "1h"},
}
COINS = {"venue": "aster", "currency": "USDT", "instruments": ["BTC/USDT:USDT"], "timeframe": "M1"}
"""Coins trade at the week-end as well, when the tests may be run."""

ACCOUNTS = {
    **{f"fx-{purpose}": FX for purpose in ("drill", "crowd", "race", "retry", "killed", "cut", "patient", "hasty")},
    "coins-cron": {**COINS, "schedule": {"cron": "* * * * *"}},
    "coins-often": {**COINS, "schedule": {"every": "15s"}},
    "coins-outage": {**COINS, "schedule": {"every": "1m"}},
    # A person starts it and asks for its scans; on New Year's Day it makes one by itself. A watch of the present would
    # end what was opened in January.
    "fx-room": {
        **FX,
        "active": False,
        "watch": "off",
        "strategies": [{"name": "mean_reversion"}],
        "schedule": {"cron": "45 23 1 1 *"},
    },
}

SPARE_TOKEN = "SPARE_TOKEN"
"""The key of a connection that no account uses."""

_FLEET = {
    "defaults": {
        "mode": "paper",
        "feed": "made",
        "starting_cash": 100_000,
        "policy": "eager",
        "strategies": [{"name": "momentum_trading", "parameters": {"entry_separation": 0}}],
    },
    "feeds": {"made": {"kind": "synthetic", "seed": 7}},
    "connections": {
        "practice": {
            "kind": "oanda",
            "environment": "practice",
            "account_id": "101-001-1-001",
            "secrets": {"token": SPARE_TOKEN},
        }
    },
    "venues": {
        "oanda": {"maker_fee_bps": 1, "taker_fee_bps": 1, "slippage_bps": 0.2, "max_leverage": 20},
        "aster": {"maker_fee_bps": 1, "taker_fee_bps": 3.5, "slippage_bps": 1, "half_spread_bps": 1, "max_leverage": 5},
    },
    "accounts": ACCOUNTS,
}
_POLICIES = {
    "policies": {
        "eager": {
            "sizing": {
                "name": "fixed_fraction",
                "parameters": {"fraction": 0.001, "max_notional_fraction": 0.5, "cost_bps": 2},
            },
            "entry_score": 0.01,
            "exit_score": 0.01,
            "rules": [{"name": "number_of_positions", "limit": 20}],
        }
    }
}


def write_fleet(directory: Path) -> Path:
    """Write accounts.yaml and policy.yaml, as JSON, which is YAML, and return their folder."""
    directory.mkdir()
    (directory / "accounts.yaml").write_text(json.dumps(_FLEET))
    (directory / "policy.yaml").write_text(json.dumps(_POLICIES))
    return directory
