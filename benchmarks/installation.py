"""A throw-away installation to measure: a folder, a configuration, a ledger, and later a server."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from desk.adapters.ledger.schema import upgrade

_HEAD = """\
feeds:
  made: {kind: synthetic, seed: 7}
venues:
  oanda: {maker_fee_bps: 0, taker_fee_bps: 0, slippage_bps: 0.1, max_leverage: 30}
accounts:
"""

_ACCOUNT = """\
  bench-{number:03d}:
    {{venue: oanda, mode: paper, feed: made, currency: USD, starting_cash: 100000, timeframe: M1, lookback: 300,
     instruments: [EUR/USD, GBP/USD, AUD/USD], strategies: [{{name: momentum_trading}}], policy: bench,
     schedule: {{every: 1m, offset: {offset}s}}}}
"""

_POLICY = """\
policies:
  bench:
    sizing: {name: fixed_fraction}
    rules: [{name: total_exposure}, {name: position_size}, {name: number_of_positions}, {name: stale_data}]
    entry_score: 0.5
    exit_score: 0.3
"""


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the measured installation is."""

    home: Path
    accounts: Sequence[str]

    @property
    def account(self) -> str:
        """One of its accounts."""
        return self.accounts[0]

    @property
    def environment(self) -> Mapping[str, str]:
        """The settings that point the desk at it."""
        return {
            "DESK_HOME": str(self.home),
            "DESK_CONFIG": str(self.home / "config"),
            "DESK_DATABASE_URL": f"sqlite:///{self.home / 'desk.db'}",
        }


def make_bench(home: Path, accounts: int) -> Bench:
    """Make an installation of so many accounts, whose schedules are spread over the minute."""
    (home / "config").mkdir(parents=True)
    numbers = range(accounts)
    text = "".join(_ACCOUNT.format(number=number, offset=number * 60 // accounts) for number in numbers)
    (home / "config" / "accounts.yaml").write_text(_HEAD + text)
    (home / "config" / "policy.yaml").write_text(_POLICY)
    asyncio.run(upgrade(f"sqlite:///{home / 'desk.db'}"))
    return Bench(home, [f"bench-{number:03d}" for number in numbers])
