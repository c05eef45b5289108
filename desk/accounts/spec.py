"""What the operator writes about the fleet: feeds, venues, accounts, policies."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from desk.accounts.base import Spec
from desk.accounts.connections import Connection
from desk.accounts.costing import CostsSpec
from desk.accounts.instruments import InstrumentSpec
from desk.accounts.monitoring import MonitorSpec
from desk.accounts.problems import suggestion
from desk.accounts.protections import ProtectionSpec
from desk.accounts.schedule import Schedule
from desk.accounts.values import (
    DURATION_ABOVE_ZERO,
    INTERVAL,
    AccountName,
    DurationAboveZero,
    InstrumentName,
    Interval,
    Moment,
    Name,
    Number,
    Ratio,
    Whole,
    unusable,
)
from desk.accounts.venue_terms import VenueTerms
from desk.accounts.weighing import RegimesSpec, SidesSpec, VotesSpec
from desk.execution.breaker import CONFIGURED, BreakerLimits
from desk.model.books import TradingState
from desk.model.cycle import Mode
from desk.model.externals import Externals
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe

_PLANNED_MODES = ("shadow", "backtest")


def _available_mode(value: object) -> object:
    modes = "dry_run, paper or live"
    if value in _PLANNED_MODES:
        raise unusable(modes, hint="; that mode is not available yet")
    if value in tuple(Mode):
        return value
    raise unusable(modes, hint=suggestion(value, Mode) if isinstance(value, str) else "")


class Venue(StrEnum):
    """Where an account trades."""

    OANDA = "oanda"
    COINBASE = "coinbase"
    KUCOIN = "kucoin"
    ASTER = "aster"
    CCXT = "ccxt"


_VENUES = f"one of {', '.join(Venue)}"


class SyntheticFeed(Spec):
    """A made market: the same seed gives the same candles, to the last digit, on every machine."""

    kind: Literal["synthetic"] = Field(description="synthetic: makes its own candles")
    seed: Annotated[Whole, Field(ge=0, lt=2**63)] = Field(
        description="a whole number from 0 to 2^63 - 1: chooses one of the possible histories"
    )


class FeedClock(Spec):
    """A simulated present for recorded candles: `start` at the moment `anchor`, then `speed` seconds a second."""

    start: Moment = Field(
        description="a time with its zone, such as 2014-05-05T00:00:00Z: the simulated time at `anchor`"
    )
    anchor: Moment = Field(description="a time with its zone, such as 2026-01-01T00:00:00Z: the real time of `start`")
    speed: Ratio = Field(1.0, gt=0, description="a number above 0: simulated seconds in a real second")


class RecordedFeed(Spec):
    """Candles from files."""

    kind: Literal["recorded"] = Field(description="recorded: candles from files")
    files: Mapping[InstrumentName, Path] = Field(
        min_length=1,
        description="candle files (.parquet or .csv) by instrument: a path is relative to the folder of this file",
    )
    clock: FeedClock | None = Field(
        None, description="a mapping with start, anchor and speed: nothing for the real time"
    )
    instruments: Mapping[InstrumentName, InstrumentSpec] | None = Field(
        None,
        description="a mapping with kind, tick, lot and minimum_quantity by instrument: how it is traded; not needed "
        "where its file says so, or for one of the desk's own catalogue",
    )

    def paths(self, directory: Path) -> dict[str, Path]:
        """Return the file of each instrument; `directory` is the folder of accounts.yaml."""
        return {instrument: directory / path for instrument, path in self.files.items()}

    @property
    def specifications(self) -> dict[str, Instrument]:
        """The instruments about which something is written here."""
        return {name: spec.named(name) for name, spec in (self.instruments or {}).items()}


class VenueFeed(Spec):
    """Candles and quotes from a venue, as they are now."""

    kind: Literal["venue"] = Field(description="venue: candles and quotes of a real venue, or of a simulated one")
    connection: str = Field(description="the name of a connection: where they come from")


FeedSpec: TypeAlias = SyntheticFeed | RecordedFeed | VenueFeed
Feed = Annotated[
    FeedSpec,
    Field(discriminator="kind", description="a feed of kind synthetic, recorded or venue"),
]


class StrategySpec(Spec):
    """A strategy of an account."""

    name: str = Field(description="a strategy: its file name in desk/strategies/")
    weight: Annotated[Ratio, Field(gt=0, le=1000)] = Field(
        1.0, description="a number above 0, up to 1000: how much its score counts beside the others'"
    )
    parameters: Mapping[str, object] = Field(
        default_factory=dict, description="a mapping: the strategy's parameters, where they are not its defaults"
    )


class AccountEntry(Spec):
    """An account as it stands in accounts.yaml."""

    description: str = Field("", description="a text: one sentence for people")
    group: AccountName | None = Field(
        None,
        description="a name of 2 to 40 small letters, digits and hyphens, not beginning with a hyphen, that no account "
        "and no venue has: with which others it is asked about, halted and listed; it changes no decision",
    )
    venue: Venue = Field(description=f"{_VENUES}: whose conventions and costs the account has")
    mode: Annotated[Mode, BeforeValidator(_available_mode)] = Field(
        Mode.DRY_RUN,
        description="dry_run, paper or live: decide only, trade at the embedded paper venue, or trade at the venue",
    )
    active: bool = Field(default=True, description="true or false: whether the schedule runs")
    feed: str = Field(description="the name of a feed: where candles and quotes come from")
    currency: Annotated[str, Field(pattern="^[A-Z]{3,8}$")] = Field(
        description="a currency in capitals, such as USD or USDT: what the account's money is counted in"
    )
    connection: str | None = Field(
        None, description="the name of a connection: how the venue is reached; by default the feed's"
    )
    account_id: str | None = Field(
        None, description="an account id, in quotes: which account at OANDA; by default the connection's"
    )
    starting_cash: Annotated[Number, Field(gt=0, le=10**12)] | None = Field(
        None,
        description="an amount above 0, up to 10^12: what the account begins with, in its currency; not for live",
    )
    allocation: Annotated[Number, Field(gt=0, le=1)] = Field(
        Decimal(1), description="a fraction above 0, up to 1: of the equity and cash that sizing may count on"
    )
    instruments: tuple[InstrumentName, ...] = Field(
        (),
        min_length=1,
        max_length=200,
        description="a list of 1 to 200 instruments: what the account may trade; or universe instead",
    )
    universe: str | None = Field(
        None,
        description="the name of a universe in universe.yaml: what chooses the instruments; not for an account that "
        "is live",
    )
    timeframe: Timeframe = Field(
        Timeframe.M5, description=f"one of {', '.join(Timeframe)}: the length of the candles that it acts on"
    )
    lookback: Annotated[Whole, Field(ge=50, le=5000)] = Field(
        300, description="a whole number from 50 to 5000: closed candles that a strategy sees"
    )
    strategies: tuple[StrategySpec, ...] = Field(
        (),
        min_length=1,
        description="a list of one or more strategies: whose weighted mean score decides; not needed beside "
        "the rules of a universe",
    )
    policy: str = Field(description="the name of a policy in policy.yaml: sizing and risk rules")
    externals: Externals = Field(
        Externals.IGNORE,
        description=f"one of {', '.join(Externals)}: what to do about orders and positions that the desk did not make",
    )
    schedule: Schedule = Field(description="a mapping with every, cron or rrule: when the account is scanned")
    watch: Interval | None = Field(
        None,
        description=f"{INTERVAL}: how often its positions are watched; by default 30s, live at oanda 2m",
    )
    late_after: DurationAboveZero | None = Field(
        None,
        description=f"{DURATION_ABOVE_ZERO}: how late after its candle a scan may trade; by default the timeframe",
    )


class AccountSpec(AccountEntry):
    """An account, complete.

    Attributes:
        config_version: names everything that shapes the account's decisions; changes when one of it does.
    """

    name: AccountName
    late_after: DurationAboveZero
    config_version: str = ""

    @property
    def cash(self) -> Decimal:
        """What a paper account begins with; a live one has what the venue says."""
        assert self.starting_cash is not None, f"{self.name}: a {self.mode} account was loaded without its cash"
        return self.starting_cash


class SizingSpec(Spec):
    """How large a trade may be."""

    name: str = Field(description="a sizing: its file name in desk/sizing/")
    parameters: Mapping[str, object] = Field(
        default_factory=dict, description="a mapping: the sizing's parameters, where they are not its defaults"
    )


class RuleSpec(Spec):
    """A risk rule; its parameters stand beside its name."""

    model_config = ConfigDict(extra="allow")

    name: str = Field(description="a risk rule: its file name in desk/risk/")

    @property
    def parameters(self) -> dict[str, object]:
        """The rule's parameters, where they are not its defaults."""
        return dict(self.model_extra or {})


