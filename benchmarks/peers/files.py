"""Writes the candles of a case as Parquet files, one for each instrument; run alone: `python files.py CASE`."""

import sys

import benchlib  # type: ignore[import-not-found]
import pyarrow as pa
import pyarrow.parquet

from benchmarks.peers.ours import candles_of, open_times, parquet_file

COLUMNS = ("time", "open", "high", "low", "close", "volume")


def main() -> None:
    """Write the files of a case that are not there yet."""
    case = sys.argv[1]
    for place, bars in enumerate(benchlib.load_npz(case)):
        target = parquet_file(case, place)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            candles = candles_of(target.stem, bars, open_times(len(bars["close"])))
            table = pa.table({name: getattr(candles, name) for name in COLUMNS})
            pa.parquet.write_table(table, target.with_suffix(".part"), use_dictionary=False, compression="none")
            target.with_suffix(".part").rename(target)


if __name__ == "__main__":
    main()
