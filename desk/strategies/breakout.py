"""Go with a close outside the recent range when range and volume confirm it."""

from types import MappingProxyType
from typing import Self

from pydantic import Field, model_validator

from desk.indicators.channel import donchian, relative_volume
from desk.indicators.scoring import from_warm_up, ramp, wilder_settles
from desk.indicators.volatility import above_noise, atr, true_range
from desk.model.market import Market
from desk.model.scores import Scores
from desk.plugin import Strategy

_UNCONVINCING = 0.5
"""Multiple of the usual range or volume up to which a candle confirms nothing."""


class Breakout(Strategy):
    """Buy a close above the highest high of the recent past, sell a close below its lowest low.

    It believes that a price nobody paid for a while means that somebody knows or wants something new. The score is
    how far the close lies outside the Donchian channel in units of the average true range, confirmed by a candle
    larger than usual and, where the source tells volume, by more volume than usual. It earns when a quiet market
    wakes up, and loses to false breaks of a range that holds.

    Source: Donchian's channel rule in the form of Faith, *Way of the Turtle*, 2007.
    """

    meanings = MappingProxyType(
        {
            "above_atr": "Close above the channel, in ATR; below 0 it is not above.",
            "below_atr": "Close below the channel, in ATR; below 0 it is not below.",
            "range_atr": "Range of the candle, in ATR.",
            "volume": "Volume as a multiple of the usual.",
            "atr": "Usual range of a candle (average true range), in price.",
        }
    )

    channel_period: int = Field(default=40, ge=5, le=400, description="Earlier candles that make the channel.")
    entry_excess: float = Field(
        default=0.05, ge=0, le=5, description="Distance outside the channel, in ATR, up to which there is no opinion."
    )
    full_excess: float = Field(
        default=0.75, ge=0.1, le=10, description="Distance outside the channel, in ATR, from which the opinion is full."
    )
    full_range: float = Field(
        default=1.2, gt=_UNCONVINCING, le=10, description="Range of the candle, in ATR, from which it confirms fully."
    )
    volume_period: int = Field(default=40, ge=2, le=400, description="Earlier candles that make the usual volume.")
    full_volume: float = Field(
        default=1.0, gt=_UNCONVINCING, le=10, description="Multiple of the usual volume from which it confirms fully."
    )
    atr_period: int = Field(default=14, ge=2, le=100, description="Candles in the average true range.")
    stop_atr: float = Field(default=2.0, ge=0.1, le=20, description="Distance of the stop, in ATR.")
    target_atr: float = Field(default=4.0, ge=0.1, le=40, description="Distance of the target, in ATR.")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.entry_excess >= self.full_excess:
            raise ValueError(
                f"expected entry_excess below full_excess, found {self.entry_excess} and {self.full_excess}"
            )
        return self

    @property
    def warm_up(self) -> int:
        return max(self.channel_period + 1, self.volume_period + 1, wilder_settles(self.atr_period))

    def evaluate(self, market: Market) -> Scores:
        candles = market.own
        high, low, close = candles.high, candles.low, candles.close
        upper, lower = donchian(high, low, self.channel_period)
        unit = above_noise(atr(high, low, close, self.atr_period), close)
        above, below = (close - upper) / unit, (lower - close) / unit
        size = true_range(high, low, close) / unit
        volume = relative_volume(candles.volume, self.volume_period)
        confirmation = ramp(size, _UNCONVINCING, self.full_range) * ramp(volume, _UNCONVINCING, self.full_volume)
        up, down = (ramp(excess, self.entry_excess, self.full_excess) for excess in (above, below))
        return Scores(
            score=from_warm_up((up - down) * confirmation, self.warm_up),
            stop=from_warm_up(self.stop_atr * unit, self.warm_up),
            target=from_warm_up(self.target_atr * unit, self.warm_up),
            features={"above_atr": above, "below_atr": below, "range_atr": size, "volume": volume, "atr": unit},
        )
