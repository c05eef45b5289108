"""Reads one Parquet or CSV file of candles, and says where a bad one is bad.

Columns: `time`, the open time as an aware timestamp; then `open`, `high`, `low`, `close`, or `bid_o` … `ask_c` for both
sides (mid prices are then their mean); `volume` or `tick_volume` where known, else 0. Other columns are left alone.
Rows are counted from 1, without the header.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from desk.errors import ConfigError, MalformedCandles
from desk.model.assembling import from_bars, middle
from desk.model.candles import Candles, FloatArray, IntArray, PriceBars
from desk.model.timeframe import Timeframe

if TYPE_CHECKING:  # pyarrow costs 0.1 s to import and is wanted where a file is read only
    import pyarrow as pa

_TRADES = ("open", "high", "low", "close")
_BID = ("bid_o", "bid_h", "bid_l", "bid_c")
_ASK = ("ask_o", "ask_h", "ask_l", "ask_c")
_VOLUMES = ("volume", "tick_volume")
_SUFFIXES = (".parquet", ".csv")


def check_path(path: Path, instrument: str) -> None:
    """Check what can be known without reading.

    Raises:
        ConfigError: there is no such file, or its name ends in neither `.parquet` nor `.csv`.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise ConfigError(f"{path}: expected a file ending in {' or '.join(_SUFFIXES)} for {instrument}")
    if not path.is_file():
        raise ConfigError(f"{path}: expected a file with candles of {instrument}, found none; correct the path")


def read_candles(path: Path, instrument: str, stated: Timeframe | None = None) -> Candles:
    """Return the whole file.

    The timeframe is the smallest step between open times; `stated` is used where that says nothing.

    Raises:
        ConfigError: the file cannot be used: unreadable, a column missing or of a wrong type, naive times, a timeframe
            that is not known.
        MalformedCandles: a value cannot be right: missing, not a number, out of order, duplicate, high below low.
    """
    check_path(path, instrument)
    table = _table(path)
    time = _times(path, table)
    timeframe = _timeframe(path, time, stated)
    volume_column = next((name for name in _VOLUMES if name in table.column_names), None)
    volume = np.zeros(len(time)) if volume_column is None else _numbers(path, table, volume_column)
    try:
        if set(_BID + _ASK) & set(table.column_names):
            bid, ask = _bars(path, table, _BID), _bars(path, table, _ASK)
            return from_bars(instrument, timeframe, time, middle(bid, ask), volume, bid, ask)
        return from_bars(instrument, timeframe, time, _bars(path, table, _TRADES), volume)
    except MalformedCandles as error:
        raise error if str(error).startswith(str(path)) else MalformedCandles(f"{path}: {error}") from error


def _table(path: Path) -> "pa.Table":
    import pyarrow as pa

    try:
        table = _reader(path)(path)
    except (pa.ArrowException, OSError) as error:
        raise ConfigError(f"{path}: expected a readable {path.suffix} file, found: {error}") from error
    if table.num_rows == 0:
        raise ConfigError(f"{path}: expected candles, found no rows")
    return table


def _reader(path: Path) -> "Callable[[Path], pa.Table]":
    if path.suffix.lower() == ".csv":
        from pyarrow import csv

        read_csv: Callable[[Path], pa.Table] = csv.read_csv
        return read_csv
    from pyarrow import parquet

    read_parquet: Callable[[Path], pa.Table] = parquet.read_table
    return read_parquet


def _column(path: Path, table: "pa.Table", name: str) -> "pa.ChunkedArray":
    if name not in table.column_names:
        raise ConfigError(f"{path}: expected a column '{name}', found {', '.join(table.column_names)}")
    return table[name]


def _times(path: Path, table: "pa.Table") -> IntArray:
    import pyarrow as pa

    column = _column(path, table, "time")
    if not pa.types.is_timestamp(column.type):
        wanted = f"{path}: column 'time': expected timestamps with a time zone such as 2024-01-31T12:00:00Z"
        raise ConfigError(f"{wanted}, found {_first_bad(column, _aware)}")
    if column.type.tz is None:
        raise ConfigError(f"{path}: column 'time': expected times with a time zone, found naive ones; write UTC as Z")
    _refuse(path, "time", "a time", column.is_null().to_numpy(), lambda _: "nothing")
    try:
        seconds = column.cast(pa.timestamp("s", tz="UTC")).cast(pa.int64()).to_numpy()
    except pa.ArrowInvalid as error:
        raise MalformedCandles(f"{path}: column 'time': expected whole seconds, found: {error}") from error
    time: IntArray = np.asarray(seconds, dtype=np.int64)
    disorder = np.diff(time, prepend=time[0] - 1) <= 0
    _refuse(
        path,
        "time",
        "a time after the one before",
        disorder,
        lambda row: f"{_at(time, row)} after {_at(time, row - 1)}",
    )
    return time


def _timeframe(path: Path, time: IntArray, stated: Timeframe | None) -> Timeframe:
    step = int(np.diff(time).min()) if len(time) > 1 else 0
    found = next((timeframe for timeframe in Timeframe if timeframe.seconds == step), None)
    if found is not None:
        return found
    if stated is not None and step % stated.seconds == 0:
        return stated
    known = ", ".join(f"{timeframe} ({timeframe.seconds} s)" for timeframe in Timeframe)
    smallest = f"a smallest step of {step} s" if step else "a single row"
    raise ConfigError(f"{path}: expected candles of {known}, found {smallest}; state the base timeframe")


def _bars(path: Path, table: "pa.Table", columns: Iterable[str]) -> PriceBars:
    return PriceBars(*(_numbers(path, table, name) for name in columns))


def _numbers(path: Path, table: "pa.Table", name: str) -> FloatArray:
    import pyarrow as pa

    column = _column(path, table, name)
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type)):
        raise ConfigError(f"{path}: column '{name}': expected numbers, found {_first_bad(column, _number)}")
    values: FloatArray = np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)
    _refuse(path, name, "a finite number", ~np.isfinite(values), lambda row: f"{values[row]}")
    return values


def _refuse(path: Path, column: str, expected: str, broken: npt.NDArray[np.bool_], found: Callable[[int], str]) -> None:
    if broken.any():
        row = int(np.argmax(broken))
        count = f" ({int(broken.sum())} such rows)"
        raise MalformedCandles(
            f"{path}: row {row + 1}, column '{column}': expected {expected}, found {found(row)}{count}"
        )


def _first_bad(column: "pa.ChunkedArray", accepts: Callable[[object], bool]) -> str:
    for row, value in enumerate(column.to_pylist(), start=1):
        if not accepts(value):
            return f"{value!r} in row {row}"
    return f"values of type {column.type}"


def _number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True


def _aware(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _at(time: IntArray, row: int) -> str:
    return f"{datetime.fromtimestamp(int(time[row]), tz=UTC):%Y-%m-%dT%H:%M:%SZ}"
