"""Stay at the edge of a long price channel while the trend is strong."""

from types import MappingProxyType
from typing import Self

from pydantic import Field, model_validator

from desk.indicators.channel import donchian
from desk.indicators.scoring import from_warm_up, ramp, wilder_settles
from desk.indicators.trend import adx
from desk.indicators.volatility import above_noise, atr
from desk.model.market import Market
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe
from desk.plugin import Strategy


class TrendFollowing(Strategy):
    """Be long near the highest prices of a long channel and short near the lowest, when there is a trend.

    It believes that the few moves that go far pay for the many that do not, and that nobody can tell them apart at
    the beginning. The score is where the close lies in the Donchian channel of the turtles, counted from the edge and
    confirmed by the directional index; unlike a breakout it stays as long as the price does. It earns in a few long
    moves a year with a far target, and loses a little in most of its trades.

    Source: Donchian's channel in the form of Faith, *Way of the Turtle*, 2007 (55 candles, stop at two "N"); the filter
    by ADX after Wilder, *New Concepts in Technical Trading Systems*, 1978.
    """

    usual_timeframe = Timeframe.H4
    meanings = MappingProxyType(
        {
            "place": "Where the close lies in the channel: -1 at its low, 0 in the middle, 1 at its high.",
            "adx": "Average directional index, 0 to 100: how strong a trend is, up or down.",
            "atr": "Usual range of a candle (average true range), in price.",
        }
    )

    channel_period: int = Field(default=55, ge=10, le=400, description="Earlier candles that make the channel.")
    entry_position: float = Field(
        default=0.6, ge=0.1, le=1, description="Place in the channel, 1 is its edge, up to which there is no opinion."
    )
    full_position: float = Field(
        default=1.0, ge=0.2, le=2, description="Place in the channel, 1 is its edge, from which the opinion is full."
    )
    trend_period: int = Field(default=14, ge=2, le=100, description="Candles in the directional index.")
    entry_adx: float = Field(default=18, ge=0, le=60, description="Directional index up to which there is no trend.")
    full_adx: float = Field(default=30, ge=1, le=90, description="Directional index from which the trend counts fully.")
    atr_period: int = Field(default=20, ge=2, le=100, description="Candles in the average true range, the turtles' N.")
    stop_atr: float = Field(default=2.0, ge=0.1, le=20, description="Distance of the stop, in ATR.")
    target_atr: float = Field(default=10.0, ge=0.1, le=80, description="Distance of the target, in ATR.")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.entry_position >= self.full_position:
            raise ValueError(
                f"expected entry_position below full_position, found {self.entry_position} and {self.full_position}"
            )
        if self.entry_adx >= self.full_adx:
            raise ValueError(f"expected entry_adx below full_adx, found {self.entry_adx} and {self.full_adx}")
        return self

    @property
    def warm_up(self) -> int:
        return max(self.channel_period + 1, wilder_settles(max(self.trend_period, self.atr_period)))

    def evaluate(self, market: Market) -> Scores:
        candles = market.own
        high, low, close = candles.high, candles.low, candles.close
        upper, lower = donchian(high, low, self.channel_period)
        place = (close - (upper + lower) / 2) / above_noise((upper - lower) / 2, close)
        strength = adx(high, low, close, self.trend_period)
        unit = above_noise(atr(high, low, close, self.atr_period), close)
        up, down = (ramp(side, self.entry_position, self.full_position) for side in (place, -place))
        return Scores(
            score=from_warm_up((up - down) * ramp(strength, self.entry_adx, self.full_adx), self.warm_up),
            stop=from_warm_up(self.stop_atr * unit, self.warm_up),
            target=from_warm_up(self.target_atr * unit, self.warm_up),
            features={"place": place, "adx": strength, "atr": unit},
        )
