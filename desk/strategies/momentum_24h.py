"""Go with what has moved far within a day."""

from types import MappingProxyType
from typing import Self

from pydantic import Field, model_validator

from desk.indicators.hours import earlier
from desk.indicators.scoring import from_warm_up, known, ramp, wilder_settles
from desk.indicators.volatility import above_noise, atr
from desk.model.market import Market
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe
from desk.plugin import Strategy

_HOUR = Timeframe.H1.seconds


class Momentum24h(Strategy):
    """Buy what has risen by a few percent within 24 hours, sell what has fallen as much.

    It believes that a day on which an instrument moves more than usual brings others to it, who push it further. The
    score is the change of the price since 24 hours ago, by the clock and not by the count of candles, between a first
    and a full threshold. It earns when a move lasts for days, and loses when the crowd arrives at its end. It is made
    for crypto; for currencies the thresholds are to be ten times as small. It goes with a sizing that spends the same
    part of the balance on each signal, usually a twentieth.

    Source: Moskowitz, Ooi and Pedersen, *Time series momentum*, Journal of Financial Economics 104, 2012; Liu and
    Tsyvinski, *Risks and returns of cryptocurrency*, Review of Financial Studies 34, 2021, for horizons of days.
    """

    usual_timeframe = Timeframe.M5
    timeframes = (Timeframe.H1,)
    meanings = MappingProxyType(
        {
            "change": "Change of price over the hours looked back, as a fraction.",
            "atr": "Usual range of a candle (average true range), in price.",
        }
    )

    hours: int = Field(default=24, ge=1, le=168, description="Hours over which the change is taken.")
    entry_change: float = Field(
        default=0.02, ge=0.0005, le=0.5, description="Change, as a fraction, up to which there is no opinion."
    )
    full_change: float = Field(
        default=0.06, ge=0.001, le=1, description="Change, as a fraction, from which the opinion is full."
    )
    atr_period: int = Field(default=14, ge=2, le=100, description="Candles in the average true range.")
    stop_atr: float = Field(default=4.0, ge=0.1, le=40, description="Distance of the stop, in ATR.")
    target_atr: float = Field(default=8.0, ge=0.1, le=80, description="Distance of the target, in ATR.")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.entry_change >= self.full_change:
            raise ValueError(
                f"expected entry_change below full_change, found {self.entry_change} and {self.full_change}"
            )
        return self

    @property
    def warm_up(self) -> int:
        return max(self.hours + 1, wilder_settles(self.atr_period))

    def evaluate(self, market: Market) -> Scores:
        candles, hourly = market.own, market.candles(Timeframe.H1)
        then = market.align(Timeframe.H1, earlier(hourly.close_times, hourly.close, self.hours * _HOUR))
        change = candles.close / then - 1
        unit = above_noise(atr(candles.high, candles.low, candles.close, self.atr_period), candles.close)
        up, down = (ramp(known(side), self.entry_change, self.full_change) for side in (change, -change))
        return Scores(
            score=from_warm_up(up - down, self.warm_up),
            stop=from_warm_up(self.stop_atr * unit, self.warm_up),
            target=from_warm_up(self.target_atr * unit, self.warm_up),
            features={"change": change, "atr": unit},
        )
