"""How long a million candles take from a recording to validated arrays, beside a plain read of the same file.

The goal is judged by the CPU time: all is in memory, so that on a machine with nothing else to do it is never less than
what a clock shows, and what others do does not count.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from pyarrow import parquet

from benchmarks.figures import Figure, alternate
from desk.adapters.data.keeping import Batch, keep
from desk.adapters.data.names import SeriesName
from desk.adapters.data.stored import load
from desk.candle_checks.columns import PRICES, SIDES, Columns, Side
from desk.model.timeframe import Timeframe

CANDLES = 1_000_000
MOST_SECONDS = 0.1
_NAME = SeriesName("made", "EUR/USD", Timeframe.M1)
_PLAIN = ("time", *PRICES, "volume")


def measure() -> Iterator[Figure]:
    """Measure prices alone and both sides, from a file that the machine has in memory."""
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
        batch = Batch(_NAME, made(CANDLES), "a made market")
        path = keep(Path(folder), batch, written_at=datetime(2026, 1, 1, tzinfo=UTC)).path
        yield _figure("A million candles loaded", path, (), _PLAIN)
        yield _figure("A million candles with bid and ask loaded", path, SIDES, None)


def made(count: int) -> Columns:
    """Return minutes of a made market with both sides."""
    generator = np.random.default_rng(7)
    closes = 1.1 * np.exp(np.cumsum(generator.normal(0, 1e-4, count + 1)))
    opens, closes = closes[:-1], closes[1:]
    bars = (opens, np.maximum(opens, closes) * 1.0001, np.minimum(opens, closes) * 0.9999, closes)
    values = dict(zip(PRICES, bars, strict=True)) | {"volume": generator.integers(1, 500, count).astype(np.float64)}
    for side, factor in (("bid", 0.99999), ("ask", 1.00001)):
        values |= {f"{side}_{price}": prices * factor for price, prices in zip(PRICES, bars, strict=True)}
    first = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp())
    return Columns(first + 60 * np.arange(count, dtype=np.int64), values)


def _figure(what: str, path: Path, sides: tuple[Side, ...], columns: tuple[str, ...] | None) -> Figure:
    async def ours(_: int) -> object:
        return load(path, sides)

    async def plain(_: int) -> object:
        return parquet.read_table(path, columns=columns and list(columns), memory_map=True)

    our, their = asyncio.run(alternate(15, ours, plain))
    return Figure(
        what,
        f"{our.cpu * 1000:.0f} ms of CPU, validated; {our.wall * 1000:.0f} ms by the clock",
        f"{our.cpu / their.cpu:.1f} times pyarrow's read of the same columns, {their.cpu * 1000:.0f} ms",
        f"at most {MOST_SECONDS:.1f} s",
        our.cpu <= MOST_SECONDS,
    )
