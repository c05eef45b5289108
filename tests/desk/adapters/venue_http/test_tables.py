"""Candles out of bytes: the same numbers by the quick way and by JSON, and never numbers of something else."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.adapters.venue_http import tables
from desk.adapters.venue_http.reply import Reply, Unreadable
from desk.adapters.venue_http.tables import in_order, read_table, to_candles
from desk.errors import MalformedCandles
from desk.model.timeframe import Timeframe

NAMES = ("time", "open", "high", "low", "close", "volume")
SIX = range(6)
ROW = [1_700_000_040_000, "1.5", "2", "1.25", "1.75", "10"]


def reply(body: object, *, compact: bool = True) -> Reply:
    separators = (",", ":") if compact else (", ", ": ")
    return Reply(200, {}, json.dumps(body, separators=separators).encode())


def quick(body: object, keys=SIX, **more) -> np.ndarray | None:
    return tables._from_bytes(reply(body).body, keys, more.get("rows", lambda found: found))


prices = st.decimals(min_value="0.00000001", max_value="1000000", places=8).map(lambda number: f"{number:f}")
rows_of_texts = st.lists(st.tuples(*[prices] * 6).map(list), min_size=1, max_size=8)


@given(rows_of_texts)
def test_texts_are_read_as_python_reads_them(rows):
    expected = np.array([[float(cell) for cell in row] for row in rows])
    np.testing.assert_array_equal(quick(rows), expected)
    np.testing.assert_array_equal(read_table(reply(rows, compact=False), SIX), expected)


def test_numbers_texts_and_other_columns_are_told_apart():
    rows = [[*ROW, 7, "8"], [*ROW, 7, "9"]]
    assert quick(rows).tolist() == [[1_700_000_040_000, 1.5, 2, 1.25, 1.75, 10]] * 2


def test_objects_are_read_by_their_names_in_whatever_order_they_are_written():
    shuffled = [dict(zip(NAMES[::-1], map(str, range(6)), strict=True))]
    body = {"candles": shuffled}
    found = quick(body, NAMES, rows=lambda told: told["candles"])
    assert found.tolist() == [[5, 4, 3, 2, 1, 0]]


def test_an_envelope_with_numbers_is_not_read_as_a_row():
    body = {"code": "200000", "data": [ROW], "more": 12}
    assert quick(body, rows=lambda told: told["data"]).tolist() == [[float(cell) for cell in ROW]]


def test_no_rows_are_an_empty_table():
    assert read_table(reply([]), SIX).shape == (0, 6)


@pytest.mark.parametrize(
    "rows",
    [
        [ROW, [*ROW, "7"]],
        [ROW, ROW[:5]],
        [ROW, [str(cell) for cell in ROW]],
        [ROW, ["x", *ROW[1:]]],
        [[*ROW[:5], "1e3"], ROW],
        [[*ROW[:5], ""]],
        [[*ROW[:5], "1.2.3"]],
        [[*ROW[:5], "1-2"]],
        [[*ROW[:5], "-"]],
        [[*ROW[:5], "1,2"]],
        [[*ROW[:5], None]],
        [[*ROW, ["1"]]],
    ],
)
def test_rows_that_are_not_alike_or_not_numbers_are_left_to_json(rows):
    assert quick(rows) is None


def test_names_with_digits_are_left_to_json():
    row = {f"{name}1": "2" for name in NAMES}
    keys = tuple(row)
    assert quick([row], keys) is None
    assert read_table(reply([row]), keys).tolist() == [[2] * 6]


@pytest.mark.parametrize("cell", ["1e3", 1e22, "1E3"])
def test_an_exponent_in_every_row_is_read_by_json(cell):
    rows = [[*ROW[:5], cell]] * 3
    assert quick(rows) is None
    assert read_table(reply(rows), SIX)[:, 5].tolist() == [float(cell)] * 3


@pytest.mark.parametrize(
    ("row", "shown"), [([*ROW[:5], "ten"], "ten"), (ROW[:3], "1.25"), ([*ROW[:5], None], "None"), ({"a": 1}, "a")]
)
def test_the_row_that_is_wrong_is_named(row, shown):
    with pytest.raises(MalformedCandles, match=r"BTC: expected a number at each of 0, 1.* in row 1, found") as told:
        read_table(reply([ROW, row]), SIX, name="BTC")
    assert shown.split(".")[0] in str(told.value)


@pytest.mark.parametrize("body", [b'[["1",', b"<html>", b'{"rows": 1}', b"[1]", b'["123456"]', b"12", b"", b"[["])
def test_what_is_no_list_of_rows_is_unreadable(body):
    with pytest.raises(Unreadable):
        read_table(Reply(200, {}, body), SIX)


def test_rows_are_put_in_order_and_the_first_of_a_time_counts():
    table = np.array([[3, 1], [1, 1], [3, 2], [2, 1]], dtype=float)
    assert in_order(table).tolist() == [[1, 1], [2, 1], [3, 1]]
    assert in_order(table[[0, 3, 1]]).tolist() == [[1, 1], [2, 1], [3, 1]]
    assert in_order(np.empty((0, 6))).shape == (0, 6)


def test_an_open_time_that_is_no_whole_second_is_malformed():
    table = np.array([[60, 1, 1, 1, 1, 1], [120.5, 1, 1, 1, 1, 1]])
    with pytest.raises(MalformedCandles, match=r"BTC/USD M1: open times must be whole seconds; candle 1 of 2 has"):
        to_candles("BTC/USD", Timeframe.M1, table)
