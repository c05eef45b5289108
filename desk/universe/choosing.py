"""Which instruments are in a universe at a time, and of every other one why it is not."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from desk.model.books import Quote
from desk.model.instrument import Instrument
from desk.universe.rules import DynamicPart, UniverseRules

_BPS = 10_000


class Place(StrEnum):
    """Why an instrument is in a universe, or why it is not."""

    TIER = "tier"
    RANKED = "ranked"
    EXCLUDED = "excluded"
    NOT_LISTED = "not_listed"
    NO_QUOTE = "no_quote"
    SPREAD = "spread"
    NOT_LOOKED_AT = "not_looked_at"
    NOT_KNOWN = "not_known"
    AGE = "age"
    TURNOVER = "turnover"
    RANK = "rank"

    @property
    def is_in(self) -> bool:
        """Whether the instrument is a member."""
        return self in (Place.TIER, Place.RANKED)


@dataclass(frozen=True, slots=True)
class Facts:
    """What candles say of an instrument.

    Attributes:
        turnover: in quote currency, of the last UTC day that is over; None where it is not known.
        age_days: whole days since its first candle, as far as candles were asked for; None where there is none.
        why: what came instead of candles, in words.
    """

    turnover: Decimal | None = None
    age_days: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an instrument stands in a choice.

    Attributes:
        detail: the figures that decided, in words.
        rank: by turnover among those that were ranked, from 1; 0 for the others.
        spread_bps: of bid and ask when it was looked at; None where there was no quote.
    """

    instrument: str
    place: Place
    detail: str = ""
    rank: int = 0
    turnover: Decimal | None = None
    spread_bps: Decimal | None = None
    age_days: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The instruments that an account chose, and for which candle.

    Attributes:
        candle_close: of the cycle that chose; later cycles go by it until it is time to choose anew.
        config_version: what it was chosen with.
    """

    account: str
    candle_close: datetime
    universe: str
    config_version: str
    standings: tuple[Standing, ...]

    def standing_of(self, instrument: str) -> Standing | None:
        """Return where an instrument stands; None where the universe has nothing to do with it."""
        return next((one for one in self.standings if one.instrument == instrument), None)

    @property
    def chosen(self) -> "Chosen":
        """What a cycle goes by."""
        return Chosen(self.candle_close, self.config_version, members(self.standings))


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a cycle has to know of a choice: a listing has hundreds of standings, and every candle would read them.

    Attributes:
        candle_close: of the cycle that chose.
        config_version: what it was chosen with.
        instruments: the members, by tier and by rank.
    """

    candle_close: datetime
    config_version: str
    instruments: tuple[str, ...]


def shortlist(
    rules: UniverseRules, instruments: Mapping[str, Instrument], quotes: Mapping[str, Quote]
) -> tuple[Standing, ...]:
    """Return where every instrument stands before candles are looked at; those to be looked at are `NOT_KNOWN`.

    Instruments of another quote currency or kind, and of no tier, are left out.
    """
    tiered = [name for names in rules.tiers.values() for name in names]
    names = dict.fromkeys((*tiered, *sorted(name for name, one in instruments.items() if rules.may_hold(one))))
    standings = [_first_look(rules, name, instruments, quotes.get(name)) for name in names]
    waiting = sorted((one for one in standings if one.place is Place.NOT_KNOWN), key=_by_spread)
    most = rules.dynamic.candidates if rules.dynamic else 0
    late = {one.instrument for one in waiting[most:]}
    return tuple(_passed_over(one, most) if one.instrument in late else one for one in standings)


def candidates(standings: Iterable[Standing]) -> tuple[str, ...]:
    """Return the instruments of a shortlist whose candles decide."""
    return tuple(one.instrument for one in standings if one.place is Place.NOT_KNOWN)


def choose(rules: UniverseRules, standings: Iterable[Standing], facts: Mapping[str, Facts]) -> tuple[Standing, ...]:
    """Return where every instrument of a shortlist stands: members first, by tier and by rank, then the others."""
    judged = [_judged(rules.dynamic, one, facts.get(one.instrument, Facts())) for one in standings]
    ranked = sorted((one for one in judged if one.place is Place.RANKED), key=_by_turnover)
    count = rules.dynamic.count if rules.dynamic else 0
    placed = [_placed(one, rank, count) for rank, one in enumerate(ranked, start=1)]
    tiers = [one for one in judged if one.place is Place.TIER]
    others = [one for one in judged if one.place not in (Place.TIER, Place.RANKED)]
    return (*tiers, *placed, *others)


