"""How far trades and equity of ours lie from those of the floor: the gate before any speed."""

import os
from pathlib import Path

import numpy as np

from desk.model.candles import FloatArray

VARIABLE = "DESK_PEERS_REFERENCE"


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


def _ordered(name: str, values: FloatArray) -> FloatArray:
    return values[np.lexsort((values[:, 0], values[:, 1]))] if name == "trades" else values


def _difference(expected: FloatArray, found: FloatArray) -> float:
    if expected.shape != found.shape:
        return np.inf
    worst = np.max(np.abs(found - expected) / np.maximum(1.0, np.abs(expected)), initial=0.0)
    return float(worst) if np.isfinite(worst) else np.inf
