"""How far trades and equity of ours lie from those of the floor: the gate before any speed."""

import os
from pathlib import Path
from typing import TypeVar

import numpy as np

from desk.model.candles import FloatArray, IntArray

Table = TypeVar("Table", FloatArray, IntArray)

VARIABLE = "DESK_PEERS_REFERENCE"
_ALLOWED = {"a": 1e-4, "c": 0.2}
"""How far the equity of full decisions may be from the floor's at the end, as a fraction; measured 2.4e-5 and 0.15."""
_MOVED = 0.01
"""How many exits, as a fraction, may be of another candle; measured 3 of 1,024 on case a."""


def reference_file(cache: Path, case: str) -> Path:
    """Where what the floor did on a case is kept."""
    return cache / "reference" / f"{case}.npz"


def compared(case: str, **found: FloatArray) -> dict[str, object]:
    """Return what a script of ours reports: `apart`, the largest relative difference, and where it is.

    Trades are rows of instrument, entry row, exit row, entry price, exit price and profit, in any order; the floor's
    are those that had ended.
    """
    with np.load(reference_file(Path(os.environ[VARIABLE]), case)) as reference:
        differences = {
            name: _difference(_ordered(name, reference[name]), _ordered(name, found[name])) for name in found
        }
    worst = max(differences, key=lambda name: differences[name])
    apart = differences[worst]
    return {"apart": min(apart, 1e300), "difference": f"{worst} by {apart:.2g}, at most 1e-9 of a value is allowed"}


def compared_closely(case: str, rows: IntArray, final: float) -> dict[str, object]:
    """Return the same of full decisions, which cannot come to the floor's money to the last digit.

    The desk rounds quantities to lots and levels to ticks, so a level may be touched one candle earlier or later; and
    it sizes by what is free, where the floor sizes by the equity: with one instrument that is the same, with twenty it
    trades less while it holds others. Every entry must be of the same candle, and of a hundred exits all but one.

    Args:
        case: which data.
        rows: of each trade that has ended: instrument, entry row, exit row.
        final: the equity at the end.
    """
    with np.load(reference_file(Path(os.environ[VARIABLE]), case)) as reference:
        expected = _ordered("trades", reference["trades"][:, :3])
        equity = float(reference["equity"][-1])
    found, allowed = _ordered("trades", rows), _ALLOWED[case]
    apart = abs(final - equity) / equity
    if len(found) != len(expected) or not np.array_equal(found[:, :2], expected[:, :2]):
        return {"apart": 1e300, "allowed": allowed, "difference": f"{len(found)} trades, or other entries"}
    moved = int((found[:, 2] != expected[:, 2]).sum())
    told = {"allowed": allowed, "moved_exits": moved}
    if moved > len(found) * _MOVED:
        return {**told, "apart": 1e300, "difference": f"{moved} exits of another candle"}
    return {**told, "apart": apart, "difference": f"equity by {apart:.2g}, at most {allowed} is allowed"}


def _ordered(name: str, values: Table) -> Table:
    return values[np.lexsort((values[:, 0], values[:, 1]))] if name == "trades" else values


def _difference(expected: FloatArray, found: FloatArray) -> float:
    if expected.shape != found.shape:
        return np.inf
    worst = np.max(np.abs(found - expected) / np.maximum(1.0, np.abs(expected)), initial=0.0)
    return float(worst) if np.isfinite(worst) else np.inf
