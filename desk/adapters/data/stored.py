"""The files of recordings: what is written into one, what it says about itself, and how it is read fast.

A million candles have to be there in a tenth of a second, so columns are kept as they are in memory; read from any
compressed form that was tried they take four times as long or more. Open times are kept as differences.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import numpy.typing as npt
import orjson

from desk.adapters.data.grids import Grid, grid_from
from desk.adapters.data.names import SeriesName
from desk.adapters.placing import put_in_place
from desk.candle_checks.columns import PRICES, SIDES, TIME, VALUES, VOLUME, Columns, Side, names_of, to_candles
from desk.candle_checks.findings import moment
from desk.errors import ConfigError, DataError, MalformedCandles
from desk.model.assembling import join
from desk.model.candles import Candles
from desk.model.instrument import Instrument, InstrumentKind
from desk.model.timeframe import Timeframe

if TYPE_CHECKING:  # pyarrow costs 0.1 s to import and is wanted where a file is read only
    import pyarrow as pa
    from pyarrow import parquet

Number = TypeVar("Number", np.int64, np.float64)

KEY: Final = b"scandesk.candles"
_ALL_ROWS = 1 << 26
"""Rows of a row group at the most: what is in one is one array, and needs no copy."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says about itself.

    Attributes:
        kind: of the instrument, which decides its sessions; None where nobody has said.
        written_at: when whoever wrote the file did so.
        sha256: the data hash, see `data_hash`.
        made_from: the recording that these candles were made from, with its data hash; empty for recorded ones.
        asked_since: since when the source was asked for all that it has; None where nobody knows.
        grid: of the instrument; None where nobody has said, as in files of earlier releases.
    """

    name: SeriesName
    kind: InstrumentKind | None
    written_at: datetime
    sha256: str
    made_from: str = ""
    asked_since: datetime | None = None
    grid: Grid | None = None

    @property
    def instrument(self) -> Instrument | None:
        """The instrument as it is traded; None where its kind or its grid is not known."""
        if self.kind is None or self.grid is None:
            return None
        return self.grid.instrument(self.name.instrument, self.kind)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is in a file.

    Attributes:
        first, last: the first open time and the last close; None where there are no candles.
    """

    candles: int
    size_bytes: int
    first: datetime | None
    last: datetime | None


