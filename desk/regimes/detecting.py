"""Tells the regime of every candle from its features."""

from dataclasses import dataclass, fields

import numpy as np

from desk.model.candles import Candles, IntArray
from desk.model.regimes import Regime
from desk.regimes.features import Features, features_of
from desk.regimes.hysteresis import latched, lingering
from desk.regimes.limits import RegimeLimits

_REGIMES = tuple(Regime)
_UNKNOWN = -1
_TREND, _HIGH_VOLATILITY, _CRASH = (
    _REGIMES.index(regime) for regime in (Regime.TREND, Regime.HIGH_VOLATILITY, Regime.CRASH)
)


@dataclass(frozen=True, slots=True, eq=False)
class Regimes:
    """The regime of every candle.

    Attributes:
        codes: the place of the regime in `Regime`, -1 while warming up; one element per candle.
    """

    codes: IntArray
    features: Features

    def at(self, row: int) -> Regime | None:
        """Return the regime of one candle; None while warming up."""
        code = int(self.codes[row])
        return None if code == _UNKNOWN else _REGIMES[code]

    def features_at(self, row: int) -> dict[str, float]:
        """Return what the regime of one candle was told from, by name."""
        return {field.name: float(getattr(self.features, field.name)[row]) for field in fields(Features)}


def detect_regimes(candles: Candles, limits: RegimeLimits) -> Regimes:
    """Return the regime of every closed candle, which uses that candle and earlier ones only.

    A crash is a fall in a wild market; it goes before high volatility, that before a trend, and what is none of them
    is a range. High volatility and a crash come in at once; everything else waits until the present regime has stayed
    for `limits.minimum_stay`. What nothing within the given candles confirms is forgotten.
    """
    features = features_of(candles, limits)
    codes = np.full(len(candles), _UNKNOWN, dtype=np.int64)
    warm = slice(limits.warm_up - 1, None)
    codes[warm] = lingering(_labels(features, limits)[warm], limits.minimum_stay, _HIGH_VOLATILITY)
    return Regimes(codes, features)


def _labels(features: Features, limits: RegimeLimits) -> IntArray:
    """The regime of each candle by its thresholds alone."""
    trends = latched(np.abs(features.efficiency), limits.trend_enter, limits.trend_exit)
    wild = latched(features.volatility, limits.volatility_enter, limits.volatility_exit)
    falls = latched(features.fall, limits.crash_enter, limits.crash_exit)
    labels = np.where(wild & falls, _CRASH, np.where(wild, _HIGH_VOLATILITY, np.where(trends, _TREND, 0)))
    return np.asarray(labels, dtype=np.int64)
