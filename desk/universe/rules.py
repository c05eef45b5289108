"""How the instruments of a universe are chosen: what is asked of a market, what is always in, what never is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from fnmatch import fnmatchcase

from desk.model.instrument import Instrument, InstrumentKind


@dataclass(frozen=True, slots=True)
class DynamicPart:
    """The instruments that are chosen by what their markets are like.

    Attributes:
        count: how many at most, by turnover.
        minimum_turnover: in quote currency, of the last UTC day that is over; 0 asks for none.
        maximum_spread_bps: of bid and ask, at the moment of the choice; None for any.
        minimum_age_days: how long an instrument must have been traded; 0 asks for none.
        candidates: of how many instruments candles are asked for, those with the tightest spread first.
    """

    count: int
    minimum_turnover: Decimal = Decimal(0)
    maximum_spread_bps: Decimal | None = None
    minimum_age_days: int = 0
    candidates: int = 50


@dataclass(frozen=True, slots=True)
class UniverseRules:
    """How the instruments of an account are chosen.

    Attributes:
        name: of the universe.
        quote: the currency that every instrument of it is quoted in.
        kinds: which kinds of instruments may be in; all where there is none.
        dynamic: None where only tiers are in.
        tiers: instruments that are always in, by the name of their tier; an exclusion comes before it.
        excluded: names and patterns such as `*UP/USDT`.
        refresh: how long a choice holds.
    """

    name: str
    quote: str
    kinds: frozenset[InstrumentKind] = frozenset()
    dynamic: DynamicPart | None = None
    tiers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excluded: tuple[str, ...] = ()
    refresh: timedelta = timedelta(days=1)

    def tier_of(self, name: str) -> str:
        """Return the tier that an instrument is listed in; empty where it is in none."""
        return next((tier for tier, names in self.tiers.items() if name in names), "")

    def pattern_against(self, name: str) -> str:
        """Return the first exclusion that an instrument's name matches; empty where none does."""
        return next((pattern for pattern in self.excluded if fnmatchcase(name, pattern)), "")

    def may_hold(self, instrument: Instrument) -> bool:
        """Whether quote currency and kind are those of the universe."""
        return instrument.quote == self.quote and (not self.kinds or instrument.kind in self.kinds)
