"""The reference of the shared benchmark: its data, its indicators and its plain loop, read from ../shared."""

import ast
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from desk.backtest.rules import Distance, Rules, SizedBy, Sizing
from desk.backtest.signals import Signals
from desk.model.candles import Candles, FloatArray
from desk.model.timeframe import Timeframe

PEERS = Path(__file__).parents[4] / "shared" / "peers"
CASH, FRACTION, FEE, WARM_UP = 1_000_000.0, 0.045, 0.0005, 50
RULES = Rules(cash=CASH, sizing=Sizing(SizedBy.EQUITY, FRACTION), fee=FEE, distance=Distance.UNIT)


@dataclass(frozen=True)
class Series:
    """One made instrument and the three indicators of the shared strategy."""

    bars: dict[str, FloatArray]
    fast: FloatArray
    slow: FloatArray
    range_: FloatArray

    def candles(self, name: str) -> Candles:
        time = 1_577_836_800 + 60 * np.arange(len(self.fast))
        return Candles(
            name, Timeframe.M1, time, *(self.bars[key] for key in ("open", "high", "low", "close", "volume"))
        )

    def signals(self) -> Signals:
        up = self.fast > self.slow
        enter, leave = np.zeros(len(up), bool), np.zeros(len(up), bool)
        enter[1:], leave[1:] = up[1:] & ~up[:-1], ~up[1:] & up[:-1]
        enter[:WARM_UP] = False
        return Signals(enter_long=enter, exit_long=leave, stop=2.0, target=3.0, unit=self.range_)


@cache
def series(rows: int, seed: int) -> Series:
    bars = _benchlib().gen_bars(rows, seed)
    floor = _functions()
    fast, slow = floor["ema"](bars["close"], 20), floor["ema"](bars["close"], 50)
    return Series(bars, fast, slow, floor["atr"](bars["high"], bars["low"], bars["close"], 14))


def reference(
    all_series: list[Series], cash: float = CASH, fraction: float = FRACTION, slippage: float = 0.0, trail: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Return the trades (instrument, entry row, exit row, entry price, exit price, profit) and the equity."""
    stacked = [np.stack([one.bars[key] for one in all_series], axis=1) for key in ("open", "high", "low", "close")]
    stacked += [np.stack([getattr(one, name) for one in all_series], axis=1) for name in ("fast", "slow", "range_")]
    rows, instruments = stacked[0].shape
    trades, equity = np.empty((rows * instruments // 4 + 8, 6)), np.full(rows, cash)
    options = (cash, fraction, FEE, slippage, 2.0, 3.0, trail, WARM_UP)
    count = _functions()["simulate"](*stacked, *options, trades, equity)
    return trades[:count], equity


@cache
def _functions() -> dict[str, Callable[..., Any]]:
    # The file runs its benchmark when it is imported: take the three functions without their decorators.
    tree = ast.parse((PEERS / "peers" / "floor.py").read_text(encoding="utf-8"))
    wanted = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in ("ema", "atr", "simulate")
    ]
    for node in wanted:
        node.decorator_list = []
    names: dict[str, Any] = {"np": np}
    exec(compile(ast.Module(wanted, []), "floor.py", "exec"), names)
    return names


@cache
def _benchlib() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchlib", PEERS / "benchlib.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    module.np = np  # its annotations name it  # type: ignore[attr-defined]
    # Compiled here and not imported: nothing may be written into a folder that is not ours.
    exec(compile((PEERS / "benchlib.py").read_text(encoding="utf-8"), "benchlib.py", "exec"), module.__dict__)
    return module
