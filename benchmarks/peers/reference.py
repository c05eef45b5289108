"""Writes what the floor traded, and its equity after each candle, so that others can be compared with it; run alone.

Runs in the floor's own environment, with the floor's own functions.
"""

import runpy
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np


def main() -> None:
    """Compute one case and write it: `python reference.py FLOOR_SCRIPT CASE FILE`."""
    script, case, target = sys.argv[1:]
    # The script reads the command line and runs a case when it is loaded: the smallest.
    sys.argv = [script, "--case", "s", "--reps", "2"]
    floor = runpy.run_path(script)
    made = _sweep(floor) if case == "sweep" else _simulated(floor, case)
    # An open file, because numpy adds an ending to a name.
    with Path(target).with_suffix(".part").open("wb") as file:
        np.savez(file, **made)
    Path(target).with_suffix(".part").rename(target)


def _simulated(floor: Mapping[str, Any], case: str) -> dict[str, Any]:
    lib = floor["B"]
    data = lib.load_npz(case)
    fast, slow = ([floor["ema"](one["close"], period) for one in data] for period in (lib.FAST, lib.SLOW))
    ranges = [floor["atr"](one["high"], one["low"], one["close"], lib.ATR_N) for one in data]
    prices = ([one[name] for one in data] for name in ("open", "high", "low", "close"))
    grids = [np.ascontiguousarray(np.stack(columns, axis=1)) for columns in (*prices, fast, slow, ranges)]
    trades = np.empty((grids[0].size // 4 + 8, 6))
    equity = np.full(len(grids[0]), lib.CASH)
    terms = (lib.CASH, lib.FRACTION, lib.FEE, 0.0, lib.SL_MULT, lib.TP_MULT, 0.0, 50)
    count = floor["simulate"](*grids, *terms, trades, equity)
    return {"trades": trades[:count], "equity": equity}


def _sweep(floor: Mapping[str, Any]) -> dict[str, Any]:
    lib = floor["B"]
    [one] = lib.load_npz("a")
    fasts, slows = np.array(lib.SWEEP_FAST), np.array(lib.SWEEP_SLOW)
    table = np.zeros((len(fasts) * len(slows), 2))
    floor["sweep_serial"](*(one[name] for name in ("open", "high", "low", "close")), fasts, slows, table)
    return {"table": table}


if __name__ == "__main__":
    main()
