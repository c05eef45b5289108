"""Candles in a reply as one table of numbers, straight from its bytes where every row is written alike."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import orjson

from desk.adapters.venue_http.quoting import masked
from desk.adapters.venue_http.reply import Reply, Unreadable
from desk.errors import MalformedCandles
from desk.model.candles import Candles, FloatArray
from desk.model.timeframe import Timeframe

Key: TypeAlias = str | int
FindRows: TypeAlias = Callable[[Any], Any]
"""Takes the rows out of a body; what is missing may raise a LookupError or a TypeError."""

_NUMBER = b"0123456789.-"
_EVERYTHING = bytes(range(256))


def read_table(reply: Reply, keys: Sequence[Key], *, rows: FindRows = lambda body: body, name: str = "") -> FloatArray:
    """Return the numbers of each row, be they written as numbers or as texts.

    Args:
        keys: of time, open, high, low, close and volume in a row, which is a list or an object.
        rows: finds them in the body; they are the only list in it.
        name: of what is read, for errors.

    Raises:
        Unreadable: the body is not JSON, or has no rows.
        MalformedCandles: naming the first row that has not a number under each key.
    """
    table = _from_bytes(reply.body, keys, rows)
    return _from_json(reply, keys, rows, name) if table is None else table


def in_order(table: FloatArray) -> FloatArray:
    """Return the rows in order of the first column, each of its values once: what came first counts."""
    steps = np.diff(table[:, 0])
    if (steps > 0).all():
        return table
    return table[::-1] if (steps < 0).all() else table[np.unique(table[:, 0], return_index=True)[1]]


def to_candles(instrument: str, timeframe: Timeframe, table: FloatArray) -> Candles:
    """Return candles from time in seconds, open, high, low, close and volume, oldest first and each time once.

    Raises:
        MalformedCandles: a time is not whole, or they break a rule of `Candles`.
    """
    time, opens, high, low, close, volume = table.T
    broken = np.floor(time) != time
    if broken.any():
        row = int(np.argmax(broken))
        raise MalformedCandles(
            f"{instrument} {timeframe}: open times must be whole seconds; candle {row} of {len(table)} has {time[row]}"
        )
    return Candles(instrument, timeframe, time.astype(np.int64), opens, high, low, close, volume)


def _from_bytes(body: bytes, keys: Sequence[Key], find: FindRows) -> FloatArray | None:
    """Read rows that are one and the same text when their numbers are left out; None where they are not.

    It takes half the time of JSON, which would make an object of each of thousands of numbers.
    """
    start, end = body.find(b"[") + 1, body.rfind(b"]")
    try:
        if find(orjson.loads(body[:start] + body[end:])) != []:
            return None
        rows = body[start:end]
        first = orjson.loads(rows[: rows.find(rows[-1:]) + 1])
        names = list(first) if isinstance(first, dict) else list(range(len(first)))
        places = [names.index(key) for key in keys]
    except (LookupError, TypeError, ValueError):
        return None
    return _columns(rows, len(names), places) if _are_alike(rows, first) else None


def _are_alike(rows: bytes, first: Any) -> bool:
    """Whether every row is the first one with other digits, and has nothing but digits for its values."""
    pattern = _without_numbers(first)
    found = rows.translate(None, _NUMBER)
    return found == b",".join([pattern] * ((len(found) + 1) // (len(pattern) + 1)))


def _without_numbers(row: Any) -> bytes:
    """A row as it is written when each of its values is a number and the digits are left out."""
    if isinstance(row, list):
        return orjson.dumps(["" if isinstance(cell, str) else None for cell in row]).replace(b"null", b"")
    blank = {name: "" if isinstance(cell, str) else None for name, cell in row.items()}
    return orjson.dumps(blank).replace(b"null", b"")


def _columns(rows: bytes, count: int, places: Sequence[int]) -> FloatArray | None:
    # Late: it is memory that a desk without venues can do without.
    import pyarrow as pa
    from pyarrow import csv

    # The comma between two rows comes after the end of a line: it makes an empty first column, in each line.
    lines = b"," + rows.translate(
        bytes.maketrans(rows[-1:], b"\n"), _EVERYTHING.translate(None, _NUMBER + b"," + rows[-1:])
    )
    wanted = [str(place) for place in places]
    try:
        table = csv.read_csv(
            pa.py_buffer(lines),
            read_options=csv.ReadOptions(use_threads=False, column_names=["", *map(str, range(count))]),
            convert_options=csv.ConvertOptions(
                include_columns=wanted, column_types=dict.fromkeys(wanted, pa.float64())
            ),
        )
    except pa.ArrowInvalid:
        return None
    numbers = np.column_stack([column.to_numpy() for column in table.columns])
    return None if np.isnan(numbers).any() else numbers


def _from_json(reply: Reply, keys: Sequence[Key], find: FindRows, name: str) -> FloatArray:
    body = reply.json(exact=False)
    try:
        rows = find(body)
    except (LookupError, TypeError):
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, list | dict) for row in rows):
        raise Unreadable(f"expected rows of candles, found {masked(str(body))[:80]}")
    return np.array([_numbers(row, number, keys, name) for number, row in enumerate(rows)]).reshape(-1, len(keys))


def _numbers(row: Any, number: int, keys: Sequence[Key], name: str) -> list[float]:
    try:
        return [float(row[key]) for key in keys]
    except (LookupError, TypeError, ValueError):
        raise MalformedCandles(
            f"{name}: expected a number at each of {', '.join(map(str, keys))} in row {number}, found {row!r}"
        ) from None
