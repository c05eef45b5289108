"""The four kinds of market that the desk tells apart, and what is known of a market besides opinions about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Regime(StrEnum):
    """How a market behaves now, from the calmest to the gravest."""

    RANGE = "range"
    TREND = "trend"
    HIGH_VOLATILITY = "high_volatility"
    CRASH = "crash"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the newest candle of an instrument was met in.

    Attributes:
        regime: None while too few candles are known.
        features: what the regime was told from, by name.
        funding_rate: what a long pays a short for eight hours, as a fraction of the notional; below 0 the short pays;
            None where it is not known.
    """

    regime: Regime | None = None
    features: Mapping[str, float] = field(default_factory=dict)
    funding_rate: float | None = None


NOTHING_KNOWN = Conditions()
"""Of a candle of which nothing is known besides opinions."""
