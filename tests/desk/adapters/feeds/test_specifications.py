"""How a recorded instrument is traded is what the operator wrote, else what its file says, else the catalogue's."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from desk.adapters.data.grids import Grid
from desk.adapters.data.keeping import Batch, keep
from desk.adapters.data.names import SeriesName
from desk.adapters.data.stored import load
from desk.adapters.feeds.catalogue import CATALOGUE
from desk.adapters.feeds.recorded import RecordedFeed
from desk.adapters.feeds.specifications import is_described, specification_of
from desk.errors import ConfigError, DataError
from desk.model.instrument import Instrument, InstrumentKind
from tests.desk.candle_checks.recordings import M5, recorded

AT = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
GRID = Grid(Decimal("0.00001"), Decimal("0.1"), Decimal(10))
OF_THE_FILE = GRID.instrument("DOGE/USDT", InstrumentKind.SPOT)
WRITTEN = Instrument("DOGE/USDT", InstrumentKind.SPOT, Decimal("0.001"), Decimal(1), Decimal(1))


def recording(
    folder: Path,
    name: str = "DOGE/USDT",
    *,
    grid: Grid | None = GRID,
    kind: InstrumentKind | None = InstrumentKind.SPOT,
) -> Path:
    batch = Batch(SeriesName("binance", name, M5), recorded(), "made", kind, grid=grid)
    return keep(folder, batch, written_at=AT).path


async def test_what_the_operator_wrote_goes_before_what_the_file_says(tmp_path: Path):
    path = recording(tmp_path)
    assert specification_of("DOGE/USDT", path, {"DOGE/USDT": WRITTEN}) == WRITTEN
    assert specification_of("DOGE/USDT", path, {}) == OF_THE_FILE
    assert await RecordedFeed({"DOGE/USDT": path}).instruments() == {"DOGE/USDT": OF_THE_FILE}


def test_what_the_file_says_goes_before_the_catalogue_which_knows_what_older_files_do_not_say(tmp_path: Path):
    told = GRID.instrument("BTC/USDT", InstrumentKind.SPOT)
    assert specification_of("BTC/USDT", recording(tmp_path, "BTC/USDT"), {}) == told
    older = recording(tmp_path / "older", "BTC/USDT", grid=None)
    assert specification_of("BTC/USDT", older, {}) == CATALOGUE["BTC/USDT"].instrument


def test_no_candle_is_read_for_it(tmp_path: Path):
    path = recording(tmp_path)
    facts = parquet.read_schema(path).metadata
    parquet.write_table(pa.table({"time": ["no", "candles"]}).replace_schema_metadata(facts), path)
    with pytest.raises((DataError, ValueError)):
        load(path)
    assert specification_of("DOGE/USDT", path, {}) == OF_THE_FILE
    assert is_described("DOGE/USDT", path)


@pytest.mark.parametrize(
    ("said", "command"),
    [
        (
            {"kind": None, "grid": None},
            "--source binance --kind KIND --tick TICK --lot LOT --minimum-quantity QUANTITY`",
        ),
        ({"grid": None}, "--source binance --tick TICK --lot LOT --minimum-quantity QUANTITY`"),
        ({"kind": None}, "--source binance --kind KIND`"),
    ],
)
def test_a_recording_that_says_too_little_is_told_with_the_command_that_adds_it(tmp_path: Path, said, command):
    path = recording(tmp_path, **said)
    assert not is_described("DOGE/USDT", path)
    with pytest.raises(ConfigError) as error:
        RecordedFeed({"DOGE/USDT": path})
    told = str(error.value)
    assert told.startswith("recorded feed: unknown instrument 'DOGE/USDT'; ")
    assert f"`desk data import {path} --instrument DOGE/USDT --timeframe M5 {command}" in told
    assert "or write kind, tick, lot and minimum_quantity of DOGE/USDT under `instruments` of a recorded feed" in told


@pytest.mark.parametrize(("name", "kind"), [("DOGE/USDT", " --kind KIND"), ("DOGE/USDT:USDT", "")])
def test_a_plain_file_is_to_be_made_a_recording(tmp_path: Path, name, kind):
    path = tmp_path / "doge.csv"
    path.touch()
    with pytest.raises(ConfigError) as error:
        specification_of(name, path, {})
    command = f"`desk data import {path} --instrument {name} --timeframe TIMEFRAME{kind} --tick TICK"
    assert command in str(error.value)


def test_a_file_of_another_instrument_says_nothing(tmp_path: Path):
    path = recording(tmp_path, "SHIB/USDT")
    for asked in (is_described, lambda name, path: specification_of(name, path, {})):
        with pytest.raises(ConfigError, match="expected candles of DOGE/USDT, found those of SHIB/USDT"):
            asked("DOGE/USDT", path)
