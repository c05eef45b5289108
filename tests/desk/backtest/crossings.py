"""A strategy to sweep: crossings of two averages, in a module that a process of a sweep can import."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from desk.backtest.rules import Rules, SizedBy, Sizing
from desk.backtest.signals import Signals
from desk.backtest.sweep import Parameters, Shared, Sweep, grid, run_sweep
from desk.model.candles import Candles, FloatArray
from desk.model.timeframe import Timeframe

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


def crossings_that_take_their_time(shared: Shared, parameters: Parameters) -> list[Signals]:
    Path(str(parameters["file"])).write_text(str(os.getpid()))
    time.sleep(60)
    return crossings(shared, parameters)


def sweep_slowly(file: str) -> None:
    """Begin a sweep in other processes, each of which writes its id."""
    prices = np.full(5, 100.0)
    candles = Candles("EUR/USD", Timeframe.M1, 60 * np.arange(5), prices, prices, prices, prices, prices)
    run_sweep(Sweep([candles], crossings_that_take_their_time, RULES, grid(file=[file], fast=[2], slow=[3])), workers=2)
