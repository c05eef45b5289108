"""Step into the tide of a longer timeframe on a wave against it."""

from types import MappingProxyType
from typing import Self

from pydantic import Field, model_validator

from desk.indicators.momentum import rsi
from desk.indicators.scoring import ema_settles, from_warm_up, known, ramp, wilder_settles
from desk.indicators.trend import ema
from desk.indicators.volatility import above_noise, atr
from desk.model.candles import FloatArray
from desk.model.market import Market
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe
from desk.plugin import Strategy


class SwingTrading(Strategy):
    """Buy a dip on hourly candles while four-hour candles rise, sell a rally while they fall.

    It believes that the longer timeframe says where the price goes and the shorter one when it is cheap. The first
    screen is the distance of two exponential averages of four-hour candles, in their average true range; the second is
    the relative strength index of its own candles against that side. It earns in trends that breathe, over hours to
    days, and loses at their end, when the last dip is not bought.

    Source: the "triple screen" of Elder, *Trading for a Living*, 1993.
    """

    usual_timeframe = Timeframe.H1
    timeframes = (Timeframe.H4,)
    meanings = MappingProxyType(
        {
            "tide_atr": "Fast average above the slow one on H4 candles, in their ATR; below 0 under it.",
            "rsi": "Relative strength index, 0 to 100: below 50 it fell of late, above it rose.",
            "atr": "Usual range of a candle (average true range), in price.",
        }
    )

    fast_period: int = Field(default=8, ge=2, le=50, description="Four-hour candles in the fast average of the tide.")
    slow_period: int = Field(default=24, ge=3, le=100, description="Four-hour candles in the slow average of the tide.")
    entry_tide: float = Field(
        default=0.3, ge=0.05, le=5, description="Distance of the averages, in ATR, up to which there is no tide."
    )
    full_tide: float = Field(
        default=1.0, ge=0.1, le=10, description="Distance of the averages, in ATR, from which the tide is full."
    )
    strength_period: int = Field(default=8, ge=2, le=100, description="Candles in the relative strength index.")
    entry_strength: float = Field(
        default=0, ge=0, le=40, description="Distance of the index from 50, against the tide, up to which it waits."
    )
    full_strength: float = Field(
        default=15, ge=1, le=50, description="Distance of the index from 50, against the tide, that is a full wave."
    )
    atr_period: int = Field(default=14, ge=2, le=100, description="Candles in the average true range.")
    stop_atr: float = Field(default=2.5, ge=0.1, le=20, description="Distance of the stop, in ATR.")
    target_atr: float = Field(default=6.0, ge=0.1, le=40, description="Distance of the target, in ATR.")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.fast_period >= self.slow_period:
            raise ValueError(f"expected fast_period below slow_period, found {self.fast_period} and {self.slow_period}")
        if self.entry_tide >= self.full_tide:
            raise ValueError(f"expected entry_tide below full_tide, found {self.entry_tide} and {self.full_tide}")
        if self.entry_strength >= self.full_strength:
            raise ValueError(
                f"expected entry_strength below full_strength, found {self.entry_strength} and {self.full_strength}"
            )
        return self

    @property
    def warm_up(self) -> int:
        return max(wilder_settles(max(self.strength_period, self.atr_period)), ema_settles(self.slow_period))

    def evaluate(self, market: Market) -> Scores:
        candles = market.own
        close = candles.close
        tide = market.align(Timeframe.H4, self._tide(market))
        strength = rsi(close, self.strength_period) - 50
        unit = above_noise(atr(candles.high, candles.low, close, self.atr_period), close)
        score = self._dipped(tide, -strength) - self._dipped(-tide, strength)
        return Scores(
            score=from_warm_up(score, self.warm_up),
            stop=from_warm_up(self.stop_atr * unit, self.warm_up),
            target=from_warm_up(self.target_atr * unit, self.warm_up),
            features={"tide_atr": tide, "rsi": strength + 50, "atr": unit},
        )

    def _tide(self, market: Market) -> FloatArray:
        candles = market.candles(Timeframe.H4)
        close = candles.close
        unit = above_noise(atr(candles.high, candles.low, close, self.atr_period), close)
        return from_warm_up((ema(close, self.fast_period) - ema(close, self.slow_period)) / unit, self.warm_up)

    def _dipped(self, tide: FloatArray, weakness: FloatArray) -> FloatArray:
        wave = ramp(weakness, self.entry_strength, self.full_strength)
        return ramp(known(tide), self.entry_tide, self.full_tide) * wave
