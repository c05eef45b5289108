"""Lean to the side of the order book that is about to give way."""

from types import MappingProxyType
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from desk.indicators.scoring import from_warm_up, known, ramp, wilder_settles
from desk.indicators.volatility import above_noise, atr
from desk.model.candles import FloatArray
from desk.model.market import Market
from desk.model.scores import Scores
from desk.model.timeframe import Timeframe
from desk.plugin import Strategy

_IMBALANCE, _MICRO_PRICE = "book_imbalance", "micro_price"


class Hft(Strategy):
    """Buy when far more is bid than offered and the micro-price lies above the last close, sell when it is the reverse.

    It believes that the thinner side of the best prices is the next to be eaten. The score is the imbalance of the
    book, from -1 to 1, confirmed by the distance of the micro-price from the close. It reads the series
    `book_imbalance` and `micro_price`, and has no opinion where either is unknown or older than a few seconds. What it
    sees lasts for seconds: on one scan a candle it can only lean, and costs decide more than anything else.

    Source: Cont, Kukanov and Stoikov, *The Price Impact of Order Book Events*, Journal of Financial Econometrics 12,
    2014; Stoikov, *The Micro-Price: A High-Frequency Estimator of Future Prices*, Quantitative Finance 18, 2018.
    """

    usual_timeframe = Timeframe.M1
    series = (_IMBALANCE, _MICRO_PRICE)
    meanings = MappingProxyType(
        {
            "imbalance": "What waits to buy against what waits to sell, -1 to 1.",
            "micro_price_atr": "Price that the book leans to above the close, in ATR; below 0 under it.",
            "atr": "Usual range of a candle (average true range), in price.",
        }
    )

    entry_imbalance: float = Field(
        default=0.3, ge=0.01, le=0.95, description="Imbalance of the book up to which there is no opinion."
    )
    full_imbalance: float = Field(
        default=0.7, ge=0.02, le=1, description="Imbalance of the book from which the opinion is full."
    )
    full_distance: float = Field(
        default=0.1, ge=0.001, le=5, description="Distance of the micro-price, in ATR, from which it confirms fully."
    )
    oldest: float = Field(
        default=20, ge=0.1, le=600, description="Seconds after which what is known of the book is not believed."
    )
    atr_period: int = Field(default=14, ge=2, le=100, description="Candles in the average true range.")
    stop_atr: float = Field(default=1.0, ge=0.1, le=20, description="Distance of the stop, in ATR.")
    target_atr: float = Field(default=1.0, ge=0.1, le=40, description="Distance of the target, in ATR.")

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.entry_imbalance >= self.full_imbalance:
            raise ValueError(
                f"expected entry_imbalance below full_imbalance, found {self.entry_imbalance} and {self.full_imbalance}"
            )
        return self

    @property
    def warm_up(self) -> int:
        return wilder_settles(self.atr_period)

    def evaluate(self, market: Market) -> Scores:
        candles = market.own
        close = candles.close
        unit = above_noise(atr(candles.high, candles.low, close, self.atr_period), close)
        imbalance = self._fresh(market, _IMBALANCE)
        distance = (self._fresh(market, _MICRO_PRICE) - close) / unit
        up, down = self._leaning(imbalance, distance), self._leaning(-imbalance, -distance)
        return Scores(
            score=from_warm_up(up - down, self.warm_up),
            stop=from_warm_up(self.stop_atr * unit, self.warm_up),
            target=from_warm_up(self.target_atr * unit, self.warm_up),
            features={"imbalance": imbalance, "micro_price_atr": distance, "atr": unit},
        )

    def _fresh(self, market: Market, name: str) -> FloatArray:
        return np.where(market.age(name) <= self.oldest, market.latest(name), np.nan)

    def _leaning(self, imbalance: FloatArray, distance: FloatArray) -> FloatArray:
        side = ramp(known(imbalance), self.entry_imbalance, self.full_imbalance)
        return side * ramp(known(distance), 0, self.full_distance)
