"""What a strategy answers: one score per candle, as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from desk.model.candles import FloatArray, IntArray
from desk.model.views import Plan


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """One element per closed candle of the strategy's own timeframe.

    Attributes:
        score: in [-1, 1]; above 0 wants to be long, 0 is no opinion, NaN while warming up.
        stop: distance of the stop from the entry, in price, above 0; NaN while warming up.
        target: distance of the target from the entry, in price, above 0; NaN while warming up.
        features: what the score was made from, by name, for the explanation.
        plans: what its rules say of entries, where the strategy has rules.
        followed: the row in `plans` that each element follows, -1 for none; None where there are no plans.
    """

    score: FloatArray
    stop: FloatArray
    target: FloatArray
    features: Mapping[str, FloatArray] = field(default_factory=dict)
    plans: tuple[Plan, ...] = ()
    followed: IntArray | None = None

    def plan_at(self, row: int) -> Plan | None:
        """What an element follows, -1 for the newest; None where that is no rule."""
        followed = -1 if self.followed is None else int(self.followed[row])
        return None if followed < 0 else self.plans[followed]
