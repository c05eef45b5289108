"""Reads candles from a file that somebody else wrote, and says how it was understood."""

import codecs
import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import orjson

from desk.adapters.data.layouts import (
    BY_PLACE,
    DATE,
    SKIPPED,
    Layout,
    detect,
    places_of,
    stated,
    stated_places,
)
from desk.adapters.data.stored import is_stored, read_columns
from desk.adapters.data.tables import PLAIN, TextForm, numbers, read_table
from desk.adapters.data.times import OpenTimes, Zone, join_texts, read_times
from desk.candle_checks.columns import PRICES, SIDES, TIME, Columns, names_of
from desk.errors import ConfigError
from desk.model.timeframe import Timeframe

if TYPE_CHECKING:  # pyarrow costs 0.1 s to import and is wanted where a file is read only
    import pyarrow as pa

_TEXT = (".csv", ".txt", ".tsv")
_SUFFIXES = (*_TEXT, ".json", ".parquet", ".feather")
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is to be read.

    Attributes:
        columns: which column is what, where that is not detected as it should be; see `layouts`.
        zone: of times that have none of their own.
        now: candles that close later are not closed yet, and left out.
    """

    path: Path
    timeframe: Timeframe
    now: datetime
    columns: str | None = None
    zone: Zone | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """How a file was read, for people.

    Attributes:
        columns: by our name, that of the file, or its place where there is no header.
        others: columns that were left alone.
        unclosed: candles at the end that were not closed yet.
        newest_first: whether the rows were turned round.
        by_place: whether there was no header.
    """

    columns: dict[str, str]
    others: Sequence[str]
    times: str
    unclosed: int
    newest_first: bool
    by_place: bool


def read_foreign(wanted: Wanted) -> tuple[Columns, Understood]:
    """Return the candles of a file as they are, oldest first where they are in order at all.

    Raises:
        ConfigError: the file cannot be used: unreadable, a column missing or of a wrong type, times without a zone.
        MalformedCandles: a value is missing or no number.
    """
    path = wanted.path
    if path.suffix.lower() not in _SUFFIXES:
        raise ConfigError(f"{path}: expected a file ending in {', '.join(_SUFFIXES)}")
    if not path.is_file():
        raise ConfigError(f"{path}: expected a file with candles, found none; correct the path")
    if path.suffix.lower() == ".parquet" and is_stored(path):
        columns = read_columns(path)
        told = {name: name for name in columns.values}
        return columns, Understood(told, (), "a recording of ours", unclosed=0, newest_first=False, by_place=False)
    table, layout = _read(wanted)
    times = _open_times(wanted, table, layout)
    return _finished(wanted, Columns(times.seconds, _values(path, table, layout)), layout, times)


def _finished(wanted: Wanted, columns: Columns, layout: Layout, times: OpenTimes) -> tuple[Columns, Understood]:
    newest_first = len(columns) > 1 and bool((np.diff(columns.time) < 0).all())
    turned = columns.rows(slice(None, None, -1)) if newest_first else columns
    closed = turned.time + wanted.timeframe.seconds <= wanted.now.timestamp()
    understood = Understood(
        dict(layout.columns),
        [name for name in layout.others if not name.startswith(SKIPPED)],
        times.read_as,
        unclosed=int((~closed).sum()),
        newest_first=newest_first,
        by_place=layout.by_place,
    )
    return turned.rows(closed), understood


def _read(wanted: Wanted) -> "tuple[pa.Table, Layout]":
    path = wanted.path
    if path.suffix.lower() == ".json":
        table, form = _read_lists(path), TextForm(names=BY_PLACE)
    elif path.suffix.lower() in _TEXT:
        form = _form_of(path, wanted.columns)
        table = read_table(path, form)
    else:
        table, form = read_table(path), PLAIN
    if wanted.columns and "=" in wanted.columns:
        return table, stated(path, wanted.columns, table.column_names)
    return table, replace(detect(path, table.column_names), by_place=bool(form.names))


def _form_of(path: Path, columns: str | None) -> TextForm:
    """Return how a text file is written, from its first lines."""
    encoding = _encoding(path)
    with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, errors="replace") as file:
        lines = [line.rstrip("\r\n") for line, _ in zip(file, range(2), strict=False)]
    if not lines:
        raise ConfigError(f"{path}: expected candles, found an empty file")
    delimiter = max(_DELIMITERS, key=lines[0].count)
    cells = next(csv.reader(lines, delimiter=delimiter))
    names = stated_places(columns) if columns and "=" not in columns else places_of(cells)
    if names and len(names) != len(cells):
        raise ConfigError(f"--columns: expected {len(cells)} names, as {path} has columns, found {len(names)}")
    return TextForm(delimiter, names, as_text=_split_times(names or cells), encoding=encoding)


def _encoding(path: Path) -> str:
    """Return how letters are written: MetaTrader's own functions write two bytes for each."""
    with path.open("rb") as file:
        return "utf-16" if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8"


def _split_times(names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of day and time of day, which would be guessed to be something else each."""
    plain = {name.strip("<> ").lower(): name for name in names}
    return (plain[DATE], plain[TIME]) if DATE in plain and TIME in plain else ()


def _read_lists(path: Path) -> "pa.Table":
    """Return rows that are lists, as ccxt gives them and freqtrade keeps them."""
    import pyarrow as pa

    expected = f"{path}: expected lists of {', '.join(BY_PLACE)}"
    try:
        rows = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise ConfigError(f"{expected}, found no JSON: {error}") from error
    if not isinstance(rows, list) or not rows:
        raise ConfigError(f"{expected}, found {'no rows' if rows == [] else type(rows).__name__}")
    for place, row in enumerate(rows, start=1):
        if not isinstance(row, list) or len(row) != len(BY_PLACE):
            raise ConfigError(f"{expected}, found {str(row)[:80]} in row {place}")
    try:
        return pa.table(dict(zip(BY_PLACE, map(list, zip(*rows, strict=True)), strict=True)))
    except pa.ArrowException as error:
        raise ConfigError(f"{expected} with numbers, found: {error}") from error


def _open_times(wanted: Wanted, table: "pa.Table", layout: Layout) -> OpenTimes:
    name, column = layout.columns[TIME], table[layout.columns[TIME]]
    if DATE in layout.columns:
        column, name = join_texts(table[layout.columns[DATE]], column), f"{layout.columns[DATE]} {name}"
    return read_times(wanted.path, name, column, wanted.zone)


def _values(path: Path, table: "pa.Table", layout: Layout) -> "dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]":
    values = {name: numbers(path, table, told) for name, told in layout.columns.items() if name not in (TIME, DATE)}
    if names_of(SIDES[0])[0] in values:
        bid, ask = (names_of(side) for side in SIDES)
        values |= {price: (values[one] + values[other]) / 2 for price, one, other in zip(PRICES, bid, ask, strict=True)}
    return values