def members(standings: Iterable[Standing]) -> tuple[str, ...]:
    """Return the instruments that were chosen."""
    return tuple(one.instrument for one in standings if one.place.is_in)


def looked_at(chosen: Iterable[str], held: Collection[str]) -> tuple[str, ...]:
    """Return the instruments that a decision looks at: what was chosen, and what is held until it is closed."""
    return tuple(dict.fromkeys((*chosen, *sorted(held))))


def _first_look(
    rules: UniverseRules, name: str, instruments: Mapping[str, Instrument], quote: Quote | None
) -> Standing:
    tier, pattern = rules.tier_of(name), rules.pattern_against(name)
    spread = _spread_bps(quote)
    found = Standing(name, Place.NOT_KNOWN, spread_bps=spread)
    if pattern:
        return replace(found, place=Place.EXCLUDED, detail=f"'{pattern}' is excluded")
    if name not in instruments:
        return replace(found, place=Place.NOT_LISTED, detail=f"tier {tier}, and its source does not have it")
    one = instruments[name]
    if tier and not rules.may_hold(one):
        detail = f"tier {tier}, and no {one.kind} quoted in {one.quote} may be in"
        return replace(found, place=Place.EXCLUDED, detail=detail)
    if tier:
        return replace(found, place=Place.TIER, detail=f"tier {tier}")
    if rules.dynamic is None:
        return replace(found, place=Place.RANK, detail="it is in no tier, and nothing else is chosen")
    if quote is None or spread is None or not quote.tradable:
        return replace(found, place=Place.NO_QUOTE, detail="no price that could be traded on")
    most = rules.dynamic.maximum_spread_bps
    if most is not None and spread > most:
        return replace(found, place=Place.SPREAD, detail=f"a spread of {spread:.2f} bps, above {most:f}")
    return found


def _judged(dynamic: DynamicPart | None, found: Standing, facts: Facts) -> Standing:
    if found.place is not Place.NOT_KNOWN or dynamic is None:
        return found
    known = replace(found, turnover=facts.turnover, age_days=facts.age_days)
    if facts.age_days is None:
        detail = "no candles, so neither its age nor its turnover is known"
        return replace(known, detail=f"{detail}: {facts.why}" if facts.why else detail)
    if facts.age_days < dynamic.minimum_age_days:
        detail = f"traded for {facts.age_days} days, below {dynamic.minimum_age_days}"
        return replace(known, place=Place.AGE, detail=detail)
    if facts.turnover is None and dynamic.minimum_turnover > 0:
        return replace(known, detail="its turnover is not known")
    if facts.turnover is not None and facts.turnover < dynamic.minimum_turnover:
        detail = f"a turnover of {facts.turnover:,.0f} in a day, below {dynamic.minimum_turnover:,f}"
        return replace(known, place=Place.TURNOVER, detail=detail)
    return replace(known, place=Place.RANKED)


def _placed(found: Standing, rank: int, count: int) -> Standing:
    if rank > count:
        return replace(found, place=Place.RANK, rank=rank, detail=f"place {rank} by turnover, of which {count} are in")
    return replace(found, rank=rank, detail=f"place {rank} by turnover")


def _passed_over(found: Standing, most: int) -> Standing:
    return replace(found, place=Place.NOT_LOOKED_AT, detail=f"beyond the {most} with the tightest spread")


def _spread_bps(quote: Quote | None) -> Decimal | None:
    if quote is None or not (quote.bid.is_finite() and quote.ask.is_finite() and 0 < quote.bid <= quote.ask):
        return None
    return (quote.ask - quote.bid) / quote.mid * _BPS


def _by_spread(found: Standing) -> tuple[Decimal, str]:
    assert found.spread_bps is not None, found
    return found.spread_bps, found.instrument


def _by_turnover(found: Standing) -> tuple[Decimal, Decimal, str]:
    """The largest first; where it is not known, the tightest spread first, after all others."""
    turnover = Decimal(-1) if found.turnover is None else found.turnover
    return -turnover, found.spread_bps or Decimal(0), found.instrument
