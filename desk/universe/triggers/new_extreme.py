"""Fires where the close is above every high, or below every low, of the candles before it."""

from typing import Literal

import numpy as np
from pydantic import Field

from desk.indicators.channel import donchian
from desk.model.candles import Candles, FloatArray
from desk.universe.triggers.base import Trigger


class NewExtreme(Trigger):
    """The close is above the highest high of the candles before, or below their lowest low, by a margin."""

    kind: Literal["new_extreme"] = Field(description="new_extreme: a new high or low")
    candles: int = Field(
        default=96, ge=2, le=1000, description="a whole number from 2 to 1000: candles before whose extremes count"
    )
    margin_atr: float = Field(
        default=0.1, ge=0.01, le=10, description="a number from 0.01 to 10: by how many average true ranges"
    )

    @property
    def warm_up(self) -> int:
        return self.candles + 1

    @property
    def threshold(self) -> float:
        return self.margin_atr

    def measure(self, candles: Candles, unit: FloatArray) -> FloatArray:
        upper, lower = donchian(candles.high, candles.low, self.candles)
        above, below = candles.close - upper, lower - candles.close
        return (np.maximum(above, 0.0) - np.maximum(below, 0.0)) / unit

    def __str__(self) -> str:
        return f"a close beyond those of {self.candles} candles by {self.margin_atr:g} ATR"
