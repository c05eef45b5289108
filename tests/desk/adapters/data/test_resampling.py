"""Longer candles are made of whole ones, as pandas makes them; what is not whole is left out and counted."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from desk.adapters.data.examining import examine
from desk.adapters.data.foreign import Wanted
from desk.adapters.data.grids import Grid
from desk.adapters.data.importing import import_file
from desk.adapters.data.keeping import Batch, keep
from desk.adapters.data.names import SeriesName
from desk.adapters.data.resampling import Longer, resample_file
from desk.adapters.data.stored import load, read_columns, read_facts
from desk.errors import DataError
from desk.model.timeframe import Timeframe
from tests.desk.candle_checks.recordings import FIRST, M5, recorded

NAME = SeriesName("made", "BTC/USD", M5)
AT = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
H1 = Timeframe.H1
HOURS = Longer(H1)
DATA = Path(__file__).parents[5] / "shared" / "data"
REAL = pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")


def made_longer(folder, columns, longer=HOURS, name=NAME):
    path = keep(folder, Batch(name, columns, "made"), written_at=AT).path
    return resample_file(folder, path, longer, written_at=AT, prefer=None)


def by_pandas(candles, rule, count):
    """What pandas makes of whole buckets of so many candles."""
    how = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    frame = candles.frame
    how |= {f"{side}_{name}": how[name] for side in ("bid", "ask") for name in list(how)[:4]}
    grouped = frame.resample(rule, label="left", closed="left")
    made = grouped.agg({name: how[name] for name in frame.columns})
    return made[grouped.close.count() == count]


@pytest.mark.parametrize(("longer", "rule", "count"), [(H1, "1h", 12), (Timeframe.M15, "15min", 3)])
def test_whole_candles_are_those_of_pandas_with_both_sides(tmp_path, longer, rule, count):
    columns = recorded(500, sides=True).rows(np.r_[3:100, 101:140, 171:500])
    done = made_longer(tmp_path, columns, Longer(longer))
    expected = by_pandas(load(NAME.path(tmp_path)), rule, count)
    found = load(done.kept.path).frame
    assert len(found) == len(expected) == done.made
    assert list(found.columns) == list(expected.columns)
    np.testing.assert_array_equal(found.index, expected.index)
    np.testing.assert_allclose(found.to_numpy(), expected.to_numpy(), rtol=1e-15)
    assert done.partial > 0


@REAL
def test_a_real_year_of_bitcoin_is_that_of_pandas(tmp_path):
    wanted = Wanted(DATA / "BTC-USDT_M5_binance_2024.parquet", M5, AT)
    path = import_file(tmp_path, wanted, NAME, kind=None, prefer=None).kept.path
    done = resample_file(tmp_path, path, Longer(H1), written_at=AT, prefer=None)
    expected = by_pandas(load(path), "1h", 12)
    np.testing.assert_allclose(load(done.kept.path).frame.to_numpy(), expected.to_numpy(), rtol=1e-12)
    assert (done.made, done.partial) == (5_980, 1)


@REAL
def test_a_week_end_ends_a_candle_early_and_does_not_make_it_partial(tmp_path):
    wanted = Wanted(DATA / "EUR_USD_H1_bidask_oanda_lean.parquet", H1, AT)
    name = SeriesName("oanda", "EUR/USD", H1)
    path = import_file(tmp_path, wanted, name, kind=None, prefer=None).kept.path
    done = resample_file(tmp_path, path, Longer(Timeframe.H4), written_at=AT, prefer=None)
    friday = int(datetime(2014, 5, 9, 20, 0, tzinfo=UTC).timestamp())
    assert friday in load(done.kept.path).time
    assert 0 < done.partial < 0.01 * done.made
    assert not examine(done.kept.path).is_wrong


def test_both_ends_are_left_out_where_they_are_not_whole(tmp_path):
    done = made_longer(tmp_path, recorded(60, first=FIRST + 300))
    assert (done.made, done.partial) == (4, 2)
    assert load(done.kept.path).time[0] == FIRST + 3_600


def test_less_than_all_is_enough_where_somebody_says_so(tmp_path):
    columns = recorded(60).rows(np.delete(np.arange(60), [13, 25, 26, 27]))
    done = made_longer(tmp_path / "all", columns)
    most = made_longer(tmp_path / "most", columns, Longer(H1, coverage=0.9))
    assert (done.made, done.partial, most.made, most.partial) == (3, 2, 4, 1)


def test_an_end_that_may_go_on_is_no_whole_candle_however_little_is_enough(tmp_path):
    columns = recorded(59)
    assert made_longer(tmp_path, columns, Longer(H1, coverage=0.5)).made == 4


def test_the_recording_says_what_it_was_made_from_and_of_which_kind_it_is(tmp_path):
    done = made_longer(tmp_path, recorded(60))
    source, facts = read_facts(NAME.path(tmp_path)), read_facts(done.kept.path)
    assert facts.made_from == f"made/BTC-USD/M5 {source.sha256}"
    assert (facts.kind, facts.name) == (source.kind, SeriesName("made", "BTC/USD", H1))


def test_longer_candles_are_traded_as_those_that_they_were_made_from(tmp_path):
    grid = Grid(Decimal("0.01"), Decimal("0.001"), Decimal("0.001"))
    path = keep(tmp_path, Batch(NAME, recorded(60), "made", grid=grid), written_at=AT).path
    assert resample_file(tmp_path, path, Longer(H1), written_at=AT, prefer=None).kept.facts.grid == grid


def test_a_volume_that_is_not_known_stays_so(tmp_path):
    done = made_longer(tmp_path, recorded(60, volume=False))
    assert "volume" not in read_columns(done.kept.path).values


def test_what_came_since_is_added(tmp_path):
    made_longer(tmp_path, recorded(60))
    done = made_longer(tmp_path, recorded(60, seed=4, first=FIRST + 60 * 300))
    assert (done.made, done.kept.added, done.kept.same) == (10, 5, 5)


def test_a_shorter_timeframe_and_nothing_whole_are_refused(tmp_path):
    with pytest.raises(DataError, match="expected a longer timeframe than M5, found M1"):
        made_longer(tmp_path / "a", recorded(60), Longer(Timeframe.M1))
    with pytest.raises(DataError, match="expected candles for a whole one of H1, found 1 in parts"):
        made_longer(tmp_path / "b", recorded(11))
