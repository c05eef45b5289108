"""Take the small way back after a few one-sided candles, with the drift and not against it."""

from types import MappingProxyType
from typing import Self

from pydantic import Field, model_validator

from desk.indicators.momentum import rsi
from desk.indicators.scoring import from_warm_up, ramp, wilder_settles
from desk.indicators.trend import sma
from desk.indicators.volatility import above_noise, atr
from desk.model.candles import FloatArray
from desk.model.market import Market
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe
from desk.plugin import Strategy


class Scalping(Strategy):
    """Buy two or three falling candles above a long average, sell two or three rising ones below it.

    It believes that a short one-sided burst against the drift is somebody in a hurry, and that the price comes back
    when he has finished. The score is how extreme a relative strength index of two candles is, as long as the close
    is on the right side of a long simple average. It earns little and often with a near target, and loses when the
    burst is the beginning of a trend. Costs decide: it needs a tight spread.

    Source: Connors and Alvarez, *Short Term Trading Strategies That Work*, 2008 (the RSI of two candles).
    """

    usual_timeframe = Timeframe.M1
    meanings = MappingProxyType(
        {
            "rsi": "Relative strength index, 0 to 100: below 50 it fell of late, above it rose.",
            "drift_atr": "Close above its long average, in ATR; below 0 under it.",
            "burst_atr": "Close above its short average, in ATR; below 0 under it.",
            "atr": "Usual range of a candle (average true range), in price.",
        }
    )

    strength_period: int = Field(default=2, ge=2, le=14, description="Candles in the relative strength index.")
    entry_strength: float = Field(
        default=36, ge=10, le=45, description="Distance of the index from 50 up to which there is no opinion."
    )
    full_strength: float = Field(
        default=48, ge=12, le=50, description="Distance of the index from 50 from which the opinion is full."
    )
    drift_period: int = Field(default=100, ge=10, le=300, description="Candles in the average that gives the side.")
    entry_drift: float = Field(
        default=0.5, ge=0.05, le=5, description="Distance from the average, in ATR, up to which there is no side."
    )
    full_drift: float = Field(
        default=2.0, ge=0.1, le=10, description="Distance from the average, in ATR, from which the side is certain."
    )
    least_burst: float = Field(
        default=0.5, ge=0.1, le=5, description="Smallest move over the burst, in ATR; less is not worth the costs."
    )
    atr_period: int = Field(default=14, ge=2, le=100, description="Candles in the average true range.")
    stop_atr: float = Field(default=2.0, ge=0.1, le=20, description="Distance of the stop, in ATR.")
    target_atr: float = Field(default=1.5, ge=0.1, le=40, description="Distance of the target, in ATR.")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.entry_strength >= self.full_strength:
            raise ValueError(
                f"expected entry_strength below full_strength, found {self.entry_strength} and {self.full_strength}"
            )
        if self.entry_drift >= self.full_drift:
            raise ValueError(f"expected entry_drift below full_drift, found {self.entry_drift} and {self.full_drift}")
        return self

    @property
    def warm_up(self) -> int:
        return max(wilder_settles(max(self.strength_period, self.atr_period)), self.drift_period)

    def evaluate(self, market: Market) -> Scores:
        candles = market.own
        close = candles.close
        unit = above_noise(atr(candles.high, candles.low, close, self.atr_period), close)
        strength = rsi(close, self.strength_period) - 50
        drift = (close - sma(close, self.drift_period)) / unit
        burst = (close - sma(close, self.strength_period + 1)) / unit
        score = self._tired(-strength, drift, -burst) - self._tired(strength, -drift, burst)
        return Scores(
            score=from_warm_up(score, self.warm_up),
            stop=from_warm_up(self.stop_atr * unit, self.warm_up),
            target=from_warm_up(self.target_atr * unit, self.warm_up),
            features={"rsi": strength + 50, "drift_atr": drift, "burst_atr": burst, "atr": unit},
        )

    def _tired(self, strength: FloatArray, drift: FloatArray, burst: FloatArray) -> FloatArray:
        side = ramp(drift, self.entry_drift, self.full_drift)
        return ramp(strength, self.entry_strength, self.full_strength) * side * ramp(burst, 0, self.least_burst)
