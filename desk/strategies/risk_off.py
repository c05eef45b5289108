"""Close what is held when the market breaks away from it."""

from decimal import Decimal
from types import MappingProxyType
from typing import Self

from pydantic import Field, model_validator

from desk.indicators.channel import highest, lowest
from desk.indicators.scoring import from_warm_up, ramp
from desk.indicators.trend import sma
from desk.indicators.volatility import above_noise, true_range
from desk.model.books import Snapshot
from desk.model.instrument import Instrument
from desk.model.market import Market
from desk.model.scores import Scores
from desk.model.trade import Intention, Reduction
from desk.model.views import Signal
from desk.plugin import BookStrategy


class RiskOff(BookStrategy):
    """Close what is held in a market that runs against it and is wilder than usual, sooner in an account that loses.

    It believes that wild markets stay wild and fall further than stops allow for. The danger is how far the price has
    come from the extreme of the recent past and how much wider its candles are than usual, both together. From a
    threshold on, which shrinks while the account is below its highest equity, a part of the position is closed, again
    on each candle for as long as the danger lasts. It opens nothing. It earns in a crash, and loses what a position
    would have made when the market comes back.

    Source: volatility clusters, Mandelbrot, *The Variation of Certain Speculative Prices*, Journal of Business 36,
    1963; less exposure while volatility is high, Moreira and Muir, *Volatility-Managed Portfolios*, Journal of Finance
    72, 2017; less after losses, Grossman and Zhou, *Optimal Investment Strategies for Controlling Drawdowns*, 1993.
    """

    meanings = MappingProxyType(
        {
            "fallen": "Below the highest high of the recent past, in usual ranges.",
            "risen": "Above the lowest low of the recent past, in usual ranges.",
            "wildness": "Range of late as a multiple of the usual.",
            "true_range": "Usual range of a candle, in price.",
        }
    )

    extreme_period: int = Field(default=36, ge=5, le=200, description="Candles among which the extreme is looked for.")
    range_period: int = Field(default=6, ge=2, le=50, description="Candles in the true range of now.")
    usual_period: int = Field(default=100, ge=20, le=300, description="Candles in the usual true range.")
    entry_distance: float = Field(
        default=3.0,
        ge=0.5,
        le=30,
        description="Distance from the extreme, in true ranges, up to which there is no danger.",
    )
    full_distance: float = Field(
        default=8.0,
        ge=1,
        le=60,
        description="Distance from the extreme, in true ranges, from which the danger is full.",
    )
    usual_range: float = Field(
        default=1.0, ge=0.5, le=3, description="Multiple of the usual true range up to which there is no danger."
    )
    full_range: float = Field(
        default=1.6, ge=0.6, le=10, description="Multiple of the usual true range from which the danger is full."
    )
    danger: float = Field(default=0.6, ge=0.05, le=1, description="Danger from which something is closed.")
    full_drawdown: float = Field(
        default=0.1, ge=0.01, le=1, description="Fraction below the highest equity at which half the danger is enough."
    )
    fraction: float = Field(default=1.0, ge=0.05, le=1, description="Part of the position that a candle closes.")
    stop_ranges: float = Field(default=2.0, ge=0.1, le=20, description="Distance told as stop, in true ranges.")
    target_ranges: float = Field(default=4.0, ge=0.1, le=40, description="Distance told as target, in true ranges.")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        for low, high in (("entry_distance", "full_distance"), ("usual_range", "full_range")):
            if getattr(self, low) >= getattr(self, high):
                raise ValueError(f"expected {low} below {high}, found {getattr(self, low)} and {getattr(self, high)}")
        return self

    @property
    def warm_up(self) -> int:
        return max(self.extreme_period, self.range_period + 1, self.usual_period + 1)

    def evaluate(self, market: Market) -> Scores:
        high, low, close = market.own.high, market.own.low, market.own.close
        reach = true_range(high, low, close)
        now, unit = (above_noise(sma(reach, period), close) for period in (self.range_period, self.usual_period))
        fallen = (highest(high, self.extreme_period) - close) / unit
        risen = (close - lowest(low, self.extreme_period)) / unit
        up, down = (ramp(distance, self.entry_distance, self.full_distance) for distance in (risen, fallen))
        wildness = now / unit
        return Scores(
            score=from_warm_up((up - down) * ramp(wildness, self.usual_range, self.full_range), self.warm_up),
            stop=from_warm_up(self.stop_ranges * unit, self.warm_up),
            target=from_warm_up(self.target_ranges * unit, self.warm_up),
            features={"fallen": fallen, "risen": risen, "wildness": wildness, "true_range": unit},
        )

    def reduce(self, signal: Signal, snapshot: Snapshot, instrument: Instrument) -> Reduction | None:
        held = snapshot.own_position(instrument.name)
        if held is None:
            return None
        danger, needed = -signal.score * held.side.sign, self._needed(snapshot)
        if danger < needed:
            return None
        quantity = abs(held.quantity) * Decimal(repr(self.fraction))
        why = f"danger {danger:.2f}, {needed:.2f} is enough: {signal.reason}"
        return Reduction(instrument.name, Intention.CLOSE, quantity, why)

    def _needed(self, snapshot: Snapshot) -> float:
        """The danger that is needed: all of it at the highest equity, half of it from the full drawdown on."""
        equity, peak = snapshot.money.equity, snapshot.peak_equity
        drawdown = float(1 - equity / peak) if peak > 0 else self.full_drawdown
        return self.danger * (1 - 0.5 * min(1.0, max(0.0, drawdown / self.full_drawdown)))
