"""The operator's universes, which nobody has to keep: how instruments are chosen, and which trades triggers lead to."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from desk.accounts.base import Spec
from desk.accounts.checking import check
from desk.accounts.entry import Entry, unknown
from desk.accounts.folder import Folder
from desk.accounts.problems import Problem
from desk.accounts.spec import StrategySpec, Venue
from desk.accounts.values import Duration, InstrumentName, Name, Number, Whole
from desk.model.cycle import Mode
from desk.model.instrument import InstrumentKind
from desk.plugin import RiskRule
from desk.registry import risk_rules
from desk.universe.rules import DynamicPart, UniverseRules
from desk.universe.triggers import Rule

UNIVERSE_FILE = "universe.yaml"

_ALLOCATION = "a number above 0, up to 50"
_Allocation = Annotated[Number, Field(gt=0, le=50)]
_Pattern = Annotated[
    str, Field(pattern=r"^[A-Z0-9*?/:]{1,30}$", description="a name such as BTC/USDT, or a pattern such as *UP/USDT")
]


class DynamicSpec(Spec):
    """The instruments of a universe that are chosen by what their markets are like."""

    count: Annotated[Whole, Field(ge=1, le=200)] = Field(
        description="a whole number from 1 to 200: how many instruments at most, those with the largest turnover"
    )
    minimum_turnover: Annotated[Number, Field(ge=0, le=10**15)] = Field(
        Decimal(0), description="an amount from 0 to 10^15: in the quote currency, of the last UTC day that is over"
    )
    maximum_spread_bps: Annotated[Number, Field(gt=0, le=1000)] | None = Field(
        None, description="basis points above 0, up to 1000: of bid and ask when it is looked at; nothing for any"
    )
    minimum_age_days: Annotated[Whole, Field(ge=0, le=1000)] = Field(
        0, description="a whole number from 0 to 1000: for how many days it must have been traded"
    )
    candidates: Annotated[Whole, Field(ge=1, le=200)] = Field(
        50, description="a whole number from 1 to 200: how many are looked at, those with the tightest spread first"
    )
    allocation: _Allocation | None = Field(
        None, description=f"{_ALLOCATION}: of the equity, for all positions without one of their own; nothing for 1"
    )


class TierSpec(Spec):
    """Instruments that are always in a universe."""

    instruments: tuple[InstrumentName, ...] = Field(
        min_length=1, max_length=200, description="a list of 1 to 200 instruments: which they are"
    )
    allocation: _Allocation | None = Field(
        None,
        description=f"{_ALLOCATION}: of the equity, for all positions in the tier together; nothing to share the rest",
    )


class UniverseSpec(Spec):
    """What an account may trade, chosen anew from time to time."""

    description: str = Field("", description="a text: one sentence for people")
    venues: tuple[Venue, ...] = Field(
        (), description=f"a list of venues ({', '.join(Venue)}): whose accounts may use it; nothing for all"
    )
    quote: Annotated[str, Field(pattern="^[A-Z]{3,8}$")] = Field(
        description="a currency in capitals, such as USDT: what its instruments are quoted in"
    )
    kinds: tuple[InstrumentKind, ...] = Field(
        (), description=f"a list of kinds ({', '.join(InstrumentKind)}): which may be in; nothing for all"
    )
    dynamic: DynamicSpec | None = Field(
        None, description="a mapping with count and conditions: what is chosen by turnover; nothing for the tiers alone"
    )
    tiers: Mapping[Name, TierSpec] = Field(
        default_factory=dict, description="a mapping of tiers by name: instruments that are always in"
    )
    exclude: tuple[_Pattern, ...] = Field(
        (), description="a list of names and patterns such as *UP/USDT: what is never in, whatever else says so"
    )
    allocations: Mapping[InstrumentName, Annotated[_Allocation, Field(description=_ALLOCATION)]] = Field(
        default_factory=dict,
        description="a mapping of numbers above 0, up to 50, by instrument: what of the equity a position may be worth",
    )
    rules: tuple[Rule, ...] = Field(
        (), max_length=20, description="a list of at most 20 rules: which trade follows from which triggers"
    )
    refresh: Annotated[Duration, Field(ge=timedelta(hours=1), le=timedelta(days=30))] = Field(
        timedelta(days=1), description="a duration from 1h to 30d: how long a choice holds"
    )

    def chosen_by(self, name: str) -> UniverseRules:
        """Return how its instruments are chosen; `name` is the universe's."""
        return UniverseRules(
            name=name,
            quote=self.quote,
            kinds=frozenset(self.kinds),
            dynamic=DynamicPart(**self.dynamic.model_dump(exclude={"allocation"})) if self.dynamic else None,
            tiers={tier: spec.instruments for tier, spec in self.tiers.items()},
            excluded=self.exclude,
            refresh=self.refresh,
        )

    def strategies(self) -> tuple[StrategySpec, ...]:
        """Return the strategy that its rules are; none where it has no rules."""
        rules = [rule.model_dump(mode="json") for rule in self.rules]
        return (StrategySpec(name="triggered", parameters={"rules": rules}),) if rules else ()

    def allocation(self) -> tuple[RiskRule, ...]:
        """Return the rule that its allocations are; none where there are tiers alone, and none has one."""
        parts = [
            {"name": f"tier {name}", "instruments": tier.instruments, "multiple": tier.allocation}
            for name, tier in self.tiers.items()
            if tier.allocation is not None
        ]
        parts += [
            {"name": f"allocation of {name}", "instruments": (name,), "multiple": multiple}
            for name, multiple in self.allocations.items()
        ]
        rest = self.dynamic.allocation if self.dynamic else None
        if not parts and self.dynamic is None:
            return ()
        return (risk_rules().build("allocation", {"parts": parts, **({} if rest is None else {"rest": rest})}),)


