"""Writes the reference page of the configuration from the models, so that the two cannot differ."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from desk.accounts.connections import (
    AsterConnection,
    AsterSecrets,
    Budget,
    CcxtConnection,
    CcxtSecrets,
    CoinbaseConnection,
    CoinbaseSecrets,
    KucoinConnection,
    KucoinSecrets,
    OandaConnection,
    OandaSecrets,
)
from desk.accounts.costing import CostsSpec
from desk.accounts.events import EventsFile, EventSpec
from desk.accounts.instruments import InstrumentSpec
from desk.accounts.messages import ChatSpec, DigestSpec, MessagesFile, TelegramSpec
from desk.accounts.monitoring import MonitorSpec
from desk.accounts.portfolio import CarryingSpec, ConversionSpec, PortfolioFile, TargetSpec, TransfersSpec
from desk.accounts.protections import ProtectionSpec
from desk.accounts.schedule import Schedule
from desk.accounts.spec import (
    AccountEntry,
    AccountsFile,
    BreakerSpec,
    ExitsSpec,
    FeedClock,
    PolicyFile,
    PolicyOverride,
    PolicySpec,
    RecordedFeed,
    RuleSpec,
    SizingSpec,
    StrategySpec,
    SyntheticFeed,
    VenueFeed,
)
from desk.accounts.universe import DynamicSpec, TierSpec, UniverseFile, UniverseSpec
from desk.accounts.values import format_duration
from desk.accounts.venue_terms import FinancingSpec, FundingSpec, VenueTerms
from desk.accounts.weighing import RecordsSpec, RegimesSpec, SidesSpec, VotesSpec
from desk.plugin import Plugin
from desk.registry import risk_rules, sizings, strategies
from desk.universe.triggers import NewExtreme, PriceMove, Rule, VolumeSurge

_INTRODUCTION = """\
# Configuration

<!-- Written by desk.accounts.reference.render_reference(); change the models, not this page. -->

Two files in the folder `config` (another folder: set `DESK_CONFIG`) say everything about the fleet: `accounts.yaml`,
what is traded where and when, and `policy.yaml`, how much and what stands in the way. They are read and checked as a
whole before anything starts and before any network call. `desk config check` does only that, `desk config show ACCOUNT`
prints an account with everything filled in, `desk config schema` prints the JSON Schema of every file. Four more
files are read where they are there: `events.yaml`, what is scheduled that may move prices, for rules that keep away from
it; `universe.yaml`, what accounts trade that have no fixed list of instruments; `portfolio.yaml`, how the fleet's
money is to be shared out; and `messages.yaml`, how people are told of things, and who may talk to the bot.

## How values are written

* **Amounts and fractions** are read as exact decimals: `10_000`, `0.0025` and `"0.0025"` are what they say. There are
  no percentages: a quarter of a percent is `0.0025`, and basis points are in keys that end in `_bps`.
* **Durations** are `30s`, `5m`, `1h`, `1h30m`, `2d`, or ISO 8601 (`PT5M`). A bare number has no unit and is refused;
  only plug-ins take it, as seconds.
* **Times** have their zone: `2014-05-05T00:00:00Z`.
* **Instruments** are `EUR/USD`, `XAU/USD`, `BTC/USDT`, and `"BTC/USDT:USDT"` for a linear perpetual.
* **A cron line needs quotes**, because `*` means something to YAML: `cron: "*/5 * * * *"`.
* **Defaults**: a key that an account leaves out is taken from `defaults`, then from the table below. Anchors
  (`&name`), aliases (`*name`) and merge keys (`<<`) work as in any YAML file.
* **Policies build on each other.** A key that a policy leaves out is taken from the policy that it `extends`, then from
  `defaults` of policy.yaml. Rules are merged by name: a rule of the policy stands instead of the one of its name that it
  takes over, or is added. Everything else replaces what it names as a whole. `desk config show ACCOUNT` prints the result.
* **Overrides** change a policy for one account in the same way.

## What a mistake looks like

Every problem of both files is told at once, a line for each: file, line, key, what was expected, what was found, and
the nearest valid name.

```
config/accounts.yaml:41: accounts.oanda-gold.strategies[0].name: expected a strategy, found 'momentum_tradng'; did you mean 'momentum_trading'?
```

