"""A recording is read back to the last bit, says what it is, and is never half there."""

import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from desk.adapters.data.grids import Grid
from desk.adapters.data.names import SeriesName
from desk.adapters.data.stored import (
    KEY,
    Facts,
    column_values,
    data_hash,
    load,
    read_columns,
    read_extent,
    read_facts,
    write_file,
)
from desk.adapters.feeds.recorded import RecordedFeed
from desk.candle_checks.columns import columns_of
from desk.errors import ConfigError, DataError, MalformedCandles
from desk.model.instrument import InstrumentKind
from desk.model.timeframe import Timeframe
from tests.desk.candle_checks.recordings import FIRST, M5, changed, recorded

NAME = SeriesName("oanda", "EUR/USD", M5)
AT = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
SIDED = recorded(100, sides=True)


def facts_of(columns, name=NAME, **changes):
    return Facts(name, InstrumentKind.FX, AT, data_hash(columns), **changes)


def written(folder, columns=SIDED, name=NAME):
    path = name.path(folder)
    write_file(path, facts_of(columns, name), columns)
    return path


def assert_same(one, other):
    assert np.array_equal(one.time, other.time)
    assert list(one.values) == list(other.values)
    assert all(np.array_equal(values, other.values[name]) for name, values in one.values.items())


def test_a_recording_is_read_back_to_the_last_bit(tmp_path):
    path = written(tmp_path)
    assert path == tmp_path / "oanda" / "EUR-USD" / "M5.parquet"
    assert_same(read_columns(path), SIDED)
    assert read_facts(path) == facts_of(SIDED)
    assert sorted(file.name for file in path.parent.iterdir()) == ["M5.parquet"]


def told_again(path, **changes):
    """Write the facts of a file as an earlier release or another program would."""
    table = parquet.read_table(path)
    told = {**json.loads(table.schema.metadata[KEY]), **changes}
    told = {name: value for name, value in told.items() if value is not ...}
    parquet.write_table(table.replace_schema_metadata({KEY: json.dumps(told).encode()}), path)


def test_it_says_how_its_instrument_is_traded_where_that_is_known(tmp_path):
    path, grid = NAME.path(tmp_path), Grid(Decimal("0.00001"), Decimal(1), Decimal(1), Decimal("0.10"))
    write_file(path, facts_of(SIDED, grid=grid), SIDED)
    assert read_facts(path).grid == grid
    assert read_facts(path).instrument == grid.instrument("EUR/USD", InstrumentKind.FX)
    told_again(path, kind=None)
    assert read_facts(path).instrument is None


def test_files_of_earlier_releases_say_no_grid(tmp_path):
    path = written(tmp_path)
    told_again(path, grid=...)
    assert read_facts(path) == facts_of(SIDED)
    assert (read_facts(path).grid, read_facts(path).instrument) == (None, None)


@pytest.mark.parametrize("grid", [{"tick": "1"}, "1", {"tick": "0"}, {"tick": "one"}])
def test_a_grid_that_cannot_be_is_told_with_the_file(tmp_path, grid):
    path = written(tmp_path)
    rest = {"lot": "1", "minimum_quantity": "1", "minimum_notional": "0"} if grid != {"tick": "1"} else {}
    told_again(path, grid={**grid, **rest} if isinstance(grid, dict) else grid)
    with pytest.raises(ConfigError, match=r"M5.parquet: expected the facts of a recording"):
        read_facts(path)


def test_it_says_how_much_there_is(tmp_path):
    extent = read_extent(written(tmp_path), M5)
    assert (extent.candles, extent.first.timestamp(), extent.last.timestamp()) == (100, FIRST, FIRST + 100 * 300)
    assert extent.size_bytes == NAME.path(tmp_path).stat().st_size
    empty = read_extent(written(tmp_path, SIDED.rows(slice(0))), M5)
    assert (empty.candles, empty.first, empty.last) == (0, None, None)


def test_candles_are_loaded_validated_with_the_sides_that_are_wanted(tmp_path):
    path = written(tmp_path)
    whole, prices, bids = load(path), load(path, ()), load([path], ("bid",))
    assert (whole.instrument, whole.timeframe) == ("EUR/USD", M5)
    assert_same(columns_of(whole), SIDED)
    assert (prices.bid, prices.ask, bids.ask) == (None, None, None)
    assert np.array_equal(bids.bid.close, SIDED.values["bid_close"])


def test_a_volume_that_is_not_known_is_not_written_and_loaded_as_nothing(tmp_path):
    path = written(tmp_path, recorded(20, volume=False))
    assert "volume" not in parquet.read_schema(path).names
    assert not load(path).volume.any()


def test_recordings_that_follow_each_other_are_one(tmp_path):
    parts = [written(tmp_path / str(place), SIDED.rows(rows)) for place, rows in enumerate((slice(60, 100), slice(60)))]
    assert_same(columns_of(load(parts)), SIDED)


