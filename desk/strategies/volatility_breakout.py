"""Go with the first large candle after the volatility has been squeezed."""

from types import MappingProxyType
from typing import Self

from pydantic import Field, model_validator

from desk.indicators.channel import highest
from desk.indicators.scoring import from_warm_up, ramp, wilder_settles
from desk.indicators.trend import rate_of_change
from desk.indicators.volatility import above_noise, atr, bollinger, true_range
from desk.model.candles import FloatArray
from desk.model.market import Market
from desk.model.scores import Scores
from desk.plugin import Strategy


class VolatilityBreakout(Strategy):
    """Buy a close above the upper band right after the bands were narrow, sell one below the lower band.

    It believes that volatility comes in clusters: a market that has been unusually quiet moves on at once and not
    gradually. The bands are squeezed while two standard deviations lie within a channel of average true ranges; the
    score is how deep the squeeze of the last candles was, times how far the close has left the bands on a candle larger
    than usual. It earns when quiet ends with a move, and loses when the first large candle is all there is.

    Source: the squeeze of Carter, *Mastering the Trade*, 2005, of Bollinger bands within Keltner's channel; that
    volatility clusters, Mandelbrot, *The Variation of Certain Speculative Prices*, Journal of Business 36, 1963.
    """

    meanings = MappingProxyType(
        {
            "squeeze": "How far the bands lay inside the channel of late, as a part of it; below 0 outside.",
            "deviations": "Close above its average, in standard deviations; below 0 under it.",
            "range_atr": "Range of the candle, in ATR.",
            "atr": "Usual range of a candle (average true range), in price.",
        }
    )

    band_period: int = Field(default=20, ge=5, le=200, description="Candles in the mean and the standard deviation.")
    channel_atr: float = Field(
        default=2.0, ge=0.5, le=5, description="Half the width of the channel that the bands must fit in, in ATR."
    )
    full_squeeze: float = Field(
        default=0.15, ge=0.01, le=0.8, description="Part by which the bands are narrower, from which it is a full one."
    )
    recent_period: int = Field(default=6, ge=2, le=50, description="Candles for which a squeeze is remembered.")
    entry_deviations: float = Field(
        default=1.5, ge=0.5, le=5, description="Standard deviations from the mean up to which there is no opinion."
    )
    full_deviations: float = Field(
        default=2.5, ge=0.6, le=8, description="Standard deviations from the mean from which the opinion is full."
    )
    usual_range: float = Field(
        default=0.8, ge=0, le=5, description="Range of the candle, in ATR, up to which it is no expansion."
    )
    full_range: float = Field(
        default=1.4, ge=0.1, le=10, description="Range of the candle, in ATR, from which it is a full one."
    )
    atr_period: int = Field(default=20, ge=2, le=100, description="Candles in the average true range.")
    stop_atr: float = Field(default=2.0, ge=0.1, le=20, description="Distance of the stop, in ATR.")
    target_atr: float = Field(default=5.0, ge=0.1, le=40, description="Distance of the target, in ATR.")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.entry_deviations >= self.full_deviations:
            raise ValueError(
                "expected entry_deviations below full_deviations, "
                f"found {self.entry_deviations} and {self.full_deviations}"
            )
        if self.usual_range >= self.full_range:
            raise ValueError(f"expected usual_range below full_range, found {self.usual_range} and {self.full_range}")
        return self

    @property
    def warm_up(self) -> int:
        return max(self.band_period, wilder_settles(self.atr_period)) + self.recent_period

    def evaluate(self, market: Market) -> Scores:
        candles = market.own
        high, low, close = candles.high, candles.low, candles.close
        middle, deviation = bollinger(close, self.band_period)
        unit = above_noise(atr(high, low, close, self.atr_period), close)
        squeeze = highest(1 - 2 * deviation / (self.channel_atr * unit), self.recent_period)
        distance = (close - middle) / above_noise(deviation, close)
        size, change = true_range(high, low, close) / unit, rate_of_change(close, 1) * close / unit
        ready = ramp(squeeze, 0, self.full_squeeze) * ramp(size, self.usual_range, self.full_range)
        up, down = self._left(distance, change), self._left(-distance, -change)
        return Scores(
            score=from_warm_up(ready * (up - down), self.warm_up),
            stop=from_warm_up(self.stop_atr * unit, self.warm_up),
            target=from_warm_up(self.target_atr * unit, self.warm_up),
            features={"squeeze": squeeze, "deviations": distance, "range_atr": size, "atr": unit},
        )

    def _left(self, distance: FloatArray, change: FloatArray) -> FloatArray:
        moved = ramp(change, 0, self.usual_range + self.full_range)
        return ramp(distance, self.entry_deviations, self.full_deviations) * ramp(moved, 0, 0.25)
