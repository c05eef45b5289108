"""Fires where the price has moved far over a number of candles."""

from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from desk.model.candles import Candles, FloatArray
from desk.universe.triggers.base import Trigger


class PriceMove(Trigger):
    """The price has moved far over a number of candles, as a fraction of it or in average true ranges."""

    kind: Literal["price_move"] = Field(description="price_move: the price has moved far")
    candles: int = Field(
        default=12, ge=1, le=1000, description="a whole number from 1 to 1000: candles over which it has"
    )
    fraction: float | None = Field(
        default=None, ge=1e-5, le=10, description="a fraction from 0.00001 to 10: of the price; or atr instead"
    )
    atr: float | None = Field(
        default=None,
        ge=0.1,
        le=100,
        description="a number from 0.1 to 100: in average true ranges; or fraction instead",
    )

    @model_validator(mode="after")
    def _has_one_measure(self) -> Self:
        if (self.fraction is None) == (self.atr is None):
            found = "neither" if self.atr is None else "both"
            context = {"expected": "either fraction or atr", "found": found, "hint": ""}
            raise PydanticCustomError("unusable", "expected {expected}, found {found}", context)
        return self

    @property
    def warm_up(self) -> int:
        return self.candles + 1

    @property
    def threshold(self) -> float:
        return self.atr or self.fraction or np.inf

    def measure(self, candles: Candles, unit: FloatArray) -> FloatArray:
        close = candles.close
        before = np.full(len(close), np.nan)
        before[self.candles :] = close[: -self.candles]
        move: FloatArray = (close - before) / (before if self.atr is None else unit)
        return move

    def __str__(self) -> str:
        how_far = f"{self.fraction:g} of the price" if self.atr is None else f"{self.atr:g} ATR"
        return f"a move of {how_far} in {self.candles} candles"