def _less_than_all(value: object) -> object:
    if value in (TradingState.REDUCE_ONLY, TradingState.HALTED):
        return value
    raise unusable("reduce_only or halted")


_FRACTION = "a fraction above 0, up to 1"
_COUNT = "a whole number from 1 to 100000"
_Fraction: TypeAlias = Annotated[Number, Field(gt=0, le=1)] | None
_Count: TypeAlias = Annotated[Whole, Field(ge=1, le=100_000)] | None


class BreakerSpec(Spec):
    """When an account must trade less by itself; a key that is left out is no limit, and one at least is there."""

    daily_loss_fraction: _Fraction = Field(
        None, description=f"{_FRACTION}: of the equity at the start of the UTC day; open profit and loss count"
    )
    drawdown_fraction: _Fraction = Field(None, description=f"{_FRACTION}: of the highest equity that the account had")
    consecutive_losses: _Count = Field(None, description=f"{_COUNT}: closed trades in a row that lost money after fees")
    orders_per_minute: _Count = Field(
        None, description=f"{_COUNT}: orders of the account that may be sent, reduce-only ones not counted"
    )
    orders_per_hour: _Count = Field(None, description=f"{_COUNT}: the same within an hour")
    same_order_per_hour: _Count = Field(
        None, description=f"{_COUNT}: the same within an hour in one instrument on one side"
    )
    rejections_per_hour: _Count = Field(
        None, description=f"{_COUNT}: orders refused by the venue, after which none is sent that opens a position"
    )
    loss_state: Annotated[TradingState, BeforeValidator(_less_than_all)] = Field(
        TradingState.REDUCE_ONLY,
        description="reduce_only or halted: what the account is after a loss; after too many orders it is halted",
    )
    loss_pause: DurationAboveZero | None = Field(
        None,
        description=f"{DURATION_ABOVE_ZERO}: how long that lasts, for a daily loss until the UTC day is over at least; "
        "nothing until a person resumes, as after too many orders",
    )

    @model_validator(mode="after")
    def _has_a_limit(self) -> Self:
        if all(getattr(self, limit) is None for limit in CONFIGURED):
            raise unusable(f"{', '.join(CONFIGURED)}, or several of them")
        return self

    @property
    def limits(self) -> BreakerLimits:
        """The same, as the breaker takes it."""
        return BreakerLimits(**dict(self))


