"""What strategies think of the newest candle; without arrays, so that the ledger loads without numpy."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Signal:
    """What one strategy thinks of one instrument at one candle.

    Attributes:
        candle_close: the close of the candle that was judged.
        score: in [-1, 1]; 0 is no opinion.
        stop_distance, target_distance: in price, above 0.
        reason: one sentence with the values that made the score.
    """

    strategy: str
    instrument: str
    candle_close: datetime
    score: float
    stop_distance: float
    target_distance: float
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rule says of the entry that it leads to, besides score and barriers.

    Attributes:
        trigger: what made the rule speak.
        size: in (0, 1]; how much of what the sizing allows is traded.
    """

    trigger: str
    size: float = 1.0
