"""What regimes are told from: how straight a market goes, how wild it is, how far it has fallen."""

from dataclasses import dataclass

import numpy as np

from desk.indicators.channel import highest
from desk.indicators.trend import efficiency, sma
from desk.indicators.volatility import above_noise, true_range
from desk.model.candles import Candles, FloatArray
from desk.regimes.limits import RegimeLimits


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """One element per closed candle, NaN while warming up; each uses that candle and earlier ones only.

    Attributes:
        efficiency: how straight the way was, -1 to 1, with the sign of where it led.
        volatility: the true range of now as a multiple of the usual.
        fall: from the highest price of the recent past down to the close, in true ranges of now, 0 or more.
    """

    efficiency: FloatArray
    volatility: FloatArray
    fall: FloatArray


def features_of(candles: Candles, limits: RegimeLimits) -> Features:
    """Return the features of every candle; none of them remembers more than `limits.warm_up` candles."""
    high, close = candles.high, candles.close
    reach = true_range(high, candles.low, close)
    now, usual = (above_noise(sma(reach, period), close) for period in (limits.volatility_period, limits.usual_period))
    return Features(
        efficiency=np.clip(efficiency(close, limits.trend_period), -1.0, 1.0),
        volatility=now / usual,
        fall=(highest(high, limits.crash_period) - close) / now,
    )
