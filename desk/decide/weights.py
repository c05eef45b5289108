"""What a strategy's opinion counts beside its own weight: by the regime of the market, and by its recent trades."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from desk.model.records import TrackRecord
from desk.model.regimes import Regime


@dataclass(frozen=True, slots=True)
class RecordBounds:
    """How far the record of a strategy moves its weight.

    With n closed trades of mean m, in risks, the weight goes from 1 towards `highest`, where m is above 0, or towards
    `lowest`, by the part `m / full_mean * n / (n + trades)`, and no further.

    Attributes:
        lowest, highest: of the weight; up to 1, and 1 or more.
        full_mean: mean result, in risks, at which a long record moves the weight all the way.
        trades: after how many of them half of the mean is believed.
    """

    lowest: float = 0.5
    highest: float = 1.5
    full_mean: float = 0.3
    trades: int = 30

    def weight_of(self, record: TrackRecord | None) -> float:
        """Return the weight of a strategy with this record, 1 without one; what cannot be computed counts least."""
        if record is None or record.trades == 0:
            return 1.0
        if not math.isfinite(record.mean):
            return self.lowest
        believed = record.mean / self.full_mean * record.trades / (record.trades + self.trades)
        way = max(-1.0, min(1.0, believed))
        weight = 1 + way * (self.highest - 1 if way > 0 else 1 - self.lowest)
        return max(self.lowest, min(self.highest, weight))


@dataclass(frozen=True, slots=True)
class VoteRules:
    """How votes are weighed beside the weights of the strategies; without anything, by these alone.

    Attributes:
        regimes: weights by strategy for a regime; one that is not named counts 1, one of 0 is left out.
        records: how the strategies' own trades count; None for not at all.
    """

    regimes: Mapping[Regime, Mapping[str, float]] = field(default_factory=dict)
    records: RecordBounds | None = None

    def regime_weight(self, strategy: str, regime: Regime | None) -> float:
        """Return what a strategy counts in a regime; in an unknown one, the least that it counts in any."""
        if regime is not None:
            return self.regimes.get(regime, {}).get(strategy, 1.0)
        return min((weights.get(strategy, 1.0) for weights in self.regimes.values()), default=1.0)

    def record_weight(self, strategy: str, records: Mapping[str, TrackRecord]) -> float:
        """Return what a strategy counts by its record, which is asked for only where it matters."""
        return 1.0 if self.records is None else self.records.weight_of(records.get(strategy))