A problem in the YAML itself has line and column. A schedule that fires more often than candles close is a warning.
"""  # noqa: E501 - a problem is one line

_SECTIONS: Mapping[str, tuple[tuple[str, type[BaseModel]], ...]] = {
    "accounts.yaml": (
        ("The file", AccountsFile),
        ("`connections.NAME` of kind oanda", OandaConnection),
        ("`connections.NAME.secrets` of kind oanda", OandaSecrets),
        ("`connections.NAME` of kind coinbase", CoinbaseConnection),
        ("`connections.NAME.secrets` of kind coinbase", CoinbaseSecrets),
        ("`connections.NAME` of kind kucoin", KucoinConnection),
        ("`connections.NAME.secrets` of kind kucoin", KucoinSecrets),
        ("`connections.NAME` of kind aster", AsterConnection),
        ("`connections.NAME.secrets` of kind aster", AsterSecrets),
        ("`connections.NAME` of kind ccxt", CcxtConnection),
        ("`connections.NAME.secrets` of kind ccxt", CcxtSecrets),
        ("`connections.NAME.budget`", Budget),
        ("`feeds.NAME` of kind synthetic", SyntheticFeed),
        ("`feeds.NAME` of kind recorded", RecordedFeed),
        ("`feeds.NAME.instruments.INSTRUMENT`", InstrumentSpec),
        ("`feeds.NAME.clock`", FeedClock),
        ("`feeds.NAME` of kind venue", VenueFeed),
        ("`venues.VENUE`", VenueTerms),
        ("`venues.VENUE.financing.INSTRUMENT`", FinancingSpec),
        ("`venues.VENUE.funding.INSTRUMENT`", FundingSpec),
        ("`accounts.NAME`", AccountEntry),
        ("`accounts.NAME.strategies[]`", StrategySpec),
        ("`accounts.NAME.schedule`", Schedule),
    ),
    "events.yaml": (("The file", EventsFile), ("`events[]`", EventSpec)),
    "universe.yaml": (
        ("The file", UniverseFile),
        ("`universes.NAME`", UniverseSpec),
        ("`universes.NAME.dynamic`", DynamicSpec),
        ("`universes.NAME.tiers.TIER`", TierSpec),
        ("`universes.NAME.rules[]`", Rule),
        ("`universes.NAME.rules[].when[]` of kind price_move", PriceMove),
        ("`universes.NAME.rules[].when[]` of kind volume_surge", VolumeSurge),
        ("`universes.NAME.rules[].when[]` of kind new_extreme", NewExtreme),
    ),
    "portfolio.yaml": (
        ("The file", PortfolioFile),
        ("`targets.ACCOUNT`", TargetSpec),
        ("`transfers`", TransfersSpec),
        ("`conversions[]`", ConversionSpec),
        ("`carrying`", CarryingSpec),
    ),
    "messages.yaml": (
        ("The file", MessagesFile),
        ("`digest`", DigestSpec),
        ("`telegram`", TelegramSpec),
        ("`telegram.chats[]`", ChatSpec),
    ),
    "policy.yaml": (
        ("The file", PolicyFile),
        ("`policies.NAME`", PolicySpec),
        ("`policies.NAME.sizing`", SizingSpec),
        ("`policies.NAME.rules[]`", RuleSpec),
        ("`policies.NAME.protections[]`", ProtectionSpec),
        ("`policies.NAME.exits`", ExitsSpec),
        ("`policies.NAME.breaker`", BreakerSpec),
        ("`policies.NAME.regimes`", RegimesSpec),
        ("`policies.NAME.votes`", VotesSpec),
        ("`policies.NAME.votes.records`", RecordsSpec),
        ("`policies.NAME.sides`", SidesSpec),
        ("`policies.NAME.costs`", CostsSpec),
        ("`policies.NAME.monitor`", MonitorSpec),
        ("`overrides.ACCOUNT`", PolicyOverride),
    ),
}


def render_reference() -> str:
    """Return the page in Markdown, with the plug-ins that are there now."""
    blocks = [_INTRODUCTION.rstrip()]
    for file, sections in _SECTIONS.items():
        blocks.append(f"## {file}")
        blocks.extend(_section(title, model) for title, model in sections)
    for title, plugins in _plugins():
        blocks.append(f"## {title}")
        blocks.extend(_plugin(name, plugin) for name, plugin in plugins.items())
    return "\n\n".join(blocks) + "\n"


def _plugins() -> Iterator[tuple[str, Mapping[str, type[Plugin]]]]:
    yield "Strategies", strategies().discover()
    yield "Sizings", sizings().discover()
    yield "Risk rules", risk_rules().discover()


def _section(title: str, model: type[BaseModel]) -> str:
    rows = [_row(name, *_halves(field), _default(field)) for name, field in model.model_fields.items()]
    return "\n".join((f"### {title}", "", _summary(model), "", *_head("Key", "Expected", "Meaning", "Default"), *rows))


def _plugin(name: str, plugin: type[Plugin]) -> str:
    properties = plugin.model_json_schema()["properties"]
    rows = [
        _row(key, parameter_range(properties[key]), field.description or "", _default(field))
        for key, field in plugin.model_fields.items()
    ]
    return "\n".join(
        (f"### {name}", "", plugin.summary(), "", *_head("Parameter", "Range", "Meaning", "Default"), *rows)
    )


def _summary(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().split("\n")[0]


def _head(*titles: str) -> tuple[str, str]:
    return f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"


def _row(name: str, *cells: str) -> str:
    return f"| {' | '.join((f'`{name}`', *(cell.replace('|', chr(92) + '|') for cell in cells)))} |"


def _halves(field: FieldInfo) -> tuple[str, str]:
    expected, _, meaning = (field.description or "").partition(": ")
    return expected, meaning


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True, validated_data={})
    return "" if value in (None, "", (), {}) else f"`{written(value)}`"


def written(value: object) -> str:
    """Return a value as it is written in a configuration file."""
    if value is None:
        return "none"
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return format(value, "g")
    if isinstance(value, tuple):
        return ", ".join(written(item) for item in value)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def parameter_range(field: Mapping[str, object]) -> str:
    """Return the limits of a plug-in's parameter from its JSON Schema, such as `from 5 to 400`; empty without any."""
    options = field.get("anyOf")
    limits = options[0] if isinstance(options, list) else field
    words = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}
    words |= {"minItems": "at least", "maxItems": "at most"}
    return " ".join(f"{word} {limits[key]:g}" for key, word in words.items() if key in limits)
