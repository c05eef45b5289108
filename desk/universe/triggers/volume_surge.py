"""Fires where much more is traded than usual; it points where the candle went."""

from typing import Literal

import numpy as np
from pydantic import Field

from desk.indicators.channel import relative_volume
from desk.model.candles import Candles, FloatArray
from desk.universe.triggers.base import Trigger


class VolumeSurge(Trigger):
    """Much more is traded than usual; it points where the candle went, and never fires without volumes."""

    kind: Literal["volume_surge"] = Field(description="volume_surge: much more is traded than usual")
    multiple: float = Field(
        default=3.0, ge=1.1, le=1000, description="a number from 1.1 to 1000: of the mean volume of the candles before"
    )
    candles: int = Field(
        default=40, ge=2, le=1000, description="a whole number from 2 to 1000: candles that make the usual volume"
    )

    @property
    def warm_up(self) -> int:
        return self.candles + 1

    @property
    def threshold(self) -> float:
        return self.multiple

    def measure(self, candles: Candles, unit: FloatArray) -> FloatArray:
        return relative_volume(candles.volume, self.candles) * np.sign(candles.close - candles.open)

    def __str__(self) -> str:
        return f"{self.multiple:g} times the usual volume of {self.candles} candles"