_Multiple: TypeAlias = Annotated[Number, Field(gt=0, le=1000)] | None


class ExitsSpec(Spec):
    """What the watch does about a position that is in profit, beside its stop, its target and its time limit."""

    break_even_at: _Multiple = Field(
        None, description="a number above 0, up to 1000: the profit, in risks, from which the stop is at the entry"
    )
    partial_exit_at: _Multiple = Field(
        None, description="a number above 0, up to 1000: the profit, in risks, at which a part is closed, once"
    )
    partial_exit_fraction: Annotated[Number, Field(gt=0, lt=1)] = Field(
        Decimal("0.5"), description="a fraction above 0, below 1: of the quantity that was entered, which is that part"
    )


class PolicySpec(Spec):
    """When an account trades, how much, and what stands in the way."""

    description: str = Field("", description="a text: one sentence for people")
    extends: str | None = Field(
        None, description="the name of another policy: what this one has as well, unless it says otherwise"
    )
    sizing: SizingSpec = Field(description="a mapping with name and parameters: how large a trade may be")
    rules: tuple[RuleSpec, ...] = Field(
        min_length=1, description="a list of one or more risk rules: each may cut or refuse a trade"
    )
    protections: tuple[ProtectionSpec, ...] = Field(
        (), description="a list of protections as freqtrade writes them: each becomes one more risk rule"
    )
    entry_score: Annotated[Ratio, Field(gt=0, le=1)] = Field(
        description="a number above 0, up to 1: the combined score from which a position is opened"
    )
    exit_score: Annotated[Ratio, Field(ge=0, le=1)] = Field(
        description="a number from 0 to 1: the combined score against a position from which it is closed"
    )
    time_limit: DurationAboveZero | None = Field(
        None, description=f"{DURATION_ABOVE_ZERO}: how long a position may stay open; nothing for as long as it takes"
    )
    exits: ExitsSpec | None = Field(
        None, description="a mapping with break_even_at and partial_exit_at: what becomes of a position in profit"
    )
    breaker: BreakerSpec | None = Field(
        None, description="a mapping of limits: when the account must trade less by itself; nothing for never"
    )
    regimes: RegimesSpec | None = Field(
        None, description="a mapping of periods and thresholds: how the regime of a market is told"
    )
    votes: VotesSpec | None = Field(
        None, description="a mapping with regimes and records: what opinions count besides the strategies' weights"
    )
    sides: SidesSpec | None = Field(
        None, description="a mapping with long and short: in which market of an asset an idea is traded"
    )
    costs: CostsSpec | None = Field(
        None, description="a mapping of fees, spread, slippage and rates: what trades are expected to cost"
    )
    monitor: MonitorSpec | None = Field(
        None, description="a mapping of counts: when a strategy that has decayed is quarantined; nothing for never"
    )


