"""Reads a file into columns, and says where a bad one is bad. Rows are counted from 1, without the header."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from desk.errors import ConfigError, MalformedCandles
from desk.model.candles import FloatArray, IntArray

if TYPE_CHECKING:  # pyarrow costs 0.1 s to import and is wanted where a file is read only
    import pyarrow as pa

_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class TextForm:
    """How a text file is written.

    Attributes:
        delimiter: between the cells of a line.
        names: of the columns where the file has no header.
        as_text: columns that are not to be guessed at.
        encoding: of its letters.
    """

    delimiter: str = ","
    names: Sequence[str] = ()
    as_text: Sequence[str] = ()
    encoding: str = "utf-8"


PLAIN = TextForm()


def read_table(path: Path, form: TextForm = PLAIN) -> "pa.Table":
    """Return the whole file, which has at least one row.

    Raises:
        ConfigError: it cannot be read, or it is empty.
    """
    import pyarrow as pa

    try:
        table = _reader(path, form)(path)
    except (pa.ArrowException, OSError) as error:
        raise ConfigError(f"{path}: expected a readable {path.suffix} file, found: {error}") from error
    if table.num_rows == 0:
        raise ConfigError(f"{path}: expected candles, found no rows")
    return table


def _reader(path: Path, form: TextForm) -> "Callable[[Path], pa.Table]":
    if path.suffix.lower() == ".parquet":
        from pyarrow import parquet

        read_parquet: Callable[[Path], pa.Table] = parquet.read_table
        return read_parquet
    if path.suffix.lower() == ".feather":
        from pyarrow import feather

        read_feather: Callable[[Path], pa.Table] = feather.read_table
        return read_feather
    return lambda text: _read_text(text, form)


def _read_text(path: Path, form: TextForm) -> "pa.Table":
    import pyarrow as pa
    from pyarrow import csv

    return csv.read_csv(
        path,
        read_options=csv.ReadOptions(column_names=list(form.names) or None, encoding=form.encoding),
        parse_options=csv.ParseOptions(delimiter=form.delimiter),
        convert_options=csv.ConvertOptions(column_types=dict.fromkeys(form.as_text, pa.string())),
    )


def column_of(path: Path, table: "pa.Table", name: str) -> "pa.ChunkedArray":
    """Return a column.

    Raises:
        ConfigError: there is none of that name.
    """
    if name not in table.column_names:
        raise ConfigError(f"{path}: expected a column '{name}', found {', '.join(table.column_names)}")
    return table[name]


def numbers(path: Path, table: "pa.Table", name: str) -> FloatArray:
    """Return a column of finite numbers.

    Raises:
        ConfigError: there is no such column, or it holds something else than numbers.
        MalformedCandles: a number is missing or not finite.
    """
    import pyarrow as pa

    column = column_of(path, table, name)
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type)):
        raise ConfigError(f"{path}: column '{name}': expected numbers, found {first_bad(column, _number)}")
    values: FloatArray = np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)
    refuse_rows(path, name, "a finite number", ~np.isfinite(values), lambda row: f"{values[row]}")
    return values


def whole_seconds(path: Path, name: str, column: "pa.ChunkedArray") -> IntArray:
    """Return timestamps as seconds since the epoch; those without a zone are taken as they are.

    Raises:
        MalformedCandles: a time is missing, or is no whole second.
    """
    import pyarrow as pa

    refuse_rows(path, name, "a time", column.is_null().to_numpy(), lambda _: "nothing")
    zone = "UTC" if column.type.tz else None
    try:
        seconds = column.cast(pa.timestamp("s", tz=zone)).cast(pa.int64()).to_numpy()
    except pa.ArrowInvalid:
        exact = column.cast(pa.timestamp("ns", tz=zone)).cast(pa.int64()).to_numpy()
        refuse_rows(path, name, "whole seconds", exact % _NANOSECONDS != 0, lambda row: str(column[row]))
        raise
    return np.asarray(seconds, dtype=np.int64)


def refuse_rows(
    path: Path, column: str, expected: str, broken: npt.NDArray[np.bool_], found: Callable[[int], str]
) -> None:
    """Let a column pass of which no row is broken.

    Raises:
        MalformedCandles: naming the first row that is, and what it holds.
    """
    if broken.any():
        row = int(np.argmax(broken))
        count = f" ({int(broken.sum())} such rows)"
        raise MalformedCandles(
            f"{path}: row {row + 1}, column '{column}': expected {expected}, found {found(row)}{count}"
        )


def first_bad(column: "pa.ChunkedArray", accepts: Callable[[object], bool]) -> str:
    """Return the first value that is not accepted, and its row; the type of all where each one would be."""
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


def is_aware(value: object) -> bool:
    """Whether a value is a text with a time and its zone."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def written_time(time: IntArray, row: int) -> str:
    """Return a time of a column as messages have it."""
    return f"{datetime.fromtimestamp(int(time[row]), tz=UTC):%Y-%m-%dT%H:%M:%SZ}"
