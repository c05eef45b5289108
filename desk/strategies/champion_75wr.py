"""Win often: many confirmations, a near target, a wide stop."""

from types import MappingProxyType
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from desk.indicators.momentum import rsi
from desk.indicators.scoring import ema_settles, from_warm_up, known, ramp, wilder_settles
from desk.indicators.trend import ema
from desk.indicators.volatility import above_noise, atr, bollinger
from desk.model.candles import FloatArray
from desk.model.market import Market
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe
from desk.plugin import Strategy

_HALF_STRENGTH = 10.0


class Champion75wr(Strategy):
    """Buy a stretched dip in an uptrend of two longer timeframes, sell a stretched rally in a downtrend of both.

    It believes that a pullback that has gone too far, in a market that agrees on its direction, comes back at least a
    little. The score is the weakest of four confirmations: the trend of hourly and of quarter-hourly candles, the
    distance from the mean in standard deviations, and the relative strength index. With a target near and a stop wide
    it wins often: a price without any direction reaches a target of 0.8 before a stop of 2.6 in 76 of 100 cases.
    That alone earns nothing, since one loss costs three wins, and costs come on top; only the confirmations can.

    Source: the mean after Bollinger, *Bollinger on Bollinger Bands*, 2001; agreement of timeframes after Elder,
    *Trading for a Living*, 1993; the odds of target and stop are the gambler's ruin, Feller, *An Introduction to
    Probability Theory*, volume 1, 1968, chapter 14.
    """

    usual_timeframe = Timeframe.M5
    timeframes = (Timeframe.M15, Timeframe.H1)
    meanings = MappingProxyType(
        {
            "trend_M15": "Close above its average on M15 candles, in their ATR; below 0 under it.",
            "trend_H1": "Close above its average on H1 candles, in their ATR; below 0 under it.",
            "deviations": "Close above its average, in standard deviations; below 0 under it.",
            "rsi": "Relative strength index, 0 to 100: below 50 it fell of late, above it rose.",
            "atr": "Usual range of a candle (average true range), in price.",
        }
    )

    trend_period: int = Field(default=20, ge=5, le=80, description="Candles in the average of each longer timeframe.")
    full_trend: float = Field(
        default=0.75, ge=0.1, le=5, description="Distance from that average, in ATR, from which a trend is full."
    )
    least_trend: float = Field(
        default=0.1, ge=0.01, le=2, description="Distance from that average, in ATR, up to which there is no trend."
    )
    mean_period: int = Field(default=20, ge=5, le=200, description="Candles in the mean and the standard deviation.")
    entry_deviations: float = Field(
        default=0.75, ge=0.1, le=5, description="Standard deviations from the mean up to which nothing is stretched."
    )
    full_deviations: float = Field(
        default=1.75, ge=0.2, le=10, description="Standard deviations from the mean from which it is fully stretched."
    )
    strength_period: int = Field(default=7, ge=2, le=100, description="Candles in the relative strength index.")
    atr_period: int = Field(default=14, ge=2, le=80, description="Candles in the average true range.")
    stop_atr: float = Field(default=2.6, ge=0.1, le=20, description="Distance of the stop, in ATR.")
    target_atr: float = Field(default=0.8, ge=0.1, le=40, description="Distance of the target, in ATR.")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.entry_deviations >= self.full_deviations:
            raise ValueError(
                "expected entry_deviations below full_deviations, "
                f"found {self.entry_deviations} and {self.full_deviations}"
            )
        if self.least_trend >= self.full_trend:
            raise ValueError(f"expected least_trend below full_trend, found {self.least_trend} and {self.full_trend}")
        return self

    @property
    def warm_up(self) -> int:
        settled = wilder_settles(max(self.strength_period, self.atr_period))
        return max(settled, ema_settles(self.trend_period), self.mean_period)

    def evaluate(self, market: Market) -> Scores:
        candles = market.own
        close = candles.close
        unit = above_noise(atr(candles.high, candles.low, close, self.atr_period), close)
        middle, deviation = bollinger(close, self.mean_period)
        distance = (close - middle) / above_noise(deviation, close)
        strength = rsi(close, self.strength_period) - 50
        trends = [market.align(timeframe, self._trend(market, timeframe)) for timeframe in self.timeframes]
        up = self._agreed(trends, -distance, -strength)
        down = self._agreed([-trend for trend in trends], distance, strength)
        named = {f"trend_{timeframe}": trend for timeframe, trend in zip(self.timeframes, trends, strict=True)}
        return Scores(
            score=from_warm_up(up - down, self.warm_up),
            stop=from_warm_up(self.stop_atr * unit, self.warm_up),
            target=from_warm_up(self.target_atr * unit, self.warm_up),
            features={**named, "deviations": distance, "rsi": strength + 50, "atr": unit},
        )

    def _trend(self, market: Market, timeframe: Timeframe) -> FloatArray:
        candles = market.candles(timeframe)
        close = candles.close
        unit = above_noise(atr(candles.high, candles.low, close, self.atr_period), close)
        return from_warm_up((close - ema(close, self.trend_period)) / unit, self.warm_up)

    def _agreed(self, trends: list[FloatArray], stretch: FloatArray, weakness: FloatArray) -> FloatArray:
        stretched = ramp(stretch, self.entry_deviations, self.full_deviations)
        along = (ramp(known(trend), self.least_trend, self.full_trend) for trend in trends)
        weakest: FloatArray = np.minimum.reduce([stretched, ramp(weakness, 0, _HALF_STRENGTH), *along])
        return weakest
