"""Follow a trend that speed and strength confirm."""

from types import MappingProxyType
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from desk.indicators.momentum import rsi
from desk.indicators.scoring import ema_settles, from_warm_up, ramp, wilder_settles
from desk.indicators.trend import ema, rate_of_change
from desk.indicators.volatility import above_noise, atr
from desk.model.candles import FloatArray
from desk.model.market import Market
from desk.model.scores import Scores
from desk.plugin import Strategy


class MomentumTrading(Strategy):
    """Buy what has been rising, sell what has been falling, for as long as it is still moving.

    It believes that a trend outlives the news that began it, because people act on news one after another. The score
    is the distance between a fast and a slow exponential average in units of the average true range, confirmed by
    the relative strength index and by the rate of change. It earns in long directional moves, and pays for them with
    many small losses in markets that go sideways.

    Source: Moskowitz, Ooi and Pedersen, *Time series momentum*, Journal of Financial Economics 104, 2012.
    """

    meanings = MappingProxyType(
        {
            "separation_atr": "Fast average above the slow one, in ATR; below 0 under it.",
            "rsi": "Relative strength index, 0 to 100: below 50 it fell of late, above it rose.",
            "change_atr": "Change of price over the candles looked back, in ATR.",
            "atr": "Usual range of a candle (average true range), in price.",
        }
    )

    fast_period: int = Field(default=12, ge=2, le=100, description="Candles in the fast exponential average.")
    slow_period: int = Field(default=36, ge=3, le=200, description="Candles in the slow exponential average.")
    entry_separation: float = Field(
        default=0.5, ge=0, le=5, description="Distance of the averages, in ATR, up to which there is no opinion."
    )
    full_separation: float = Field(
        default=2.0, ge=0.1, le=10, description="Distance of the averages, in ATR, from which the opinion is full."
    )
    strength_period: int = Field(default=14, ge=2, le=100, description="Candles in the relative strength index.")
    full_strength: float = Field(
        default=15, ge=1, le=50, description="How far the relative strength index must be from 50 to confirm fully."
    )
    change_period: int = Field(default=8, ge=1, le=100, description="Candles over which the rate of change is taken.")
    full_change: float = Field(
        default=2.0, ge=0.1, le=20, description="Rate of change, in ATR, from which it confirms fully."
    )
    atr_period: int = Field(default=14, ge=2, le=100, description="Candles in the average true range.")
    stop_atr: float = Field(default=2.0, ge=0.1, le=20, description="Distance of the stop, in ATR.")
    target_atr: float = Field(default=4.0, ge=0.1, le=40, description="Distance of the target, in ATR.")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.fast_period >= self.slow_period:
            raise ValueError(f"expected fast_period below slow_period, found {self.fast_period} and {self.slow_period}")
        if self.entry_separation >= self.full_separation:
            raise ValueError(
                "expected entry_separation below full_separation, "
                f"found {self.entry_separation} and {self.full_separation}"
            )
        return self

    @property
    def warm_up(self) -> int:
        longest_wilder = max(self.strength_period, self.atr_period)
        return max(ema_settles(self.slow_period), wilder_settles(longest_wilder), self.change_period + 1)

    def evaluate(self, market: Market) -> Scores:
        candles = market.own
        close = candles.close
        unit = above_noise(atr(candles.high, candles.low, close, self.atr_period), close)
        separation = (ema(close, self.fast_period) - ema(close, self.slow_period)) / unit
        strength = rsi(close, self.strength_period) - 50
        change = rate_of_change(close, self.change_period) * close / unit
        rising = self._confirmed(separation, strength, change)
        falling = self._confirmed(-separation, -strength, -change)
        return Scores(
            score=from_warm_up(rising - falling, self.warm_up),
            stop=from_warm_up(self.stop_atr * unit, self.warm_up),
            target=from_warm_up(self.target_atr * unit, self.warm_up),
            features={"separation_atr": separation, "rsi": strength + 50, "change_atr": change, "atr": unit},
        )

    def _confirmed(self, separation: FloatArray, strength: FloatArray, change: FloatArray) -> FloatArray:
        trend = ramp(separation, self.entry_separation, self.full_separation)
        confirmation = np.minimum(ramp(strength, 0, self.full_strength), ramp(change, 0, self.full_change))
        return trend * confirmation
