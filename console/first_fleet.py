"""The files of a first fleet: one account at one venue, with a policy that risks little. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Template

from desk.accounts import ACCOUNTS_FILE, POLICY_FILE
from desk.adapters.editing.reading import Files


class Way(StrEnum):
    """How much of it is real."""

    MADE = "made"
    PAPER = "paper"
    LIVE = "live"

    @property
    def meaning(self) -> str:
        """What it means, for whoever has to choose."""
        return _MEANINGS[self]


_MEANINGS = {
    Way.MADE: "a made market and paper money: no key, no network",
    Way.PAPER: "prices of the venue and paper money: needs a key",
    Way.LIVE: "orders at the venue once the account is armed, with real money at Coinbase and KuCoin: needs a key",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A venue, as a first fleet has it.

    Attributes:
        environment: practice where the venue has such a world.
        secrets: the variables that hold the parts of the key.
        instruments: to begin with.
        costs: what the paper venue charges.
        needs_account_id: whether the connection names an account.
    """

    environment: str
    secrets: Mapping[str, str]
    currency: str
    instruments: tuple[str, ...]
    costs: str
    needs_account_id: bool = False


PLACES: Mapping[str, Place] = {
    "oanda": Place(
        "practice",
        {"token": "OANDA_TOKEN"},
        "USD",
        ("EUR/USD", "GBP/USD", "USD/JPY"),
        "{maker_fee_bps: 0, taker_fee_bps: 0, slippage_bps: 0.2, max_leverage: 20}",
        needs_account_id=True,
    ),
    "coinbase": Place(
        "live",
        {"key": "COINBASE_KEY", "secret": "COINBASE_SECRET"},
        "USD",
        ("BTC/USD", "ETH/USD"),
        "{maker_fee_bps: 40, taker_fee_bps: 60, slippage_bps: 1, half_spread_bps: 1, max_leverage: 1}",
    ),
    "kucoin": Place(
        "live",
        {"key": "KUCOIN_KEY", "secret": "KUCOIN_SECRET", "passphrase": "KUCOIN_PASSPHRASE"},
        "USDT",
        ("BTC/USDT", "ETH/USDT"),
        "{maker_fee_bps: 10, taker_fee_bps: 10, slippage_bps: 1, half_spread_bps: 1, max_leverage: 1}",
    ),
    "aster": Place(
        "practice",
        {"private_key": "ASTER_WALLET_KEY"},
        "USDT",
        ("BTC/USDT:USDT",),
        "{maker_fee_bps: 1, taker_fee_bps: 3.5, slippage_bps: 1, half_spread_bps: 1, max_leverage: 5}",
    ),
}
"""The venues that a first fleet may be at."""

TIMEFRAMES: Mapping[str, str] = {"5m": "M5", "15m": "M15", "1h": "H1", "4h": "H4", "1d": "D1"}
"""How often an account is scanned, and the candles that it then decides on."""


@dataclass(frozen=True, slots=True)
class FirstFleet:
    """What somebody answered.

    Attributes:
        account: its name.
        account_id: of the venue; empty where the connection needs none.
        every: one of `TIMEFRAMES`.
    """

    venue: str
    way: Way
    account: str
    instruments: tuple[str, ...]
    strategy: str
    every: str
    account_id: str = ""

    @property
    def place(self) -> Place:
        """The venue."""
        return PLACES[self.venue]

    @property
    def keys(self) -> tuple[str, ...]:
        """The variables whose keys are needed."""
        return () if self.way is Way.MADE else tuple(self.place.secrets.values())

    @property
    def files(self) -> Files:
        """The texts of the files by their names."""
        return {ACCOUNTS_FILE: _accounts(self), POLICY_FILE: _POLICY}


