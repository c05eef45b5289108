"""Offset what is held while the market runs against it, instead of selling it."""

from decimal import Decimal
from types import MappingProxyType
from typing import Self

from pydantic import Field, model_validator

from desk.indicators.channel import highest, lowest
from desk.indicators.scoring import from_warm_up, ramp
from desk.indicators.trend import sma
from desk.indicators.volatility import above_noise, true_range
from desk.model.books import Snapshot
from desk.model.instrument import Instrument, Side
from desk.model.market import Market
from desk.model.scores import Scores
from desk.model.trade import Intention, Reduction
from desk.model.views import Signal
from desk.plugin import BookStrategy


class HedgeMode(BookStrategy):
    """Open the opposite position in a perpetual of the same asset while the market runs against what is held.

    It believes that a holding which shall be kept is cheaper to offset for some hours than to sell and to buy back. The
    danger is how far the price has come from one extreme of the recent past, in units of the usual true range, and how
    little from the other. It takes back a part of the holding in another market of the asset that can be sold short,
    and closes what is left of an offset when the holding is gone. An offset ends by its own stop, target and time
    limit, or by a vote against it; this strategy never ends it while there is something to offset. It earns while a
    holding falls for hours, and costs fees twice, and the way back, when the fall is over at once.

    Source: the minimum-variance hedge of Ederington, *The Hedging Performance of the New Futures Markets*, Journal of
    Finance 34, 1979, with a fixed ratio; the distance from an extreme in true ranges after LeBeau's chandelier exit.
    """

    meanings = MappingProxyType(
        {
            "fallen": "Below the highest high of the recent past, in usual ranges.",
            "risen": "Above the lowest low of the recent past, in usual ranges.",
            "true_range": "Usual range of a candle, in price.",
        }
    )

    extreme_period: int = Field(default=24, ge=5, le=200, description="Candles among which the extreme is looked for.")
    usual_period: int = Field(default=80, ge=20, le=300, description="Candles in the usual true range.")
    entry_distance: float = Field(
        default=4.0,
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
    danger: float = Field(default=0.5, ge=0.05, le=1, description="Danger from which something is offset.")
    ratio: float = Field(default=1.0, ge=0.05, le=1, description="Part of the holding that is offset.")
    stop_ranges: float = Field(default=3.0, ge=0.1, le=20, description="Distance of the offset's stop, in true ranges.")
    target_ranges: float = Field(
        default=12.0, ge=0.1, le=60, description="Distance of the offset's target, in true ranges."
    )

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.entry_distance >= self.full_distance:
            raise ValueError(
                f"expected entry_distance below full_distance, found {self.entry_distance} and {self.full_distance}"
            )
        return self

    @property
    def warm_up(self) -> int:
        return max(self.extreme_period, self.usual_period + 1)

    def evaluate(self, market: Market) -> Scores:
        high, low, close = market.own.high, market.own.low, market.own.close
        unit = above_noise(sma(true_range(high, low, close), self.usual_period), close)
        fallen = (highest(high, self.extreme_period) - close) / unit
        risen = (close - lowest(low, self.extreme_period)) / unit
        up, down = (ramp(distance, self.entry_distance, self.full_distance) for distance in (risen, fallen))
        return Scores(
            score=from_warm_up(up - down, self.warm_up),
            stop=from_warm_up(self.stop_ranges * unit, self.warm_up),
            target=from_warm_up(self.target_ranges * unit, self.warm_up),
            features={"fallen": fallen, "risen": risen, "true_range": unit},
        )

    def reduce(self, signal: Signal, snapshot: Snapshot, instrument: Instrument) -> Reduction | None:
        held = snapshot.own_position(instrument.name)
        if held is None:
            return None
        along, against = _held(snapshot, instrument.base, held.side)
        if held.strategy == self.name:
            excess = along - against
            return (
                Reduction(instrument.name, Intention.CLOSE, excess, "nothing to offset is held") if excess > 0 else None
            )
        missing = along * Decimal(repr(self.ratio)) - against
        other = _other_market(snapshot, instrument, held.side)
        if other is None or missing <= 0 or -signal.score * held.side.sign < self.danger:
            return None
        return Reduction(other, Intention.OPEN, missing, f"danger {abs(signal.score):.2f}: {signal.reason}")


def _held(snapshot: Snapshot, base: str, side: Side) -> tuple[Decimal, Decimal]:
    """What is held of an asset on a side and on the other, in base units, both 0 or more."""
    names = {name for name, instrument in snapshot.instruments.items() if instrument.base == base}
    signed = [position.quantity * side.sign for position in snapshot.positions if position.instrument in names]
    along, against = (sum((max(sign * quantity, Decimal(0)) for quantity in signed), Decimal(0)) for sign in (1, -1))
    return along, against


def _other_market(snapshot: Snapshot, instrument: Instrument, side: Side) -> str | None:
    """The first other market of the asset, against the same currency, in which a position of `side` can be offset."""
    same = (
        name
        for name, other in sorted(snapshot.instruments.items())
        if (other.base, other.quote) == (instrument.base, instrument.quote) and (other.can_short or side is Side.SELL)
    )
    return next((name for name in same if name != instrument.name), None)
