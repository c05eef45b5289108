"""What strategies think: scores over all candles, and the signal of the newest one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from desk.model.candles import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """One element per closed candle of the strategy's own timeframe.

    Attributes:
        score: in [-1, 1]; above 0 wants to be long, 0 is no opinion, NaN while warming up.
        stop: distance of the stop from the entry, in price, above 0; NaN while warming up.
        target: distance of the target from the entry, in price, above 0; NaN while warming up.
        features: what the score was made from, by name, for the explanation.
    """

    score: FloatArray
    stop: FloatArray
    target: FloatArray
    features: Mapping[str, FloatArray] = field(default_factory=dict)


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
