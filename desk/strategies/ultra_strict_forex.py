"""Trade currencies seldom: in the main session, at a tight spread, when every timeframe agrees and little is noise."""

from types import MappingProxyType
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from desk.indicators.hours import between_hours
from desk.indicators.scoring import ema_settles, from_warm_up, known, ramp, wilder_settles
from desk.indicators.trend import efficiency, ema
from desk.indicators.volatility import above_noise, atr
from desk.model.candles import Candles, FloatArray
from desk.model.market import Market
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe
from desk.plugin import Strategy

_ZONE = "America/New_York"


class UltraStrictForex(Strategy):
    """Join a straight move of a currency pair that all timeframes share, in the hours in which most is traded.

    It believes that most signals are noise, and that those few which come in liquid hours, cheaply, and from every
    timeframe at once are not. The score is how straight the way of the recent candles was, as long as quarter-hourly
    and hourly candles lead the same way, the spread is a small part of the average true range, and London or New York
    is at work. It earns on few days, and misses most moves. A source that tells no spread is taken for a tight one.

    Source: the efficiency ratio of Kaufman, *Smarter Trading*, 1995; agreement of timeframes after Elder, *Trading for
    a Living*, 1993; hours of activity after Dacorogna et al., *An Introduction to High-Frequency Finance*, 2001.
    """

    usual_timeframe = Timeframe.M5
    timeframes = (Timeframe.M15, Timeframe.H1)
    meanings = MappingProxyType(
        {
            "efficiency": "How straight the price went, -1 straight down to 1 straight up.",
            "trend_M15": "Close above its average on M15 candles, in their ATR; below 0 under it.",
            "trend_H1": "Close above its average on H1 candles, in their ATR; below 0 under it.",
            "session": "1 in the hours in which it trades, 0 outside.",
            "spread_atr": "Spread between bid and ask, in ATR.",
            "atr": "Usual range of a candle (average true range), in price.",
        }
    )

    way_period: int = Field(default=24, ge=4, le=200, description="Candles over which the way is measured.")
    entry_efficiency: float = Field(
        default=0.3, ge=0.05, le=0.9, description="Efficiency ratio up to which there is no opinion."
    )
    full_efficiency: float = Field(
        default=0.6, ge=0.1, le=1, description="Efficiency ratio from which the opinion is full."
    )
    trend_period: int = Field(default=20, ge=5, le=80, description="Candles in the average of each longer timeframe.")
    full_trend: float = Field(
        default=0.75, ge=0.05, le=5, description="Distance from that average, in ATR, from which it agrees fully."
    )
    first_hour: int = Field(default=3, ge=0, le=22, description="Hour in New York from which it trades.")
    last_hour: int = Field(default=12, ge=1, le=24, description="Hour in New York from which it trades no more.")
    tight_spread: float = Field(default=0.2, ge=0.01, le=5, description="Spread, in ATR, up to which it is tight.")
    wide_spread: float = Field(default=0.5, ge=0.02, le=10, description="Spread, in ATR, from which it does not trade.")
    atr_period: int = Field(default=14, ge=2, le=80, description="Candles in the average true range.")
    stop_atr: float = Field(default=2.0, ge=0.1, le=20, description="Distance of the stop, in ATR.")
    target_atr: float = Field(default=4.0, ge=0.1, le=40, description="Distance of the target, in ATR.")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        pairs = (
            ("entry_efficiency", self.entry_efficiency, "full_efficiency", self.full_efficiency),
            ("first_hour", self.first_hour, "last_hour", self.last_hour),
            ("tight_spread", self.tight_spread, "wide_spread", self.wide_spread),
        )
        for lower, low, higher, high in pairs:
            if low >= high:
                raise ValueError(f"expected {lower} below {higher}, found {low} and {high}")
        return self

    @property
    def warm_up(self) -> int:
        return max(wilder_settles(self.atr_period), ema_settles(self.trend_period), self.way_period + 1)

    def evaluate(self, market: Market) -> Scores:
        candles = market.own
        close = candles.close
        unit = above_noise(atr(candles.high, candles.low, close, self.atr_period), close)
        way, spread = efficiency(close, self.way_period), _spread(candles) / unit
        trends = [market.align(timeframe, self._trend(market, timeframe)) for timeframe in self.timeframes]
        session = between_hours(candles.close_times, _ZONE, self.first_hour, self.last_hour)
        allowed = session * (1 - ramp(spread, self.tight_spread, self.wide_spread))
        up, down = self._shared(way, trends), self._shared(-way, [-trend for trend in trends])
        named = {f"trend_{timeframe}": trend for timeframe, trend in zip(self.timeframes, trends, strict=True)}
        return Scores(
            score=from_warm_up((up - down) * allowed, self.warm_up),
            stop=from_warm_up(self.stop_atr * unit, self.warm_up),
            target=from_warm_up(self.target_atr * unit, self.warm_up),
            features={"efficiency": way, **named, "session": session, "spread_atr": spread, "atr": unit},
        )

    def _trend(self, market: Market, timeframe: Timeframe) -> FloatArray:
        candles = market.candles(timeframe)
        close = candles.close
        unit = above_noise(atr(candles.high, candles.low, close, self.atr_period), close)
        return from_warm_up((close - ema(close, self.trend_period)) / unit, self.warm_up)

    def _shared(self, way: FloatArray, trends: list[FloatArray]) -> FloatArray:
        along = (ramp(known(trend), 0, self.full_trend) for trend in trends)
        weakest: FloatArray = np.minimum.reduce([ramp(way, self.entry_efficiency, self.full_efficiency), *along])
        return weakest


def _spread(candles: Candles) -> FloatArray:
    """The spread at each close, in price; 0 where the source does not tell."""
    if candles.bid is None or candles.ask is None:
        return np.zeros(len(candles))
    return candles.ask.close - candles.bid.close
