"""What a plug-in is: a frozen, typed piece of configuration with one pure method. One file each, found by its name."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict

from desk.model.books import Snapshot
from desk.model.instrument import Instrument
from desk.model.market import Market
from desk.model.reasons import Reason
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe
from desk.model.trade import Finding, Proposal, Reduction
from desk.model.views import Signal


def _time_of_day(value: str) -> str:
    hour, _, minute = value.partition(":")
    if len(value) == 5 and (hour + minute).isdecimal() and int(hour) < 24 and int(minute) < 60:
        return value
    raise ValueError(f"expected a time of day such as 08:30, found '{value}'")


TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]
"""Hours and minutes, HH:MM, from 00:00 to 23:59."""


class Plugin(BaseModel):
    """The base of all plug-ins; parameters are fields with a range, a default and a description."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: ClassVar[str] = ""
    """The module's name, set on discovery."""

    aliases: ClassVar[tuple[str, ...]] = ()
    """Names that it had before, and that configurations may still use."""

    @classmethod
    def summary(cls) -> str:
        """The first sentence of the plug-in's documentation."""
        return (cls.__doc__ or "").strip().split("\n")[0]


class Strategy(Plugin, ABC):
    """An opinion about one instrument, computed for every closed candle at once."""

    usual_timeframe: ClassVar[Timeframe] = Timeframe.M5
    """The own timeframe that the defaults are made for; an account may choose another."""

    timeframes: ClassVar[tuple[Timeframe, ...]] = ()
    """Timeframes that the strategy reads besides its own, none of them shorter."""

    series: ClassVar[tuple[str, ...]] = ()
    """Names of the figures besides candles that the strategy reads; it bears that they are unknown."""

    meanings: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """What each of `Scores.features` says, by name: a short sentence with its unit, for who looks at a chart."""

    @property
    def reads(self) -> tuple[Timeframe, ...]:
        """Every timeframe that it reads besides its own with the parameters that it has."""
        return self.timeframes

    @property
    def reads_series(self) -> tuple[str, ...]:
        """Every series that it reads with the parameters that it has."""
        return self.series

    def meaning(self, feature: str) -> str:
        """Return what one of its features says; empty where it does not tell.

        Override it where the names of features depend on parameters.
        """
        return self.meanings.get(feature, "")

    @property
    @abstractmethod
    def warm_up(self) -> int:
        """How many closed candles of its own timeframe it needs before its first score, and of each other one."""

    @abstractmethod
    def evaluate(self, market: Market) -> Scores:
        """Score every closed candle of the strategy's own timeframe.

        One element per closed candle: `score` in [-1, 1], `stop` and `target` as distances in price; NaN while
        warming up. An element may use that candle and earlier ones only, in every timeframe. After the warm-up it
        must not depend on how much older history there is beyond what its indicators forget.
        """


class BookStrategy(Strategy, ABC):
    """A strategy that acts on what is held rather than on a forecast: it may close or offset, never add.

    Its score is the danger that it sees: below 0 for who is long, above 0 for who is short. It takes no part in votes.
    """

    @abstractmethod
    def reduce(self, signal: Signal, snapshot: Snapshot, instrument: Instrument) -> Reduction | None:
        """Say how much of the net exposure in an instrument's asset is to be taken back, and where.

        Pure. What it asks for is cut to what takes back the net exposure of the base asset and turns none of it round;
        that is not its business.

        Args:
            signal: what `evaluate` says of the newest candle of the instrument.
            snapshot: what the account holds.
            instrument: the one that was judged; it need not be held.
        """


class Sizing(Plugin, ABC):
    """How large a trade may be for the risk that it takes."""

    def lacks(self, instrument: Instrument, snapshot: Snapshot, strategy: str = "") -> str:
        """Return what the sizing needs and the snapshot does not know; empty where it knows everything."""
        return ""

    @abstractmethod
    def size(
        self, instrument: Instrument, price: Decimal, stop_distance: Decimal, snapshot: Snapshot, strategy: str = ""
    ) -> Decimal:
        """Return the quantity in base units, 0 or more, not yet rounded to the lot.

        Args:
            instrument: what is bought or sold.
            price: the reference price in quote currency, above 0.
            stop_distance: from entry to stop, in price, above 0.
            snapshot: gives equity and the conversion rate, which is known when this is called.
            strategy: whose trade it is, for a sizing that looks at its record; empty for one of none.
        """


class RiskRule(Plugin, ABC):
    """A limit that stands between a proposal and an order."""

    spares_offsets: ClassVar[bool] = False
    """Whether it is about new risk after losses, or about what a trade earns: it is not asked about an offset then."""

    @abstractmethod
    def review(self, proposal: Proposal, snapshot: Snapshot) -> Finding:
        """Say how much of the proposal may go ahead; 0 refuses it.

        A rule may shrink a trade, never grow it, and is never asked about a trade that reduces a position.
        `snapshot` includes what was approved earlier in the same decision.
        """

    def finding(
        self, allowed: Decimal, *, limit: Decimal, observed: Decimal, unit: str, reason: Reason | None, detail: str = ""
    ) -> Finding:
        """Build this rule's finding."""
        return Finding(
            rule=self.name,
            allowed_quantity=allowed,
            limit=limit,
            observed=observed,
            unit=unit,
            reason=reason,
            detail=detail,
        )
