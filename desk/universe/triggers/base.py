"""What a trigger is: a figure of every closed candle, signed by where it points, and how large it must be."""

from abc import ABC, abstractmethod

import numpy as np
from pydantic import BaseModel, ConfigDict

from desk.model.candles import Candles, FloatArray


class Trigger(BaseModel, ABC):
    """Something that happens in a market and points up or down."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @property
    @abstractmethod
    def warm_up(self) -> int:
        """How many closed candles it needs before its first figure, those of the average true range aside."""

    @property
    @abstractmethod
    def threshold(self) -> float:
        """The figure, above 0, from which on it fires."""

    @abstractmethod
    def measure(self, candles: Candles, unit: FloatArray) -> FloatArray:
        """Return a figure per candle, above 0 where it points up and below 0 where it points down.

        An element uses its own candle and earlier ones only; NaN while warming up.

        Args:
            candles: closed ones.
            unit: the average true range at each of them, above 0.
        """

    def points(self, candles: Candles, unit: FloatArray) -> FloatArray:
        """Return +1 or -1 where it fires, by the direction, and 0 elsewhere."""
        measured = np.nan_to_num(self.measure(candles, unit), nan=0.0)
        return np.sign(measured) * (np.abs(measured) >= self.threshold)
