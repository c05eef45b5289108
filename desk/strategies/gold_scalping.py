"""Step into a strong trend of gold at the first pause."""

from types import MappingProxyType
from typing import Self

from pydantic import Field, model_validator

from desk.indicators.scoring import ema_settles, from_warm_up, ramp, wilder_settles
from desk.indicators.trend import adx, direction, ema
from desk.indicators.volatility import above_noise, atr
from desk.model.candles import FloatArray
from desk.model.market import Market
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe
from desk.plugin import Strategy


class GoldScalping(Strategy):
    """Buy the way back to the average while a strong trend leads up, sell it while one leads down.

    It believes that a trend of gold that is strong on short candles takes up again after those who came early have
    taken their profit. The score is the strength of the trend by the directional index and its side by the
    directional indicators, as long as the close is at its exponential average or a little beyond. It earns a little
    many times while gold runs, and loses when the pause is the turn. Costs decide: it needs a tight spread.

    Source: the "Holy Grail" of Connors and Raschke, *Street Smarts*, 1995; ADX and DI after Wilder, *New Concepts in
    Technical Trading Systems*, 1978.
    """

    usual_timeframe = Timeframe.M1
    meanings = MappingProxyType(
        {
            "adx": "Average directional index, 0 to 100: how strong a trend is, up or down.",
            "direction": "Which way the trend points, -100 down to 100 up.",
            "distance_atr": "Close above its average, in ATR; below 0 under it.",
            "atr": "Usual range of a candle (average true range), in price.",
        }
    )

    trend_period: int = Field(default=14, ge=2, le=60, description="Candles in the directional index.")
    entry_adx: float = Field(default=20, ge=5, le=60, description="Directional index up to which there is no opinion.")
    full_adx: float = Field(
        default=32, ge=10, le=90, description="Directional index from which the trend counts fully."
    )
    full_direction: float = Field(
        default=10, ge=1, le=60, description="Difference of the directional indicators from which its side is certain."
    )
    mean_period: int = Field(default=20, ge=2, le=100, description="Candles in the average that is waited for.")
    pause_atr: float = Field(
        default=0.5, ge=0.1, le=3, description="Distance from the average, in ATR, beyond which it is no pause yet."
    )
    turn_atr: float = Field(
        default=2.0, ge=0.5, le=6, description="Distance beyond the average, in ATR, from which it counts as a turn."
    )
    atr_period: int = Field(default=14, ge=2, le=60, description="Candles in the average true range.")
    stop_atr: float = Field(default=2.0, ge=0.1, le=20, description="Distance of the stop, in ATR.")
    target_atr: float = Field(default=2.5, ge=0.1, le=40, description="Distance of the target, in ATR.")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.entry_adx >= self.full_adx:
            raise ValueError(f"expected entry_adx below full_adx, found {self.entry_adx} and {self.full_adx}")
        return self

    @property
    def warm_up(self) -> int:
        return max(wilder_settles(max(self.trend_period, self.atr_period)), ema_settles(self.mean_period))

    def evaluate(self, market: Market) -> Scores:
        candles = market.own
        high, low, close = candles.high, candles.low, candles.close
        unit = above_noise(atr(high, low, close, self.atr_period), close)
        strength, side = adx(high, low, close, self.trend_period), direction(high, low, close, self.trend_period)
        distance = (close - ema(close, self.mean_period)) / unit
        trend = ramp(strength, self.entry_adx, self.full_adx)
        up = ramp(side, 0, self.full_direction) * self._paused(distance)
        down = ramp(-side, 0, self.full_direction) * self._paused(-distance)
        return Scores(
            score=from_warm_up(trend * (up - down), self.warm_up),
            stop=from_warm_up(self.stop_atr * unit, self.warm_up),
            target=from_warm_up(self.target_atr * unit, self.warm_up),
            features={"adx": strength, "direction": side, "distance_atr": distance, "atr": unit},
        )

    def _paused(self, distance: FloatArray) -> FloatArray:
        """1 at the average; less above it, and less the further below it."""
        return ramp(-distance, -self.pause_atr, 0) * (1 - ramp(-distance, self.turn_atr / 2, self.turn_atr))
