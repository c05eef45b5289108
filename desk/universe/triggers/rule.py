"""Which trade follows from triggers: when all of them point one way, then this side, size, conviction and barriers."""

from enum import StrEnum
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from desk.model.candles import Candles, FloatArray
from desk.universe.triggers.new_extreme import NewExtreme
from desk.universe.triggers.price_move import PriceMove
from desk.universe.triggers.volume_surge import VolumeSurge


class RuleSide(StrEnum):
    """Which side a rule takes, by the direction in which its triggers point."""

    WITH = "with"
    AGAINST = "against"
    LONG = "long"
    SHORT = "short"


class Direction(StrEnum):
    """In which direction triggers must point."""

    UP = "up"
    DOWN = "down"
    EITHER = "either"


AnyTrigger = Annotated[
    PriceMove | VolumeSurge | NewExtreme,
    Field(discriminator="kind", description="a trigger of kind price_move, volume_surge or new_extreme"),
]


class Rule(BaseModel):
    """When all triggers point in one direction, then a trade of this side, size and conviction."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    when: tuple[AnyTrigger, ...] = Field(
        min_length=1, max_length=4, description="a list of 1 to 4 triggers: all of them must point the same way"
    )
    direction: Direction = Field(
        default=Direction.EITHER, description=f"one of {', '.join(Direction)}: which way the triggers must point"
    )
    side: RuleSide = Field(
        default=RuleSide.WITH,
        description=f"one of {', '.join(RuleSide)}: with the triggers or against them, or always the same",
    )
    size: float = Field(
        default=1.0, gt=0, le=1, description="a fraction above 0, up to 1: of what the policy's sizing allows"
    )
    conviction: float = Field(
        default=0.6,
        gt=0,
        le=1,
        description="a number above 0, up to 1: the score; below the policy's entry_score nothing is traded",
    )
    stop_atr: float = Field(
        default=2.0, ge=0.1, le=20, description="a number from 0.1 to 20: distance of the stop, in average true ranges"
    )
    target_atr: float = Field(default=4.0, ge=0.1, le=40, description="a number from 0.1 to 40: the same of the target")

    @property
    def warm_up(self) -> int:
        """How many closed candles its triggers need."""
        return max(trigger.warm_up for trigger in self.when)

    def score(self, candles: Candles, unit: FloatArray) -> FloatArray:
        """Return the conviction where the rule fires, above 0 to be long, and 0 elsewhere.

        Args:
            candles: closed ones.
            unit: the average true range at each of them, above 0.
        """
        points = np.stack([trigger.points(candles, unit) for trigger in self.when])
        agreed = np.where((points == points[0]).all(axis=0), points[0], 0.0)
        return self._sides(self._wanted(agreed)) * self.conviction + 0.0  # no minus before a zero

    def _wanted(self, points: FloatArray) -> FloatArray:
        if self.direction is Direction.EITHER:
            return points
        wanted = 1.0 if self.direction is Direction.UP else -1.0
        return np.where(points == wanted, points, 0.0)

    def _sides(self, points: FloatArray) -> FloatArray:
        if self.side is RuleSide.WITH:
            return points
        if self.side is RuleSide.AGAINST:
            return -points
        return np.abs(points) if self.side is RuleSide.LONG else -np.abs(points)

    def __str__(self) -> str:
        return " and ".join(str(trigger) for trigger in self.when)
