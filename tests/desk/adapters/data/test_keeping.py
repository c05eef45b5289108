"""Candles are added to what is there: what is the same folds, what is new is added, what contradicts is refused."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Thread

import numpy as np
import pytest

from desk.adapters.data.grids import Grid
from desk.adapters.data.keeping import Batch, keep
from desk.adapters.data.names import SeriesName
from desk.adapters.data.stored import data_hash, load, read_columns, read_facts
from desk.errors import DataError, MalformedCandles
from desk.model.instrument import InstrumentKind
from desk.model.timeframe import Timeframe
from tests.desk.candle_checks.recordings import M5, changed, recorded

NAME = SeriesName("oanda", "EUR/USD", M5)
AT = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
WHOLE = recorded(100)


def kept(folder, columns, *, at=AT, prefer=None, name=NAME, **batch):
    return keep(folder, Batch(name, columns, "file.csv", **batch), written_at=at, prefer=prefer)


def test_the_first_batch_makes_the_recording_and_its_facts(tmp_path):
    done = kept(tmp_path, WHOLE)
    assert (done.candles, done.added, done.same, done.contradicting) == (100, 100, 0, 0)
    facts = read_facts(done.path)
    assert (facts.kind, facts.written_at, facts.sha256) == (InstrumentKind.FX, AT, data_hash(WHOLE))


def test_overlapping_batches_make_the_whole(tmp_path):
    kept(tmp_path, WHOLE.rows(slice(40, 100)))
    done = kept(tmp_path, WHOLE.rows(slice(60)), at=AT + timedelta(days=1))
    assert (done.candles, done.added, done.same) == (100, 40, 20)
    assert read_facts(done.path).sha256 == data_hash(WHOLE)
    assert read_facts(done.path).written_at == AT + timedelta(days=1)


def test_the_same_again_leaves_the_file_as_it_is(tmp_path):
    path = kept(tmp_path, WHOLE).path
    before = path.stat().st_ino
    done = kept(tmp_path, WHOLE.rows(slice(10, 20)), at=AT + timedelta(days=1))
    assert (done.added, done.same, done.facts.written_at) == (0, 10, AT)
    assert path.stat().st_ino == before


def test_a_contradiction_is_refused_with_the_first_ten_and_changes_nothing(tmp_path):
    path = kept(tmp_path, WHOLE).path
    other = changed(WHOLE, "volume", slice(0, 12), 1_000.0)
    with pytest.raises(DataError) as error:
        kept(tmp_path, other)
    lines = str(error.value).splitlines()
    assert "found 12 candles that differ in file.csv; nothing was changed" in lines[0]
    assert "--prefer old or --prefer new" in lines[0]
    assert lines[1] == f"2026-01-12T12:00:00Z: volume is {WHOLE.values['volume'][0]} here and 1000.0 there"
    assert (len(lines), lines[-1]) == (12, "and 2 more")
    assert data_hash(read_columns(path)) == data_hash(WHOLE)


@pytest.mark.parametrize("prefer", ["old", "new"])
def test_a_contradiction_is_settled_by_whoever_says_how(tmp_path, prefer):
    other = changed(WHOLE, "volume", 5, 1_000.0)
    path = kept(tmp_path, WHOLE).path
    done = kept(tmp_path, other, prefer=prefer)
    assert (done.contradicting, done.same, done.added) == (1, 99, 0)
    expected = data_hash(WHOLE if prefer == "old" else other)
    assert data_hash(read_columns(path)) == read_facts(path).sha256 == done.facts.sha256 == expected


def test_a_broken_batch_is_refused_whole_with_its_rows(tmp_path):
    broken = changed(changed(WHOLE, "high", 7, 0.5), "volume", 3, -1.0)
    with pytest.raises(MalformedCandles) as error:
        kept(tmp_path, broken)
    lines = str(error.value).splitlines()
    assert lines[0].startswith("file.csv: expected candles that can be right, found 2 that break a rule; nothing was")
    assert lines[1].startswith("enclose: row 8, 2026-01-12T12:35:00Z: expected high and low around open and close")
    assert lines[2] == "volume: row 4, 2026-01-12T12:15:00Z: expected 0 or more, found -1.0"
    assert not NAME.path(tmp_path).exists()


def test_other_columns_than_those_that_are_there_are_refused(tmp_path):
    kept(tmp_path, WHOLE)
    with pytest.raises(DataError, match=r"\(volume on one side only\); import it under another --source"):
        kept(tmp_path, recorded(100, volume=False))
    with pytest.raises(DataError, match="bid_open, bid_high"):
        kept(tmp_path, recorded(100, sides=True))


def test_the_kind_is_that_of_the_batch_or_what_is_known_already(tmp_path):
    exotic = SeriesName("mt5", "USD/MXN", M5)
    assert kept(tmp_path, WHOLE.rows(slice(50)), name=exotic).facts.kind is None
    assert kept(tmp_path, WHOLE, name=exotic, kind=InstrumentKind.FX).facts.kind is InstrumentKind.FX
    later = recorded(20, first=int(WHOLE.time[-1]) + 300)
    assert kept(tmp_path, later, name=exotic).facts.kind is InstrumentKind.FX
    perpetual = SeriesName("aster", "ABC/USDT:USDT", M5)
    assert kept(tmp_path, WHOLE, name=perpetual).facts.kind is InstrumentKind.PERPETUAL


def test_what_is_said_of_the_instrument_is_kept_though_no_candle_is_new(tmp_path):
    exotic = SeriesName("mt5", "USD/MXN", M5)
    one, other = (Grid(Decimal(tick), Decimal(1), Decimal(1)) for tick in ("0.0001", "0.00001"))
    assert kept(tmp_path, WHOLE, name=exotic).facts.grid is None
    done = kept(tmp_path, WHOLE, name=exotic, kind=InstrumentKind.FX, grid=one)
    assert (done.added, done.facts.kind, done.facts.grid) == (0, InstrumentKind.FX, one)
    assert read_facts(done.path) == done.facts
    assert kept(tmp_path, WHOLE.rows(slice(9)), name=exotic).facts.grid == one
    assert kept(tmp_path, WHOLE.rows(slice(9)), name=exotic, grid=other).facts.grid == other
    assert data_hash(read_columns(done.path)) == data_hash(WHOLE)


def test_two_who_write_at_once_lose_nothing(tmp_path):
    parts = [WHOLE.rows(slice(start, start + 10)) for start in range(0, 100, 10)]
    threads = [Thread(target=kept, args=(tmp_path, part)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert np.array_equal(load(NAME.path(tmp_path)).time, WHOLE.time)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(DataError, match="data: expected a folder that can be written"):
        kept(tmp_path / "data", WHOLE)


def test_hours_are_kept_beside_minutes(tmp_path):
    hours = recorded(24 * 12).rows(slice(0, None, 12))
    assert kept(tmp_path, hours, name=SeriesName("oanda", "EUR/USD", Timeframe.H1)).path.name == "H1.parquet"
