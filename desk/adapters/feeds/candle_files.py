"""Reads one Parquet or CSV file of candles, and says where a bad one is bad.

Columns: `time`, the open time as an aware timestamp; then `open`, `high`, `low`, `close`, or `bid_o` … `ask_c` for both
sides (mid prices are then their mean); `volume` or `tick_volume` where known, else 0. Other columns are left alone.
Rows are counted from 1, without the header. The recordings of `desk data` are read as well.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from desk.adapters.data.stored import Facts, is_stored, load, read_facts
from desk.adapters.data.tables import (
    column_of,
    first_bad,
    is_aware,
    numbers,
    read_table,
    refuse_rows,
    whole_seconds,
    written_time,
)
from desk.errors import ConfigError, MalformedCandles
from desk.model.assembling import from_bars, middle
from desk.model.candles import Candles, IntArray, PriceBars
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


def facts_of(path: Path, instrument: str) -> Facts | None:
    """Return what a file says about itself, without reading its candles; None for any but a recording.

    Raises:
        ConfigError: the file is unreadable, or a recording of another instrument.
    """
    if path.suffix.lower() != ".parquet" or not is_stored(path):
        return None
    facts = read_facts(path)
    _require_instrument(path, instrument, facts.name.instrument)
    return facts


def read_candles(path: Path, instrument: str, stated: Timeframe | None = None) -> Candles:
    """Return the whole file.

    The timeframe is the smallest step between open times; `stated` is used where that says nothing.

    Raises:
        ConfigError: the file cannot be used: unreadable, a column missing or of a wrong type, naive times, a timeframe
            that is not known.
        MalformedCandles: a value cannot be right: missing, not a number, out of order, duplicate, high below low.
    """
    check_path(path, instrument)
    if path.suffix.lower() == ".parquet" and is_stored(path):
        return _recording(path, instrument)
    table = read_table(path)
    time = _times(path, table)
    timeframe = _timeframe(path, time, stated)
    volume_column = next((name for name in _VOLUMES if name in table.column_names), None)
    volume = np.zeros(len(time)) if volume_column is None else numbers(path, table, volume_column)
    try:
        if set(_BID + _ASK) & set(table.column_names):
            bid, ask = _bars(path, table, _BID), _bars(path, table, _ASK)
            return from_bars(instrument, timeframe, time, middle(bid, ask), volume, bid, ask)
        return from_bars(instrument, timeframe, time, _bars(path, table, _TRADES), volume)
    except MalformedCandles as error:
        raise error if str(error).startswith(str(path)) else MalformedCandles(f"{path}: {error}") from error


def _recording(path: Path, instrument: str) -> Candles:
    found = load(path)
    _require_instrument(path, instrument, found.instrument)
    return replace(found, instrument=instrument)


def _require_instrument(path: Path, instrument: str, found: str) -> None:
    is_named = "/" in instrument  # whoever only counts signals names candles by their file
    if is_named and found != instrument:
        raise ConfigError(f"{path}: expected candles of {instrument}, found those of {found}")


def _times(path: Path, table: "pa.Table") -> IntArray:
    import pyarrow as pa

    column = column_of(path, table, "time")
    if not pa.types.is_timestamp(column.type):
        wanted = f"{path}: column 'time': expected timestamps with a time zone such as 2024-01-31T12:00:00Z"
        raise ConfigError(f"{wanted}, found {first_bad(column, is_aware)}")
    if column.type.tz is None:
        raise ConfigError(f"{path}: column 'time': expected times with a time zone, found naive ones; write UTC as Z")
    time = whole_seconds(path, "time", column)
    disorder = np.diff(time, prepend=time[0] - 1) <= 0
    refuse_rows(
        path,
        "time",
        "a time after the one before",
        disorder,
        lambda row: f"{written_time(time, row)} after {written_time(time, row - 1)}",
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
    return PriceBars(*(numbers(path, table, name) for name in columns))