_REPLACED = (
    "sizing",
    "protections",
    "entry_score",
    "exit_score",
    "time_limit",
    "exits",
    "breaker",
    "regimes",
    "votes",
    "sides",
    "costs",
    "monitor",
)


class PolicyOverride(Spec):
    """What is different for one account; a rule replaces the rule of its name or is added."""

    sizing: SizingSpec | None = Field(None, description="a mapping with name and parameters: instead of the policy's")
    rules: tuple[RuleSpec, ...] = Field(
        (), description="a list of risk rules: instead of those of the same name, or more"
    )
    protections: tuple[ProtectionSpec, ...] | None = Field(
        None, description="a list of protections as freqtrade writes them: instead of all of the policy's"
    )
    entry_score: Annotated[Ratio, Field(gt=0, le=1)] | None = Field(
        None, description="a number above 0, up to 1: instead of the policy's"
    )
    exit_score: Annotated[Ratio, Field(ge=0, le=1)] | None = Field(
        None, description="a number from 0 to 1: instead of the policy's"
    )
    time_limit: DurationAboveZero | None = Field(None, description=f"{DURATION_ABOVE_ZERO}: instead of the policy's")
    exits: ExitsSpec | None = Field(None, description="a mapping as in a policy: instead of the policy's")
    breaker: BreakerSpec | None = Field(None, description="a mapping of limits: instead of all of the policy's")
    regimes: RegimesSpec | None = Field(None, description="a mapping as in a policy: instead of the policy's")
    votes: VotesSpec | None = Field(None, description="a mapping as in a policy: instead of the policy's")
    sides: SidesSpec | None = Field(None, description="a mapping as in a policy: instead of the policy's")
    costs: CostsSpec | None = Field(None, description="a mapping as in a policy: instead of the policy's")
    monitor: MonitorSpec | None = Field(None, description="a mapping as in a policy: instead of the policy's")

    def applied_to(self, policy: PolicySpec) -> PolicySpec:
        """Return the policy with what is different."""
        rules = {rule.name: rule for rule in (*policy.rules, *self.rules)}
        given = {name: getattr(self, name) for name in _REPLACED}
        changed = {name: value for name, value in given.items() if value is not None}
        return policy.model_copy(update={**changed, "rules": tuple(rules.values())})


_Currency = Annotated[str, Field(pattern="^[A-Z]{3,8}$", description="a currency in capitals, such as USDT")]


class AccountsFile(Spec):
    """The whole of accounts.yaml."""

    defaults: Mapping[str, object] = Field(
        default_factory=dict,
        description="a mapping of account keys: what holds for every account that does not say otherwise",
    )
    connections: Mapping[Name, Connection] = Field(
        default_factory=dict, description="a mapping of connections by name: how real or simulated venues are reached"
    )
    feeds: Mapping[Name, Feed] = Field(description="a mapping of feeds by name: sources of candles and quotes")
    venues: Mapping[Annotated[Venue, Field(description=_VENUES)], VenueTerms] = Field(
        description="a mapping of paper terms by venue (oanda, coinbase, kucoin, aster, ccxt): what paper trading costs"
    )
    accounts: Mapping[AccountName, AccountEntry] = Field(
        min_length=1, description="a mapping of one or more accounts by name: the fleet"
    )
    fleet_currency: Annotated[str, Field(pattern="^[A-Z]{3,8}$")] = Field(
        "USD", description="a currency in capitals, such as USD: what limits of the whole fleet are counted in"
    )
    fleet_rates: Mapping[_Currency, Annotated[Number, Field(gt=0, le=10**9)]] = Field(
        default_factory=dict,
        description="a mapping of amounts above 0 by currency: what one unit, such as of USDT, is worth in "
        "`fleet_currency` where no feed of an account quotes it",
    )


class PolicyFile(Spec):
    """The whole of policy.yaml."""

    defaults: Mapping[str, object] = Field(
        default_factory=dict,
        description="a mapping of policy keys: what every policy has that does not say otherwise",
    )
    policies: Mapping[Name, PolicySpec] = Field(
        min_length=1, description="a mapping of one or more policies by name: what accounts refer to"
    )
    overrides: Mapping[AccountName, PolicyOverride] = Field(
        default_factory=dict, description="a mapping of changes by account: what is different for one account"
    )