def test_recordings_that_overlap_or_differ_are_refused(tmp_path):
    one, other = written(tmp_path / "a", SIDED.rows(slice(60))), written(tmp_path / "b", SIDED.rows(slice(59, 90)))
    with pytest.raises(DataError, match="do not overlap, found that one ends at 2026-01-12 16:55"):
        load([one, other])
    gold = written(tmp_path, SIDED, SeriesName("oanda", "XAU/USD", M5))
    with pytest.raises(DataError, match="one instrument in one timeframe, found EUR/USD M5, XAU/USD M5"):
        load([one, gold])
    with pytest.raises(DataError, match="at least one"):
        load([])


def test_the_data_hash_is_one_that_anybody_can_compute():
    columns = recorded(10)
    digest = hashlib.sha256(b"time\n" + columns.time.astype("<i8").tobytes())
    for name in ("open", "high", "low", "close", "volume"):
        digest.update(f"{name}\n".encode() + columns.values[name].astype("<f8").tobytes())
    assert data_hash(columns) == digest.hexdigest()


@pytest.mark.parametrize("name", ["time", "open", "volume", "ask_close"])
def test_the_data_hash_changes_with_the_last_bit_of_any_value(name):
    values = SIDED.time if name == "time" else SIDED.values[name]
    nudged = values[3] + 1 if name == "time" else np.nextafter(values[3], np.inf)
    assert data_hash(changed(SIDED, name, 3, nudged)) != data_hash(SIDED)
    assert data_hash(SIDED.rows(slice(None))) == data_hash(SIDED)


def test_a_file_that_cannot_be_written_leaves_the_one_before(tmp_path):
    path = written(tmp_path)
    broken = facts_of(SIDED, made_from="\ud800")  # no text that can be written
    with pytest.raises(TypeError):
        write_file(path, broken, SIDED.rows(slice(3)))
    assert_same(read_columns(path), SIDED)
    assert [file.name for file in path.parent.iterdir()] == ["M5.parquet"]


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "oanda").write_text("a file")
    with pytest.raises(DataError, match="expected a folder that can be made"):
        written(tmp_path)


def test_other_files_are_no_recordings(tmp_path):
    path = tmp_path / "other.parquet"
    parquet.write_table(pa.table({"time": [1]}), path)
    with pytest.raises(ConfigError, match="expected a recording, found another Parquet file; `desk data import`"):
        load(path)
    path.write_text("not parquet")
    with pytest.raises(ConfigError, match=r"expected a readable .parquet file"):
        load(path)
    told = json.dumps({"source": "oanda"}).encode()
    parquet.write_table(pa.table({"time": [1]}).replace_schema_metadata({KEY: told}), path)
    with pytest.raises(ConfigError, match="expected the facts of a recording"):
        read_facts(path)


def test_what_was_changed_since_is_not_loaded(tmp_path):
    path = written(tmp_path, changed(SIDED, "high", 7, 1.0))
    with pytest.raises(MalformedCandles, match=r"M5.parquet: EUR/USD M5: high and low.*`desk data check` says"):
        load(path)


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([pa.array([1.5, 2.5])], [1.5, 2.5]),
        ([pa.array([1.5]), pa.array([2.5])], [1.5, 2.5]),
        ([pa.array([0.5, 1.5, 2.5])[1:]], [1.5, 2.5]),
        ([pa.array([1.5, None])], [1.5, np.nan]),
        ([pa.array([1.5]), pa.array([None], pa.float64())], [1.5, np.nan]),
        ([pa.array([1, 2], pa.int32())], [1.0, 2.0]),
        ([pa.array([1.5], pa.float32())], [1.5]),
        ([pa.array([True, False])], [1.0, 0.0]),
        ([], []),
    ],
)
def test_a_column_is_the_same_numbers_whatever_it_is_made_of(chunks, expected):
    found = column_values(pa.chunked_array(chunks, None if chunks else pa.float64()), np.float64)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, expected)


def test_a_row_without_a_time_is_told(tmp_path):
    path = written(tmp_path)
    table = parquet.read_table(path)
    times = pa.array([None, *table["time"].to_pylist()[1:]], pa.int64())
    parquet.write_table(table.set_column(0, "time", times), path)
    with pytest.raises(DataError, match="expected an open time in every row, found 1 rows without one"):
        read_columns(path)


def test_reading_a_recording_does_not_load_pandas(tmp_path):
    words = "import sys; from pathlib import Path; from desk.adapters.data.stored import load; "
    words += "print(len(load(Path(sys.argv[1]))), 'pandas' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", words, str(written(tmp_path))], capture_output=True, text=True, check=True
    )
    assert done.stdout == "100 False\n"


def test_a_file_that_was_cut_off_is_told(tmp_path):
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ConfigError, match=r"expected a readable .parquet file"):
        load(path)


async def test_a_recorded_feed_plays_a_recording(tmp_path):
    path = written(tmp_path)
    feed = RecordedFeed({"EUR/USD": path})
    await feed.load()
    candles = await feed.candles("EUR/USD", Timeframe.M5, until=AT, count=1_000)
    assert_same(columns_of(candles), SIDED)
    with pytest.raises(ConfigError, match="expected candles of XAU/USD, found those of EUR/USD"):
        await RecordedFeed({"XAU/USD": path}).load()


def test_a_path_and_a_list_of_one_are_the_same(tmp_path):
    path: Path = written(tmp_path)
    assert load(path).time.tolist() == load(iter([path])).time.tolist()
