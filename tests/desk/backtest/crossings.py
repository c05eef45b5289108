"""A strategy to sweep: crossings of two averages, in a module that a process of a sweep can import."""

import os
from collections.abc import Sequence

import numpy as np

from desk.backtest.rules import Rules, SizedBy, Sizing
from desk.backtest.signals import Signals
from desk.backtest.sweep import Parameters, Shared
from desk.model.candles import Candles, FloatArray

RULES = Rules(cash=1_000.0, sizing=Sizing(SizedBy.EQUITY, 0.5), fee=0.001)
COMPUTED: list[int] = []


def average(candles: Sequence[Candles], period: int) -> FloatArray:
    COMPUTED.append(period)
    summed = np.cumsum(np.concatenate((np.zeros(period), candles[0].close)))
    return (summed[period:] - summed[:-period]) / period


def crossings(shared: Shared, parameters: Parameters) -> list[Signals]:
    is_up = shared(average, parameters["fast"]) > shared(average, parameters["slow"])
    before = np.concatenate(([True], is_up[:-1]))
    return [Signals(enter_long=is_up & ~before, exit_long=~is_up & before, stop=float(parameters.get("stop", 5)))]


def crossings_of_another_process(shared: Shared, parameters: Parameters) -> list[Signals]:
    assert os.getpid() != parameters["parent"]
    return crossings(shared, parameters)
