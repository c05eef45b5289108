"""Recorded columns to be examined: a quiet market, five minutes a candle, from a Monday noon on."""

from datetime import UTC, datetime

import numpy as np

from desk.candle_checks.columns import Columns
from desk.model.timeframe import Timeframe

M5 = Timeframe.M5
NOON = datetime(2026, 1, 12, 12, 0, tzinfo=UTC)
FIRST = int(NOON.timestamp())


def recorded(count=50, *, sides=False, volume=True, seed=3, first=FIRST):
    generator = np.random.default_rng(seed)
    closes = 1.1 * np.exp(np.cumsum(generator.normal(0, 1e-4, count + 1)))
    opens, closes = closes[:-1], closes[1:]
    bars = {
        "open": opens,
        "high": np.maximum(opens, closes) + 2e-5,
        "low": np.minimum(opens, closes) - 2e-5,
        "close": closes,
    }
    values = dict(bars)
    if volume:
        values["volume"] = generator.integers(1, 100, count).astype(float)
    for side, shift in (("bid", -1e-5), ("ask", 1e-5)) if sides else ():
        values |= {f"{side}_{name}": prices + shift for name, prices in bars.items()}
    return Columns(first + M5.seconds * np.arange(count, dtype=np.int64), values)


def changed(columns, name, row, value):
    """The same with one other value."""
    time = columns.time.copy()
    values = {one: found.copy() for one, found in columns.values.items()}
    (time if name == "time" else values[name])[row] = value
    return Columns(time, values)
