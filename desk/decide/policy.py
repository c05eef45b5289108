"""How an account decides: its strategies and their weights, its sizing, its rules, its thresholds."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from desk.costs import CostTerms
from desk.decide.sides import LongMarket, SideRules
from desk.decide.weights import VoteRules
from desk.execution.breaker import BreakerLimits
from desk.model.depth import FUNDING_RATE
from desk.model.timeframe import Timeframe
from desk.plugin import RiskRule, Sizing, Strategy
from desk.regimes.limits import RegimeLimits
from desk.universe.rules import UniverseRules


@dataclass(frozen=True, slots=True)
class WeightedStrategy:
    """A strategy and how much its score counts beside the others'; `weight` is above 0."""

    strategy: Strategy
    weight: float


@dataclass(frozen=True, slots=True)
class Policy:
    """How an account decides.

    Attributes:
        timeframe: of the candles that it acts on.
        entry_score: in (0, 1]; the combined score must reach it for a position to be opened.
        exit_score: in [0, 1]; the combined score against a position must reach it for the position to be closed.
        time_limit: how long a position may stay open; None for as long as it takes.
        lookback: closed candles that a strategy sees, per timeframe.
        breaker: from where on the account trades less, whatever is decided.
        regimes: how the regime of a market is told; None for not at all.
        votes: how the opinions of the strategies are weighed.
        sides: in which of several markets of an asset an idea is traded; None for in each of them.
        costs: what is known beforehand of what trading costs the account.
        universe: how the instruments are chosen; None where they are a fixed list.
        only_to_close: instruments in which nothing is opened: held, and not wanted any more.
        allocation: of the account's equity and cash, what sizing may count on; in (0, 1].
    """

    account: str
    timeframe: Timeframe
    instruments: tuple[str, ...]
    strategies: tuple[WeightedStrategy, ...]
    sizing: Sizing
    rules: tuple[RiskRule, ...]
    entry_score: float
    exit_score: float
    time_limit: timedelta | None
    lookback: int
    breaker: BreakerLimits = field(default_factory=BreakerLimits)
    regimes: RegimeLimits | None = None
    votes: VoteRules = field(default_factory=VoteRules)
    sides: SideRules | None = None
    costs: CostTerms = field(default_factory=CostTerms)
    universe: UniverseRules | None = None
    only_to_close: frozenset[str] = frozenset()
    allocation: Decimal = Decimal(1)

    @property
    def timeframes(self) -> tuple[Timeframe, ...]:
        """Every timeframe that the strategies read, the account's own first."""
        others = (timeframe for weighted in self.strategies for timeframe in weighted.strategy.reads)
        return tuple(dict.fromkeys((self.timeframe, *others)))

    @property
    def series(self) -> tuple[str, ...]:
        """Every figure besides candles that a strategy reads, or the choice of a market."""
        read = [name for weighted in self.strategies for name in weighted.strategy.reads_series]
        chosen_by = [FUNDING_RATE] if self.sides is not None and self.sides.long is LongMarket.CHEAPEST else []
        return tuple(dict.fromkeys((*read, *chosen_by)))
