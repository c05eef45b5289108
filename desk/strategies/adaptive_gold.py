"""Follow gold with thresholds and stops that move with its volatility and with the news."""

from types import MappingProxyType
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from desk.indicators.scoring import ema_settles, from_warm_up, known, ramp, wilder_settles
from desk.indicators.trend import ema, rate_of_change
from desk.indicators.volatility import above_noise, atr, rank
from desk.model.candles import FloatArray
from desk.model.market import Market
from desk.model.scores import Scores
from desk.plugin import Strategy

_NEWS = "news_pressure"


class AdaptiveGold(Strategy):
    """Buy gold when it leaves its average upwards, sell it downwards, and ask for more in wild or adverse hours.

    It believes that what is a move in quiet hours is noise in wild ones, and that news lets one side run and the other
    fail. The score is the distance of the close from its exponential average in units of the average true range, beyond
    a threshold that grows with the rank of the volatility among the recent past and shrinks for the side that the news
    pressure is on; stop and target widen with the same rank. Without news it decides as with a pressure of 0. It
    earns when gold reacts to the world for hours, and loses in a range that the news does not explain.

    Source: the channel around an exponential average after Keltner, *How to Make Money in Commodities*, 1960, in
    Raschke's form with the average true range; thresholds by the regime of volatility after Kaufman, *Trading Systems
    and Methods*, 2013.
    """

    aliases = ("adaptive_trump_gold",)
    series = (_NEWS,)
    meanings = MappingProxyType(
        {
            "distance_atr": "Close above its average, in ATR; below 0 under it.",
            "slope_atr": "How far the average itself moved, in ATR; below 0 down.",
            "volatility_rank": "Part of past ranges that were smaller than this one, 0 to 1.",
            "news": "How news lean, -1 to 1; 0 where none are known.",
            "atr": "Usual range of a candle (average true range), in price.",
        }
    )

    mean_period: int = Field(default=30, ge=5, le=150, description="Candles in the exponential average.")
    entry_distance: float = Field(
        default=2.0, ge=0.1, le=5, description="Distance from it, in ATR, up to which a usual hour gives no opinion."
    )
    full_beyond: float = Field(
        default=1.5, ge=0.1, le=10, description="Distance beyond the threshold, in ATR, that makes a full opinion."
    )
    slope_period: int = Field(default=6, ge=1, le=60, description="Candles over which the average has to move along.")
    full_slope: float = Field(
        default=0.4, ge=0.05, le=5, description="Move of the average, in ATR, from which it confirms fully."
    )
    regime_period: int = Field(default=120, ge=20, le=250, description="Candles among which the volatility is ranked.")
    regime_weight: float = Field(
        default=0.5, ge=0, le=0.9, description="How much threshold, stop and target grow or shrink with the rank."
    )
    news_weight: float = Field(
        default=0.5, ge=0, le=0.9, description="How much full news pressure lowers one threshold and raises the other."
    )
    atr_period: int = Field(default=14, ge=2, le=100, description="Candles in the average true range.")
    stop_atr: float = Field(default=2.0, ge=0.1, le=20, description="Distance of the stop in a usual hour, in ATR.")
    target_atr: float = Field(default=4.0, ge=0.1, le=40, description="Distance of the target in a usual hour, in ATR.")

    @model_validator(mode="after")
    def _check_memory(self) -> Self:
        if self.regime_period <= self.atr_period:
            raise ValueError(
                f"expected regime_period above atr_period, found {self.regime_period} and {self.atr_period}"
            )
        return self

    @property
    def warm_up(self) -> int:
        ranked = wilder_settles(self.atr_period) + self.regime_period
        return max(ema_settles(self.mean_period) + self.slope_period, ranked)

    def evaluate(self, market: Market) -> Scores:
        candles = market.own
        close = candles.close
        unit = above_noise(atr(candles.high, candles.low, close, self.atr_period), close)
        mean = ema(close, self.mean_period)
        distance, slope = (close - mean) / unit, rate_of_change(mean, self.slope_period) * mean / unit
        regime = rank(unit, self.regime_period)
        news = np.clip(known(market.latest(_NEWS)), -1, 1)
        width = 1 + self.regime_weight * (2 * regime - 1)
        up, down = self._left(distance, slope, width, news), self._left(-distance, -slope, width, -news)
        return Scores(
            score=from_warm_up(up - down, self.warm_up),
            stop=from_warm_up(self.stop_atr * width * unit, self.warm_up),
            target=from_warm_up(self.target_atr * width * unit, self.warm_up),
            features={
                "distance_atr": distance,
                "slope_atr": slope,
                "volatility_rank": regime,
                "news": news,
                "atr": unit,
            },
        )

    def _left(self, distance: FloatArray, slope: FloatArray, width: FloatArray, news: FloatArray) -> FloatArray:
        threshold = self.entry_distance * width * (1 - self.news_weight * news)
        return ramp(distance - threshold, 0, self.full_beyond) * ramp(slope, 0, self.full_slope)
