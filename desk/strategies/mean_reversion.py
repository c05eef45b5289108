"""Trade against a move that went too far while there is no trend."""

from types import MappingProxyType
from typing import Self

from pydantic import Field, model_validator

from desk.indicators.momentum import rsi
from desk.indicators.scoring import from_warm_up, ramp, wilder_settles
from desk.indicators.trend import adx
from desk.indicators.volatility import above_noise, atr, bollinger
from desk.model.candles import FloatArray
from desk.model.market import Market
from desk.model.scores import Scores
from desk.plugin import Strategy


class MeanReversion(Strategy):
    """Buy what has fallen too far below its mean, sell what has risen too far above it, unless a trend is on.

    It believes that a large move without news is a lack of patience, for which whoever waits is paid. The score is
    the distance from the mean in standard deviations beyond the entry band, confirmed by the relative strength index,
    and fades to nothing while the directional index shows a trend. It earns in quiet ranges, many times a little, and
    loses when a range breaks.

    Source: Bollinger, *Bollinger on Bollinger Bands*, 2001; the filter by ADX after Wilder, *New Concepts in Technical
    Trading Systems*, 1978.
    """

    meanings = MappingProxyType(
        {
            "deviations": "Close above its average, in standard deviations; below 0 under it.",
            "rsi": "Relative strength index, 0 to 100: below 50 it fell of late, above it rose.",
            "adx": "Average directional index, 0 to 100: how strong a trend is, up or down.",
            "atr": "Usual range of a candle (average true range), in price.",
        }
    )

    mean_period: int = Field(default=20, ge=5, le=200, description="Candles in the mean and the standard deviation.")
    entry_deviations: float = Field(
        default=1.8, ge=0.5, le=5, description="Standard deviations from the mean up to which there is no opinion."
    )
    full_deviations: float = Field(
        default=2.8, gt=0.5, le=10, description="Standard deviations from the mean from which the opinion is full."
    )
    strength_period: int = Field(default=14, ge=2, le=100, description="Candles in the relative strength index.")
    full_strength: float = Field(
        default=15, ge=1, le=50, description="How far the relative strength index must be from 50 to confirm fully."
    )
    trend_period: int = Field(default=14, ge=2, le=100, description="Candles in the average directional index.")
    calm_adx: float = Field(
        default=25, ge=0, le=100, description="Directional index up to which the market counts as calm."
    )
    trend_adx: float = Field(
        default=40, ge=1, le=100, description="Directional index from which there is no opinion at all."
    )
    atr_period: int = Field(default=14, ge=2, le=100, description="Candles in the average true range.")
    stop_atr: float = Field(default=2.0, ge=0.1, le=20, description="Distance of the stop, in ATR.")
    target_atr: float = Field(default=2.0, ge=0.1, le=40, description="Distance of the target, in ATR.")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.entry_deviations >= self.full_deviations:
            raise ValueError(
                "expected entry_deviations below full_deviations, "
                f"found {self.entry_deviations} and {self.full_deviations}"
            )
        if self.calm_adx >= self.trend_adx:
            raise ValueError(f"expected calm_adx below trend_adx, found {self.calm_adx} and {self.trend_adx}")
        return self

    @property
    def warm_up(self) -> int:
        longest_wilder = max(self.strength_period, self.trend_period, self.atr_period)
        return max(self.mean_period, wilder_settles(longest_wilder))

    def evaluate(self, market: Market) -> Scores:
        candles = market.own
        high, low, close = candles.high, candles.low, candles.close
        middle, deviation = bollinger(close, self.mean_period)
        distance = (close - middle) / above_noise(deviation, close)
        strength = rsi(close, self.strength_period) - 50
        trend = adx(high, low, close, self.trend_period)
        calm = 1 - ramp(trend, self.calm_adx, self.trend_adx)
        unit = above_noise(atr(high, low, close, self.atr_period), close)
        oversold, overbought = self._stretched(-distance, -strength), self._stretched(distance, strength)
        return Scores(
            score=from_warm_up((oversold - overbought) * calm, self.warm_up),
            stop=from_warm_up(self.stop_atr * unit, self.warm_up),
            target=from_warm_up(self.target_atr * unit, self.warm_up),
            features={"deviations": distance, "rsi": strength + 50, "adx": trend, "atr": unit},
        )

    def _stretched(self, distance: FloatArray, strength: FloatArray) -> FloatArray:
        return ramp(distance, self.entry_deviations, self.full_deviations) * ramp(strength, 0, self.full_strength)