def _accounts(fleet: FirstFleet) -> str:
    return _ACCOUNTS.substitute(
        market=_market(fleet),
        venue=fleet.venue,
        costs=fleet.place.costs,
        account=fleet.account,
        mode=Way.LIVE if fleet.way is Way.LIVE else Way.PAPER,
        feed="made" if fleet.way is Way.MADE else fleet.venue,
        money=_money(fleet),
        instruments=", ".join(f'"{name}"' if ":" in name else name for name in fleet.instruments),
        timeframe=TIMEFRAMES[fleet.every],
        strategy=fleet.strategy,
        every=fleet.every,
    )


def _market(fleet: FirstFleet) -> str:
    if fleet.way is Way.MADE:
        return "feeds:\n  made: {kind: synthetic, seed: 7}   # the same seed makes the same candles on every machine\n"
    place = fleet.place
    lines = [
        "# How the venue is reached. Secrets are names of variables: `desk credentials set NAME` takes a key itself.",
        "connections:",
        f"  {fleet.venue}:",
        f"    kind: {fleet.venue}",
        f"    environment: {place.environment}",
        *([f'    account_id: "{fleet.account_id}"'] if place.needs_account_id else []),
        f"    secrets: {{{', '.join(f'{part}: {name}' for part, name in place.secrets.items())}}}",
        "",
        "feeds:",
        f"  {fleet.venue}: {{kind: venue, connection: {fleet.venue}}}",
        "",
    ]
    return "\n".join(lines)


def _money(fleet: FirstFleet) -> str:
    lines = [f"currency: {fleet.place.currency}"]
    if fleet.way is not Way.LIVE:
        lines.append("starting_cash: 10_000")
    return "\n    ".join(lines)


_ACCOUNTS = Template("""\
# The fleet: its accounts, where their market data come from, what trading costs them and when they are scanned.
#
# docs/reference/configuration.md explains every key; `desk config check` checks the files, `desk accounts clone` writes
# an account like another one.

$market
# Limits of the whole fleet are counted in US dollars; tether is taken at its face value.
fleet_currency: USD
fleet_rates: {USDT: 1}

# What the paper venue charges: put your own fees here.
venues:
  $venue: $costs

accounts:
  $account:
    venue: $venue
    mode: $mode            # dry_run decides only; paper trades at the embedded venue; live sends orders
    feed: $feed
    $money
    instruments: [$instruments]
    timeframe: $timeframe
    strategies: [{name: $strategy}]
    policy: careful
    schedule: {every: $every, offset: 5s}   # a few seconds after each candle has closed
""")

_POLICY = """\
# How accounts size their trades and what stands in the way of one. docs/reference/configuration.md explains every key.

policies:
  careful:
    description: A quarter of a percent of equity at risk on each trade, few at a time, a long pause after each.
    sizing: {name: fixed_fraction, parameters: {fraction: 0.0025, max_notional_fraction: 0.5, cost_bps: 2}}
    entry_score: 0.5   # the combined score that opens a position
    exit_score: 0.3    # the combined score against a position that closes it
    time_limit: 2d
    rules:
      - {name: stale_data, candle_age: 10m, quote_age: 2m}
      - {name: spread, limit_bps: 8}                          # of bid and ask
      - {name: risk_per_trade, fraction: 0.005, cost_bps: 2}  # reckoned anew, in case the sizing is wrong
      - {name: price_collar, close_bps: 100, mid_bps: 10}     # a quote that jumped away from its candle is not traded
      - {name: one_entry_per_candle}
      - {name: number_of_positions, limit: 2}
      - {name: position_size, multiple: 0.5}
      - {name: total_exposure, multiple: 1}
      - {name: cooldown, period: 1h}
      - {name: daily_loss, fraction: 0.005}                   # until tomorrow; the breaker below waits for a person
    # From here on only positions are closed, and a person is told; `desk resume account:NAME` ends it.
    breaker:
      daily_loss_fraction: 0.01
      drawdown_fraction: 0.05
      consecutive_losses: 8
      orders_per_minute: 6
      orders_per_hour: 30
      same_order_per_hour: 6
      rejections_per_hour: 5
"""
