"""Open times out of whatever a file has for them: timestamps, counts since the epoch, texts.

Counts are of UTC. What has no zone is refused unless one is stated: `UTC`, `America/New_York`, or a zone and what the
clock is ahead of it, such as `America/New_York+07:00`, which is what most MetaTrader servers show.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from desk.adapters.data.tables import refuse_rows, whole_seconds
from desk.errors import ConfigError, MalformedCandles
from desk.model.candles import IntArray

if TYPE_CHECKING:  # pyarrow costs 0.1 s to import and is wanted where a file is read only
    import pyarrow as pa

_SHIFTED = re.compile(r"(?P<zone>[A-Za-z_/-]+?)(?:(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2}))?")
_SAYS_UTC = re.compile(r"utc|gmt", re.IGNORECASE)
"""A name such as `Gmt time`."""
_TEXTS: Final = (
    *("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"),
    *("%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M", "%Y.%m.%d", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y"),
    *("%Y%m%d %H%M%S", "%Y%m%d %H:%M:%S", "%Y%m%d %H:%M", "%Y%m%d"),
)
_ZONED: Final = r"^(?P<local>.*?\d)(?: ?(?P<zone>Z|(?:GMT|UTC)?(?:[+-]\d{2}:?\d{2})?))?$"
_UNITS: Final = ((10**8, 10**11, 1), (10**11, 10**14, 10**3), (10**14, 10**17, 10**6), (10**17, 10**20, 10**9))
"""Counts from the first up to the second, since 1973, and how many of them make a second."""
_DAYS: Final = (19_000_101, 21_001_231)
"""The smallest and the largest number that is a day such as 20240131."""


@dataclass(frozen=True, slots=True)
class Zone:
    """What clocks showed where a file has no zone.

    Attributes:
        name: of the zone in the time zone database.
        ahead: how much the clock was ahead of that zone.
    """

    name: str
    ahead: timedelta = timedelta(0)

    def __str__(self) -> str:
        hours = self.ahead / timedelta(hours=1)
        return f"{self.name}{f' {hours:+g} h' if hours else ''}"


def parse_zone(text: str) -> Zone:
    """Return the zone that a text names.

    Raises:
        ConfigError: there is none of that name.
    """
    match = _SHIFTED.fullmatch(text)
    try:
        if match is None:
            raise ZoneInfoNotFoundError(text)
        ZoneInfo(match["zone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        advice = (
            "expected UTC, a zone such as Europe/Athens, or one with what the clock is ahead, America/New_York+07:00"
        )
        raise ConfigError(f"--timezone: {advice}; found '{text}'") from None
    ahead = timedelta(hours=int(match["hours"] or 0), minutes=int(match["minutes"] or 0))
    return Zone(match["zone"], -ahead if match["sign"] == "-" else ahead)


@dataclass(frozen=True, slots=True, eq=False)
class OpenTimes:
    """What a time column says.

    Attributes:
        seconds: since the epoch, in the order of the file.
        read_as: how it was understood, for people.
    """

    seconds: IntArray
    read_as: str


def read_times(path: Path, name: str, column: "pa.ChunkedArray", zone: Zone | None) -> OpenTimes:
    """Return the open times of a column.

    Args:
        name: of the column, for messages.
        zone: of times that have none of their own; those that have one keep it.

    Raises:
        ConfigError: the column holds no times, or they have no zone and none was stated.
        MalformedCandles: a time is missing, cannot be read, or did not exist in the zone, or existed there twice.
    """
    import pyarrow as pa

    refuse_rows(path, name, "a time", column.is_null().to_numpy(), lambda _: "nothing")
    if zone is None and _SAYS_UTC.search(name):
        zone = Zone("UTC")
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        return _counted(path, name, column, zone)
    if pa.types.is_date(column.type):
        column = column.cast(pa.timestamp("s"))
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return _texts(path, name, column, zone)
    if not pa.types.is_timestamp(column.type):
        raise ConfigError(f"{path}: column '{name}': expected times, found values of type {column.type}")
    if column.type.tz is None:
        return OpenTimes(_local(path, name, column, zone), f"times in {zone}")
    return OpenTimes(whole_seconds(path, name, column), f"times with their zone, {column.type.tz}")


def join_texts(day: "pa.ChunkedArray", clock: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """Return day and time of day as one text."""
    import pyarrow as pa
    from pyarrow import compute

    joined: pa.ChunkedArray = compute.binary_join_element_wise(day.cast(pa.string()), clock.cast(pa.string()), " ")
    return joined


def _counted(path: Path, name: str, column: "pa.ChunkedArray", zone: Zone | None) -> OpenTimes:
    import pyarrow as pa

    counts = column.to_numpy()
    first = counts[0]
    if _DAYS[0] <= first <= _DAYS[1]:
        return _texts(path, name, column.cast(pa.int64()).cast(pa.string()), zone)
    unit = next((unit for least, most, unit in _UNITS if least <= first < most), None)
    if unit is None:
        raise ConfigError(f"{path}: column '{name}': expected a count since 1970, found {first} in row 1")
    refuse_rows(path, name, "whole seconds", counts % unit != 0, lambda row: str(counts[row]))
    least, most = next((least, most) for least, most, per_second in _UNITS if per_second == unit)
    outside = (counts < least) | (counts >= most)
    refuse_rows(path, name, "a count in the unit of row 1", outside, lambda row: str(counts[row]))
    written = {1: "seconds", 10**3: "milliseconds", 10**6: "microseconds", 10**9: "nanoseconds"}[unit]
    return OpenTimes((counts // unit).astype(np.int64), f"{written} since 1970, UTC")


def _texts(path: Path, name: str, column: "pa.ChunkedArray", zone: Zone | None) -> OpenTimes:
    from pyarrow import compute

    parts = compute.extract_regex(compute.utf8_trim_whitespace(column), pattern=_ZONED)
    refuse_rows(path, name, "a time", parts.is_null().to_numpy(zero_copy_only=False), lambda row: str(column[row]))
    local, suffix = compute.struct_field(parts, "local"), compute.struct_field(parts, "zone")
    # Fractions of zero are written by many and say nothing.
    parsed, form = _parsed(path, name, column, compute.replace_substring_regex(local, r"\.0+$", ""))
    suffixes = compute.unique(suffix).to_pylist()
    if "" not in suffixes:
        shift = _ahead(suffixes)[compute.index_in(suffix, compute.unique(suffix)).to_numpy()]
        return OpenTimes(whole_seconds(path, name, parsed) - shift, f"texts such as {column[0]}, with their zone")
    if suffixes != [""]:
        bare = compute.equal(suffix, "").to_numpy(zero_copy_only=False)
        refuse_rows(path, name, "a time with its zone, as other rows have", bare, lambda row: str(column[row]))
    return OpenTimes(_local(path, name, parsed, zone), f"texts such as {column[0]} ({form}), in {zone}")


def _parsed(path: Path, name: str, told: "pa.ChunkedArray", local: "pa.ChunkedArray") -> "tuple[pa.ChunkedArray, str]":
    """Return naive times by the first way of writing them that fits the first row."""
    from pyarrow import compute

    for form in _TEXTS:
        parsed = compute.strptime(local, format=form, unit="s", error_is_null=True)
        if parsed[0].is_valid:
            broken = parsed.is_null().to_numpy()
            refuse_rows(path, name, f"a time such as {told[0]}", broken, lambda row: str(told[row]))
            return parsed, form
    raise ConfigError(
        f"{path}: column '{name}': expected times such as 2024-01-31T12:00:00Z, found '{told[0]}' in row 1"
    )


def _ahead(suffixes: list[str]) -> IntArray:
    """Seconds by which each suffix says that the clock is ahead of UTC."""
    found = []
    for suffix in suffixes:
        offset = re.search(r"([+-])(\d{2}):?(\d{2})$", suffix)
        ahead = int(offset[2]) * 3_600 + int(offset[3]) * 60 if offset else 0
        found.append(-ahead if offset and offset[1] == "-" else ahead)
    return np.array(found, dtype=np.int64)


def _local(path: Path, name: str, naive: "pa.ChunkedArray", zone: Zone | None) -> IntArray:
    import pyarrow as pa
    from pyarrow import compute

    if zone is None:
        raise ConfigError(
            f"{path}: column '{name}': expected times with a time zone, found naive ones, {naive[0]} in row 1; "
            "say which zone they are of with --timezone UTC, or another one"
        )
    seconds = whole_seconds(path, name, naive) - int(zone.ahead.total_seconds())
    try:
        aware = compute.assume_timezone(pa.array(seconds).cast(pa.timestamp("s")), zone.name)
    except pa.ArrowInvalid as error:
        raise MalformedCandles(
            f"{path}: column '{name}': expected times that {zone} had once, found: {error}"
        ) from error
    return np.asarray(aware.cast(pa.int64()).to_numpy(), dtype=np.int64)