class UniverseFile(Spec):
    """The whole of universe.yaml."""

    universes: Mapping[Name, UniverseSpec] = Field(
        min_length=1, description="a mapping of one or more universes by name: what accounts refer to"
    )


def read_universes(folder: Folder) -> tuple[UniverseFile | None, Mapping[str, Entry], list[Problem]]:
    """Return the universes, None where there is no such file or it cannot be used; their entries; and every problem."""
    if not folder.has(UNIVERSE_FILE):
        return None, {}, []
    document = folder.read(UNIVERSE_FILE, "the universes of the fleet")
    if document.top is None:
        return None, {}, list(document.problems)
    file, problems = check(UniverseFile, document.top)
    section = document.top.child("universes")
    entries = section.children if section else {}
    found = [problem for entry in entries.values() for problem in _universe_problems(entry)]
    return file, entries, [*document.problems, *problems, *found]


def universe_problems(
    account: Entry, universes: Mapping[str, Entry], listed_by_feed: Collection[str] | None
) -> Iterator[Problem]:
    """Yield what is wrong with where an account has its instruments and its strategies from.

    Args:
        account: as it is written.
        universes: by name.
        listed_by_feed: the instruments of the account's feed; None where any will do.
    """
    chosen, listed = account.child("universe"), account.child("instruments")
    if chosen is None:
        if listed is None:
            yield account.problem(
                "expected a list of 1 to 200 instruments, or `universe` with the name of one, found nothing",
                below="instruments",
            )
        if account.child("strategies") is None:
            yield account.problem("expected a list of one or more strategies, found nothing", below="strategies")
        return
    if listed is not None:
        yield chosen.problem("expected either instruments or a universe, found both")
    yield from _live(account)
    yield from unknown(chosen.value, universes, f"the name of a universe in {UNIVERSE_FILE}", chosen)
    found = universes.get(str(chosen.value))
    if found is not None:
        yield from _unfit(account, chosen, found)
        for one in _tiered(found) if listed_by_feed is not None else ():
            expected = "an instrument of the feed of every account that has the universe"
            yield from unknown(one.value, listed_by_feed or (), expected, one)


def _live(account: Entry) -> Iterator[Problem]:
    """An adapter looks for positions and fills where it was told to: what is chosen later it would not see."""
    mode = account.child("mode")
    if mode is not None and mode.value == Mode.LIVE:
        yield replace(mode, path=f"{account.path}.mode").problem(
            f"expected {Mode.PAPER} or {Mode.DRY_RUN}, since the account trades a universe, found {Mode.LIVE}; "
            "to trade at the venue give it a list of instruments instead"
        )


def _unfit(account: Entry, chosen: Entry, universe: Entry) -> Iterator[Problem]:
    venue, venues = account.child("venue"), universe.child("venues")
    if venue and venues and venues.items and venue.value not in [one.value for one in venues.items]:
        allowed = ", ".join(str(one.value) for one in venues.items)
        yield chosen.problem(f"expected a universe for {venue.value}, found '{chosen.value}', which is for {allowed}")
    rules, strategies = universe.child("rules"), account.child("strategies")
    if strategies is None and not (rules and rules.items):
        yield account.problem(
            f"expected a list of strategies, since the universe '{chosen.value}' has no rules, found nothing",
            below="strategies",
        )
    for name in (one.child("name") for one in (strategies.items if strategies and rules and rules.items else ())):
        if name and name.value == "triggered":
            yield name.problem(
                f"expected the rules of the universe '{chosen.value}' alone, found a strategy of rules too"
            )


def _universe_problems(universe: Entry) -> Iterator[Problem]:
    yield from _empty(universe)
    yield from _repeated(universe)
    yield from _misplaced(universe)


def _misplaced(universe: Entry) -> Iterator[Problem]:
    """Every instrument of a tier that its name says to be of another currency or kind than the universe."""
    quote, listed = universe.child("quote"), universe.child("kinds")
    kinds = [str(one.value) for one in listed.items] if listed else []
    for one in _tiered(universe):
        _, _, quoted = str(one.value).partition("/")
        expected = ""
        if quote and quoted and quoted.partition(":")[0] != quote.value:
            expected = f"an instrument that is quoted in {quote.value}, as its universe is"
        elif ":" in quoted and kinds and InstrumentKind.PERPETUAL not in kinds:
            expected = f"an instrument of kind {' or '.join(kinds)}, as its universe has it"
        elif ":" not in quoted and kinds == [InstrumentKind.PERPETUAL]:
            expected = "a perpetual such as BTC/USDT:USDT, as its universe has it"
        if expected:
            yield one.problem(f"expected {expected}, found {one.found}")


def _tiered(universe: Entry) -> Iterator[Entry]:
    tiers = universe.child("tiers")
    for tier in tiers.children.values() if tiers else ():
        listed = tier.child("instruments")
        yield from listed.items if listed else ()


def _repeated(universe: Entry) -> Iterator[Problem]:
    first = dict[str, Entry]()
    for one in _tiered(universe):
        before = first.setdefault(str(one.value), one)
        if before is not one:
            yield one.problem(
                f"expected each instrument in one tier, found '{one.value}' on line {before.line} already"
            )


def _empty(universe: Entry) -> Iterator[Problem]:
    if universe.children and not (universe.child("dynamic") or universe.child("tiers")):
        yield universe.problem("expected `dynamic`, `tiers` or both, found neither", below="dynamic")