def data_hash(columns: Columns) -> str:
    """Return the SHA-256 of names and values of all columns, the same on every machine and of every way to write them.

    Of each column, the time first, it takes the name, a line feed, and the values as 8 bytes each, the least
    significant first.
    """
    digest = hashlib.sha256()
    for name, values in ((TIME, columns.time), *columns.values.items()):
        digest.update(f"{name}\n".encode())
        digest.update(np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")).data)
    return digest.hexdigest()


def write_file(path: Path, facts: Facts, columns: Columns) -> None:
    """Write a file in place of the one that may be there, at once or not at all.

    Raises:
        DataError: it cannot be written; the one before is still there.
    """
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.table({TIME: columns.time, **columns.values}).replace_schema_metadata({KEY: _dumped(facts)})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{path.parent}: expected a folder that can be made, found {error.strerror}") from error
    with put_in_place(path, fails_as=DataError) as partial:
        parquet.write_table(
            table,
            partial,
            row_group_size=_ALL_ROWS,
            compression="none",
            use_dictionary=False,
            column_encoding={TIME: "DELTA_BINARY_PACKED"},
            write_statistics=[TIME],
        )


def read_facts(path: Path) -> Facts:
    """Return what a file says about itself.

    Raises:
        ConfigError: it is no file of ours.
    """
    with _opened(path) as file:
        return _facts(path, file)


def is_stored(path: Path) -> bool:
    """Whether a Parquet file is a recording of ours."""
    with _opened(path) as file:
        return KEY in (file.schema_arrow.metadata or {})


def read_extent(path: Path, timeframe: Timeframe) -> Extent:
    """Return how much there is in a file, without reading any but the open times."""
    return extent_of(path, timeframe, read_columns(path, ()))


def extent_of(path: Path, timeframe: Timeframe, columns: Columns) -> Extent:
    """Return the same for a file that was read."""
    time = columns.time
    first, last = (moment(time[0]), moment(time[-1]) + timeframe.duration) if len(time) else (None, None)
    return Extent(len(time), path.stat().st_size, first, last)


def read_columns(path: Path, values: Collection[str] = VALUES) -> Columns:
    """Return the open times and those of the wanted columns that there are, as the file has them."""
    with _opened(path) as file:
        return _columns(path, file, values)


def load(paths: Path | Iterable[Path], columns: Collection[Side] = SIDES) -> Candles:
    """Return the candles of a recording, or of several of one instrument that follow each other, validated.

    Args:
        columns: the sides to read besides prices and volume, where they are known; fewer are faster.

    Raises:
        ConfigError: a file is none of ours.
        DataError: the files are of different instruments or timeframes, or they overlap.
        MalformedCandles: a file was changed since, and breaks a rule of `Candles`.
    """
    wanted = (*PRICES, VOLUME, *(name for side in columns for name in names_of(side)))
    parts = [_load(path, wanted) for path in ([paths] if isinstance(paths, Path) else paths)]
    if not parts:
        raise DataError("load: expected at least one recording, found none")
    return parts[0] if len(parts) == 1 else _one_of(parts)


def _load(path: Path, wanted: Sequence[str]) -> Candles:
    with _opened(path) as file:
        name, columns = _facts(path, file).name, _columns(path, file, wanted)
    try:
        return to_candles(name.instrument, name.timeframe, columns)
    except MalformedCandles as error:
        raise MalformedCandles(f"{path}: {error}; `desk data check` says all that is wrong") from error


def _one_of(parts: Sequence[Candles]) -> Candles:
    kinds = {(part.instrument, part.timeframe) for part in parts}
    if len(kinds) > 1:
        found = ", ".join(f"{instrument} {timeframe}" for instrument, timeframe in sorted(kinds))
        raise DataError(f"load: expected recordings of one instrument in one timeframe, found {found}")
    ordered = sorted((part for part in parts if len(part)), key=lambda part: int(part.time[0])) or list(parts)
    for earlier, later in pairwise(ordered):
        if later.time[0] <= earlier.time[-1]:
            span = f"one ends at {moment(earlier.time[-1])} and the next begins at {moment(later.time[0])}"
            raise DataError(f"load: expected recordings that do not overlap, found that {span}; import them into one")
    return join(ordered)


def _opened(path: Path) -> "parquet.ParquetFile":
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return parquet.ParquetFile(path, memory_map=True)
    except (pa.ArrowException, OSError) as error:
        raise ConfigError(f"{path}: expected a readable .parquet file, found: {error}") from error


def _facts(path: Path, file: "parquet.ParquetFile") -> Facts:
    found: Mapping[bytes, bytes] = file.schema_arrow.metadata or {}
    if KEY not in found:
        raise ConfigError(
            f"{path}: expected a recording, found another Parquet file; `desk data import` makes one of it"
        )
    try:
        return _loaded(found[KEY])
    except (LookupError, TypeError, ValueError, ArithmeticError, ConfigError) as error:
        raise ConfigError(f"{path}: expected the facts of a recording, found {found[KEY]!r} ({error})") from error


def _columns(path: Path, file: "parquet.ParquetFile", values: Collection[str]) -> Columns:
    import pyarrow as pa

    there = [name for name in VALUES if name in values and name in file.schema_arrow.names]
    try:
        table = file.read(columns=[TIME, *there])
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: expected a whole file, found: {error}; restore it or get the data again") from error
    if table[TIME].null_count:
        raise DataError(f"{path}: expected an open time in every row, found {table[TIME].null_count} rows without one")
    return Columns(
        column_values(table[TIME], np.int64), {name: column_values(table[name], np.float64) for name in there}
    )


def column_values(column: "pa.ChunkedArray", kind: type[Number]) -> npt.NDArray[Number]:
    """Return a column as an array; one chunk is used where it lies, several are copied together.

    A price or a volume that is missing is NaN; whole numbers must be complete.
    """
    parts = [_values(chunk) for chunk in column.chunks]
    if not parts:
        return np.empty(0, dtype=kind)
    return np.asarray(parts[0] if len(parts) == 1 else np.concatenate(parts), dtype=kind)


def _values(chunk: "pa.Array") -> npt.NDArray[np.generic]:
    # By way of DLPack, which has numbers without gaps only: pyarrow's own way imports pandas, 0.2 s and 50 MB.
    if chunk.null_count or not _has_numbers(chunk):
        return np.asarray(chunk.to_numpy(zero_copy_only=False))
    return np.from_dlpack(chunk)


def _has_numbers(chunk: "pa.Array") -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(chunk.type) or pa.types.is_floating(chunk.type))


def _dumped(facts: Facts) -> bytes:
    return orjson.dumps(
        {
            "source": facts.name.source,
            "instrument": facts.name.instrument,
            "timeframe": facts.name.timeframe,
            "kind": facts.kind,
            "written_at": facts.written_at,
            "sha256": facts.sha256,
            "made_from": facts.made_from,
            "asked_since": facts.asked_since,
            "grid": facts.grid.written() if facts.grid else None,
        }
    )


def _loaded(text: bytes) -> Facts:
    told = orjson.loads(text)
    return Facts(
        SeriesName(told["source"], told["instrument"], Timeframe(told["timeframe"])),
        None if told["kind"] is None else InstrumentKind(told["kind"]),
        datetime.fromisoformat(told["written_at"]),
        told["sha256"],
        told["made_from"],
        None if told["asked_since"] is None else datetime.fromisoformat(told["asked_since"]),
        None if told.get("grid") is None else grid_from(told["grid"]),
    )
