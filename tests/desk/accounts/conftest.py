"""A small valid configuration that a test can break in one place."""

from collections.abc import Callable
from pathlib import Path

import pytest

ACCOUNTS = """\
feeds:
  embedded: {kind: synthetic, seed: 7}
  history:
    kind: recorded
    files:
      EUR/USD: eur.parquet
    clock:
      start: 2014-05-05T00:00:00Z
      anchor: 2026-01-01T00:00:00Z
      speed: 60
venues:
  oanda:
    maker_fee_bps: 0
    taker_fee_bps: 0.5
    participation_fraction: 0.1
    max_leverage: 20
accounts:
  oanda-gold:
    description: Trades gold.
    venue: oanda
    mode: paper
    active: true
    feed: embedded
    currency: USD
    starting_cash: 100_000.10
    instruments:
      - XAU/USD
      - EUR/USD
    timeframe: M5
    lookback: 400
    strategies:
      - name: momentum_trading
        weight: 2
        parameters:
          fast_period: 12
    policy: balanced
    schedule:
      every: 5m
      offset: 5s
"""

POLICY = """\
policies:
  balanced:
    sizing:
      name: fixed_fraction
      parameters:
        fraction: 0.005
    entry_score: 0.35
    exit_score: 0.3
    time_limit: 1d
    rules:
      - name: total_exposure
        multiple: 3
      - name: cooldown
        period: 15m
overrides:
  oanda-gold:
    entry_score: 0.4
"""

CATALOGUE = ("EUR/USD", "GBP/USD", "XAU/USD", "BTC/USDT:USDT")

WriteConfiguration = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> WriteConfiguration:
    """Writes both files, with `old` replaced by `new` in the file named, and returns their folder."""

    def write(file: str = "", old: str = "", new: str = "") -> Path:
        (tmp_path / "eur.parquet").touch()
        for name, text in (("accounts.yaml", ACCOUNTS), ("policy.yaml", POLICY)):
            if name == file:
                assert old in text, f"{old!r} is not in {name}"
                text = text.replace(old, new)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return write
