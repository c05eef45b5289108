"""A folder of the operator's own strategies, each one file."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import desk.strategies
from desk.plugin import Strategy
from desk.registry import Registry

_HEAD = '''
"""A stand-in."""

import numpy as np
from pydantic import Field

from desk.indicators.scoring import from_warm_up, ramp
from desk.indicators.trend import ema
from desk.indicators.volatility import above_noise, atr
from desk.model.timeframe import Timeframe
from desk.plugin import Strategy
from desk.model.scores import Scores


class StandIn(Strategy):
    """Buy above the average close and sell below it, to show that one file is all a strategy needs."""

    period: int = Field(default=20, ge=2, le=100, description="Candles in the average.")
'''

_TAIL = """
    @property
    def warm_up(self):
        return 3 * max(self.period, 27)

    def evaluate(self, market):
        candles = market.own
        close = candles.close
        unit = above_noise(atr(candles.high, candles.low, close, 14), close)
        distance = (close - ema(close, self.period)) / unit
        {body}
        score = ramp(distance, 0.5, 3) - ramp(-distance, 0.5, 3)
        stop = from_warm_up(2 * unit, self.warm_up)
        return Scores({score}, stop, stop, {{}})
"""


@pytest.fixture
def write_strategy(tmp_path: Path) -> Iterator[Callable[..., Strategy]]:
    """Write `stand_in.py` into a folder, find it there, and return it; its module is forgotten afterwards."""

    def write(body: str = "", *, score: str = "from_warm_up(score, self.warm_up)", timeframes: str = "()") -> Strategy:
        declared = f"\n    timeframes = {timeframes}\n"
        (tmp_path / "stand_in.py").write_text(_HEAD + declared + _TAIL.format(body=body or "pass", score=score))
        return Registry("strategy", "desk.strategies", Strategy, [tmp_path]).build("stand_in", {})

    yield write
    if sys.modules.pop("desk.strategies.stand_in", None) is not None:
        del desk.strategies.stand_in
