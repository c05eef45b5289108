"""Whether a strategy has decayed: its last trades against those before them, looked at once for each block of trades.

Trades are put into blocks of `window`, in the order in which they were closed, after the first `earlier` trades or, if
that is later, after the strategy was re-armed. The last block that is full is compared with what was closed before it.
A strategy has decayed where the block's mean profit in units of the risk (R) is below `tolerated_mean`, and chance
alone would put a block so far below the earlier trades with a probability of `significance` at most (a one-sided
permutation test, see `desk.monitor.resampling`).

How often that is wrong: a strategy whose trades go on being drawn from where they were drawn before is taken for
decayed in no more than `significance` of its blocks, whatever the distribution, because every block is tested once and
not again each day. With the usual figures that is one of 100 blocks, or one in 3000 trades; fewer where the strategy
earns. Trades that come in streaks, because markets do, are not exchangeable and make it more often wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.model.records import ClosedTrade, TrackRecord
from desk.monitor.resampling import p_of_lower_mean

_COMPARED = 500
"""So many earlier trades at most: what was before them is of another market, and costs time."""


@dataclass(frozen=True, slots=True)
class DecayLimits:
    """When a strategy counts as decayed.

    Attributes:
        window: trades of a block, 5 or more.
        earlier: fewest trades that a block is compared with.
        significance: how likely chance alone may explain the difference, above 0 and below 1.
        tolerated_mean: the mean of a block, in units of the risk (R), from which it is no decay in any case.
    """

    window: int = 30
    earlier: int = 60
    significance: float = 0.01
    tolerated_mean: float = 0.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the test says of a strategy.

    Attributes:
        trades: closed ones whose risk is known.
        recent, before: records of the last full block and of what it was compared with; None where there is none yet.
        chance: probability that chance alone explains the difference; None where there is no block.
    """

    limits: DecayLimits
    trades: int
    recent: TrackRecord | None = None
    before: TrackRecord | None = None
    chance: float | None = None

    @property
    def has_decayed(self) -> bool:
        """Whether the last full block is too bad to be chance."""
        if self.recent is None or self.chance is None:
            return False
        return self.recent.mean < self.limits.tolerated_mean and self.chance <= self.limits.significance

    def __str__(self) -> str:
        """The evidence in words."""
        if self.recent is None or self.before is None or self.chance is None:
            limits = self.limits
            return f"{self.trades} trades of known risk; judged in blocks of {limits.window} after {limits.earlier}"
        return (
            f"last {self.recent.trades} trades {self.recent.mean:+.2f} R on the mean, {self.before.trades} before them "
            f"{self.before.mean:+.2f} R; by chance alone with a probability of {self.chance:.4f} "
            f"(decayed below {self.limits.tolerated_mean:+.2f} R and up to {self.limits.significance:g})"
        )


def judge(trades: Sequence[ClosedTrade], limits: DecayLimits, *, rearmed_at: datetime | None = None) -> Judgement:
    """Judge the closed trades of one strategy.

    Args:
        trades: oldest first; one whose risk is not known, or that was adjusted, is left out.
        limits: when it counts as decayed.
        rearmed_at: when a person let it go on; a block before that was judged by that person.
    """
    known = [
        (trade.closed_at, multiple) for trade in trades if trade.is_whole and (multiple := trade.multiple) is not None
    ]
    multiples = [multiple for _, multiple in known]
    passed = sum(rearmed_at is not None and closed_at <= rearmed_at for closed_at, _ in known)
    first = max(limits.earlier, passed)
    blocks = (len(multiples) - first) // limits.window
    if blocks < 1:
        return Judgement(limits, len(multiples))
    start = first + (blocks - 1) * limits.window
    recent, before = multiples[start : start + limits.window], multiples[max(0, start - _COMPARED) : start]
    chance = p_of_lower_mean(recent, before)
    return Judgement(limits, len(multiples), TrackRecord.of(recent), TrackRecord.of(before), chance)
