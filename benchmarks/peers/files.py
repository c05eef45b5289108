"""Writes the candles of a case as recordings, beside the configuration that names them; run alone: `files.py CASE`."""

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import benchlib  # type: ignore[import-not-found]

from benchmarks.peers.command import name_of
from benchmarks.peers.ours import open_times, recording, recordings
from desk.adapters.data.keeping import Batch, keep
from desk.adapters.data.names import SeriesName
from desk.candle_checks.columns import Columns
from desk.model.timeframe import Timeframe


def main() -> None:
    """Write the files of a case that are not there yet, as `desk data import` does, and the configuration anew."""
    case = sys.argv[1]
    for place, bars in enumerate(benchlib.load_npz(case)):
        if not recording(case, place).exists():
            name = SeriesName("peers", name_of(place), Timeframe.M1)
            batch = Batch(name, Columns(open_times(len(bars["close"])), bars), "the peers' data")
            keep(recordings() / case, batch, written_at=datetime.now(UTC))
    source = Path(__file__).parent / "installation"
    shutil.copytree(source, recordings() / "config", ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)


if __name__ == "__main__":
    main()
